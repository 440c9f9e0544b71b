#include "backends/seccomp/inspection.h"

#include <doctest/doctest.h>

#include "backends/seccomp/inspection_print.h"

using namespace isola;
using namespace isola::backends::seccomp;
using kernel::Arch;

namespace {

constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t kAtLeast = BPF_JMP | BPF_JGE | BPF_K;
constexpr std::uint16_t kAnyBit = BPF_JMP | BPF_JSET | BPF_K;
constexpr std::uint16_t kAnswer = BPF_RET | BPF_K;

constexpr std::uint32_t kNumber = 0, kArch = 4, kFirst = 16, kSecond = 24;
constexpr std::uint32_t kX86_64 = 0xc000003e;
constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | 1;

using Instructions = std::vector<sock_filter>;

// For x86_64 alone: behind `ld nr`, `tail`; its second but last instruction refuses and its last allows.
Program for_x86_64(Instructions tail) {
  Instructions all = {{kLoad, 0, 0, kArch},
                      {kEqual, 1, 0, kX86_64},
                      {kAnswer, 0, 0, SECCOMP_RET_KILL_PROCESS},
                      {kLoad, 0, 0, kNumber}};
  all.insert(all.end(), tail.begin(), tail.end());
  all.push_back({kAnswer, 0, 0, kRefused});
  all.push_back({kAnswer, 0, 0, SECCOMP_RET_ALLOW});
  return {ByteOrder::Little, all};
}

// What a call of x86_64 gets, in words.
std::string words_for(const Program& program, std::string_view call) {
  const Inspection inspection = inspect(program, std::nullopt);
  for (const NumberAnswers& numbers : inspection.arches.front().numbers) {
    if (numbers.call != call) continue;
    std::string text;
    for (const Answer& answer : numbers.answers) {
      text += answer_text(answer.value) + (answer.condition.empty() ? "" : " if " + answer.condition + ", ");
    }
    return text;
  }
  return "";
}

// `socket` alone may be called, when `test` of the words at `offset` holds.
std::string socket_words(std::uint32_t offset, std::uint16_t test, std::uint32_t constant) {
  return words_for(for_x86_64({{kEqual, 0, 2, 41}, {kLoad, 0, 0, offset}, {test, 1, 0, constant}}), "socket");
}

}  // namespace

TEST_CASE("inspection: conditions are said with the names of parameters and constants") {
  CHECK(socket_words(kFirst, kEqual, 2) == "ALLOW if family == AF_INET, ERRNO(EPERM)");
  CHECK(socket_words(kFirst, kAtLeast, 10) == "ERRNO(EPERM) if family <= 9, ALLOW");
  CHECK(socket_words(kSecond, kAnyBit, 0x800) == "ALLOW if (type & 0x800) == SOCK_NONBLOCK, ERRNO(EPERM)");
  // The upper half of an int: the kernel does not read it, and the filter does.
  CHECK(socket_words(kFirst + 4, kEqual, 0) == "ALLOW if family:64 <= 0xffffffff, ERRNO(EPERM)");
}

TEST_CASE("inspection: calls that are always allowed are counted, and those that the cache serves") {
  const Program cacheable = for_x86_64({{kEqual, 2, 0, 0}, {kEqual, 1, 0, 1}});
  const ArchInspection arch = inspect(cacheable, std::nullopt).arches.front();
  CHECK(arch.name == "x86_64");
  CHECK(arch.always_allowed == 2);
  CHECK(arch.cached == 2);
  // The way to `read` looks at an argument and allows it either way.
  const Program uncached = for_x86_64(
      {{kEqual, 0, 3, 0}, {kLoad, 0, 0, kFirst}, {kEqual, 2, 0, 7}, {kAnswer, 0, 0, SECCOMP_RET_ALLOW}});
  const ArchInspection other = inspect(uncached, std::nullopt).arches.front();
  CHECK(other.always_allowed == 1);
  CHECK(other.cached == 0);
}

TEST_CASE("inspection: architectures that a filter does not name are one") {
  const Inspection inspection = inspect(for_x86_64({{kEqual, 1, 0, 0}}), std::nullopt);
  REQUIRE(inspection.arches.size() == 2);
  CHECK(inspection.arches[1].name == "x32");
  REQUIRE(inspection.other_arches.size() == 1);
  CHECK(inspection.other_arches.front().answers == std::vector<Answer>{{SECCOMP_RET_KILL_PROCESS, ""}});
  const Inspection of_arm = inspect(for_x86_64({{kEqual, 1, 0, 0}}), Arch::Arm);
  REQUIRE(of_arm.arches.size() == 1);
  CHECK(of_arm.arches.front().name == "arm");
}

TEST_CASE("inspection: a filter that does not ask for the architecture is said to be one") {
  const Program program{
      ByteOrder::Little,
      {{kLoad, 0, 0, kNumber}, {kEqual, 0, 1, 2}, {kAnswer, 0, 0, 0}, {kAnswer, 0, 0, SECCOMP_RET_ALLOW}}};
  CHECK_FALSE(inspect(program, std::nullopt).asks_for_arch);
  CHECK(inspect(program, std::nullopt).arches.front().name == "x86_64");
  CHECK(inspect(program, Arch::AArch64).arches.front().name == "aarch64");
}

TEST_CASE("inspection: arithmetic without a small function is said to be too complex") {
  Instructions product = {{kLoad, 0, 0, kFirst}, {BPF_MISC | BPF_TAX, 0, 0, 0}, {kLoad, 0, 0, kSecond}};
  product.push_back({BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0});
  product.push_back({kEqual, 0, 1, 0x12345677});
  product.push_back({kAnswer, 0, 0, 0});
  product.push_back({kAnswer, 0, 0, SECCOMP_RET_ALLOW});
  const Inspection inspection = inspect({ByteOrder::Little, product}, std::nullopt);
  CHECK(inspection.is_too_complex);
  CHECK(inspection.arches.empty());
  CHECK(inspection_text(inspection, "f").find("mul  x") != std::string::npos);
}

TEST_CASE("disassembly: names follow a call through shared instructions") {
  const Program program =
      for_x86_64({{kEqual, 1, 0, 41}, {kEqual, 0, 2, 53}, {kLoad, 0, 0, kFirst}, {kEqual, 1, 0, 1}});
  const std::vector<Line> lines = disassemble_lines(program);
  CHECK(lines[3].label == "x86_64");
  CHECK(lines[6].label == "socket, socketpair");
  CHECK(lines[6].text == "ld   arg0.low family");
  CHECK(lines[7].text == "jeq  1 AF_UNIX                      -> 0009 ALLOW");
}

TEST_CASE("disassembly: answers have the kernel's names, and their data") {
  CHECK(answer_text(SECCOMP_RET_ALLOW) == "ALLOW");
  CHECK(answer_text(SECCOMP_RET_ALLOW | 1) == "ALLOW (data 1)");
  CHECK(answer_text(SECCOMP_RET_ERRNO | 38) == "ERRNO(ENOSYS)");
  CHECK(answer_text(SECCOMP_RET_ERRNO | 89, Arch::Mips64El) == "ERRNO(ENOSYS)");
  CHECK(answer_text(SECCOMP_RET_ERRNO | 4000) == "ERRNO(4000)");
  CHECK(answer_text(0x12340000) == "KILL_PROCESS (0x12340000 is no action)");
}

TEST_CASE("disassembly: the byte order of a file is seen from its operation codes") {
  const Program little = for_x86_64({{kEqual, 1, 0, 0}});
  CHECK(guess_byte_order(to_bytes(little)) == ByteOrder::Little);
  CHECK(guess_byte_order(to_bytes({ByteOrder::Big, little.instructions})) == ByteOrder::Big);
  CHECK(guess_byte_order("") == ByteOrder::Little);
}
