#include "backends/seccomp/program.h"

#include <doctest/doctest.h>

#include "backends/seccomp/emit.h"

using namespace isola::backends::seccomp;

static std::uint32_t answer(const Program& program, std::uint32_t number) {
  const seccomp_data data{.nr = static_cast<int>(number), .arch = 0, .instruction_pointer = 0, .args = {}};
  return run(program, data).value_or(0xdead);
}

TEST_CASE("program: bytes come in the order of the program's machine") {
  const Program little{ByteOrder::Little, {{BPF_RET | BPF_K, 1, 2, 0x7fff0000}}};
  CHECK(to_bytes(little) == std::string("\x06\x00\x01\x02\x00\x00\xff\x7f", 8));
  const Program big{ByteOrder::Big, {{BPF_RET | BPF_K, 1, 2, 0x7fff0000}}};
  CHECK(to_bytes(big) == std::string("\x00\x06\x01\x02\x7f\xff\x00\x00", 8));
}

TEST_CASE("program: bytes that are no program are refused") {
  CHECK(!from_bytes("", ByteOrder::Little));
  CHECK(!from_bytes("1234567", ByteOrder::Little));
  CHECK(!from_bytes(std::string(8 * (kMostInstructions + 1), '\0'), ByteOrder::Little));
}

TEST_CASE("program: the upper half of an argument comes first on a big-endian machine") {
  CHECK(offset_of(lower_half(1), ByteOrder::Little) == 24);
  CHECK(offset_of(upper_half(1), ByteOrder::Little) == 28);
  CHECK(offset_of(lower_half(1), ByteOrder::Big) == 28);
  CHECK(offset_of(upper_half(1), ByteOrder::Big) == 24);
}

TEST_CASE("program: scratch memory, index register and arithmetic work as in the kernel") {
  const Program program{ByteOrder::Little,
                        {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                         {BPF_ST, 0, 0, 3},
                         {BPF_ALU | BPF_LSH | BPF_K, 0, 0, 4},
                         {BPF_MISC | BPF_TAX, 0, 0, 0},
                         {BPF_LD | BPF_MEM, 0, 0, 3},
                         {BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0},
                         {BPF_RET | BPF_A, 0, 0, 0}}};
  CHECK(answer(program, 3) == 3 * 17);
}

TEST_CASE("program: what the kernel refuses has no answer") {
  CHECK(answer({ByteOrder::Little, {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 64}, {BPF_RET | BPF_K, 0, 0, 1}}}, 0) ==
        0xdead);
  CHECK(answer({ByteOrder::Little, {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 1}}}, 0) ==
        0xdead);
  CHECK(answer({ByteOrder::Little, {{BPF_JMP | BPF_JA, 0, 0, 5}, {BPF_RET | BPF_K, 0, 0, 1}}}, 0) == 0xdead);
}

TEST_CASE("emit: tests reach answers and tests beyond the reach of a conditional jump") {
  Model model;
  const NodeId shared = model.graph.test(Node::Kind::Equal, 9, model.graph.answer(1), model.graph.answer(2));
  NodeId node = shared;
  for (std::uint32_t at = 0; at < 1500; ++at) {
    const NodeId target = at % 3 == 0 ? shared : model.graph.answer(100 + at % 2);
    node = model.graph.test(Node::Kind::Equal, 10 + at, target, node);
  }
  model.root = model.graph.load(kNumberWord, node);
  const Program program = emit(model);
  for (std::uint32_t at = 0; at < 1500; ++at) {
    CHECK(answer(program, 10 + at) == (at % 3 == 0 ? 2 : 100 + at % 2));
  }
  CHECK(answer(program, 9) == 1);
  CHECK(program.instructions.size() < 1560);
}
