#include "backends/seccomp/kernel_check.h"

#include <doctest/doctest.h>

using namespace isola::backends::seccomp;

namespace {

constexpr sock_filter kAllow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};

struct Case {
  sock_filter instruction;  // in front of an answer
  std::string_view reason;  // empty: the kernel takes it
};

std::string reason_for(const std::vector<sock_filter>& instructions) {
  const auto refusal = find_refusal({ByteOrder::Little, instructions});
  return refusal ? refusal->reason : "";
}

}  // namespace

TEST_CASE("kernel_check: an instruction that the kernel refuses is refused with its reason") {
  // clang-format off
  const Case cases[] = {
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 60},  ""},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 64},  "a load at 64 bytes, behind the 64 that a call has"},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 6},   "a load at 6 bytes, which is no multiple of 4"},
      {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 4},   "code 0x28 is no instruction of seccomp filters"},
      {{BPF_LD | BPF_W | BPF_IND, 0, 0, 4},   "code 0x40 is no instruction of seccomp filters"},
      {{BPF_ALU | BPF_MOD | BPF_K, 0, 0, 4},  "code 0x94 is no instruction of seccomp filters"},
      {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0},  "a division by zero"},
      {{BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0},  ""},
      {{BPF_ALU | BPF_RSH | BPF_K, 0, 0, 32}, "a shift of 32 bits by 32"},
      {{BPF_ALU | BPF_RSH | BPF_X, 0, 0, 32}, ""},
      {{BPF_ALU | BPF_NEG | BPF_X, 0, 0, 0},  "code 0x8c is no instruction of seccomp filters"},
      {{BPF_ST, 0, 0, 15},                    ""},
      {{BPF_STX, 0, 0, 16},                   "memory[16], where there are 16 words"},
      {{BPF_LD | BPF_MEM, 0, 0, 3},           "memory[3] may be read before it is written"},
      {{BPF_JMP | BPF_JA, 0, 0, 0},           ""},
      {{BPF_JMP | BPF_JA, 0, 0, 0xffffffff},  "a jump over 4294967295, where 1 follow"},
      {{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},  "a jump over 1, where 1 follow"},
      {{BPF_JMP | BPF_JA, 9, 9, 0},           ""},
      {{BPF_RET | BPF_X, 0, 0, 0},            "code 0xe is no instruction of seccomp filters"},
  };
  // clang-format on
  for (const Case& each : cases) CHECK(reason_for({each.instruction, kAllow}) == each.reason);
}

TEST_CASE("kernel_check: memory counts as written when it is on every way") {
  const sock_filter store{BPF_ST, 0, 0, 2};
  const sock_filter load{BPF_LD | BPF_MEM, 0, 0, 2};
  const sock_filter over_one{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 7};
  CHECK(reason_for({store, load, kAllow}) == "");
  CHECK(reason_for({over_one, store, load, kAllow}) == "memory[2] may be read before it is written");
  CHECK(reason_for({store, over_one, store, load, kAllow}) == "");
}

TEST_CASE("kernel_check: a program ends with an answer and has an end") {
  CHECK(reason_for({kAllow, {BPF_LD | BPF_IMM, 0, 0, 0}}) == "the last instruction is no `ret`");
  CHECK(reason_for({}) == "there is no instruction");
  CHECK(reason_for(std::vector<sock_filter>(4096, kAllow)) == "");
  CHECK(reason_for(std::vector<sock_filter>(4097, kAllow)) == "4097 instructions, where 4096 is the most");
}

TEST_CASE("kernel_check: bytes are read in the machine's order") {
  const std::string bytes = to_bytes({ByteOrder::Big, {kAllow}});
  CHECK(read_program(bytes, ByteOrder::Big).program.has_value());
  CHECK(read_program(bytes, ByteOrder::Little).refusal.reason ==
        "code 0x600 is no instruction of seccomp filters");
  CHECK(read_program(bytes.substr(1), ByteOrder::Big).refusal.reason ==
        "7 bytes are no whole number of instructions of 8 bytes");
}
