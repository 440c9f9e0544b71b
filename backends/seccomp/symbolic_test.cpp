// Random programs of every instruction: the function of a program against its interpreter.

#include "backends/seccomp/symbolic.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/action_code.h"
#include "backends/seccomp/fates.h"
#include "backends/seccomp/kernel_check.h"
#include "backends/seccomp/symbolic_word.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

using Code = std::uint16_t;

constexpr std::uint32_t kNumberOffset = 0;
constexpr std::uint32_t kArchOffset = 4;
constexpr std::uint32_t kFirstArgumentOffset = 16;
constexpr std::uint32_t kErrno = SECCOMP_RET_ERRNO;
constexpr std::uint32_t kX86_64 = 0xc000003e;

sock_filter make(Code code, std::uint32_t constant, std::uint8_t then = 0, std::uint8_t otherwise = 0) {
  return {code, then, otherwise, constant};
}

std::uint32_t answer_of(const std::vector<sock_filter>& instructions, const ir::CallWords& call,
                        ByteOrder byte_order = ByteOrder::Little) {
  const Program program{byte_order, instructions};
  REQUIRE_FALSE(find_refusal(program).has_value());
  ir::DecisionDiagrams diagrams(kMostDiagramNodes);
  const auto function = filter_function(program, diagrams);
  REQUIRE(function);
  return diagrams.evaluate(*function, call);
}

class Programs {
 public:
  explicit Programs(std::uint64_t seed) : engine_(seed) {}

  // One that the kernel takes, with few different values so that comparisons go both ways.
  Program random_program() {
    while (true) {
      Program program{below(2) == 0 ? ByteOrder::Little : ByteOrder::Big, {}};
      const std::size_t count = 2 + below(14);
      while (program.instructions.size() + 2 < count) program.instructions.push_back(random_instruction());
      program.instructions.push_back(make(BPF_RET | BPF_K, 1));
      program.instructions.push_back(make(below(4) == 0 ? BPF_RET | BPF_A : BPF_RET | BPF_K, 2));
      if (!find_refusal(program)) return program;
    }
  }

  ir::CallWords random_call() {
    ir::CallWords words;
    for (std::uint64_t& word : words) word = (std::uint64_t{value()} << 32) | value();
    return words;
  }

 private:
  std::size_t below(std::size_t count) { return engine_() % count; }
  std::uint32_t value() {
    static constexpr std::uint32_t kValues[] = {0, 1, 2, 3, 5, 31, 32, 33, 0x80000000, 0xffffffff, kX86_64};
    return kValues[below(std::size(kValues))];
  }

  sock_filter random_instruction() {
    static constexpr Code kCodes[] = {BPF_LD | BPF_W | BPF_ABS,
                                      BPF_LD | BPF_W | BPF_ABS,
                                      BPF_LD | BPF_W | BPF_ABS,
                                      BPF_LD | BPF_IMM,
                                      BPF_LDX | BPF_IMM,
                                      BPF_LD | BPF_MEM,
                                      BPF_LDX | BPF_MEM,
                                      BPF_LD | BPF_W | BPF_LEN,
                                      BPF_LDX | BPF_W | BPF_LEN,
                                      BPF_ST,
                                      BPF_STX,
                                      BPF_MISC | BPF_TAX,
                                      BPF_MISC | BPF_TXA,
                                      BPF_ALU | BPF_ADD | BPF_K,
                                      BPF_ALU | BPF_ADD | BPF_X,
                                      BPF_ALU | BPF_SUB | BPF_K,
                                      BPF_ALU | BPF_SUB | BPF_X,
                                      BPF_ALU | BPF_MUL | BPF_K,
                                      BPF_ALU | BPF_DIV | BPF_K,
                                      BPF_ALU | BPF_DIV | BPF_X,
                                      BPF_ALU | BPF_AND | BPF_K,
                                      BPF_ALU | BPF_AND | BPF_X,
                                      BPF_ALU | BPF_OR | BPF_K,
                                      BPF_ALU | BPF_OR | BPF_X,
                                      BPF_ALU | BPF_XOR | BPF_K,
                                      BPF_ALU | BPF_XOR | BPF_X,
                                      BPF_ALU | BPF_LSH | BPF_K,
                                      BPF_ALU | BPF_LSH | BPF_X,
                                      BPF_ALU | BPF_RSH | BPF_K,
                                      BPF_ALU | BPF_RSH | BPF_X,
                                      BPF_ALU | BPF_NEG,
                                      BPF_JMP | BPF_JA,
                                      BPF_JMP | BPF_JEQ | BPF_K,
                                      BPF_JMP | BPF_JEQ | BPF_X,
                                      BPF_JMP | BPF_JGT | BPF_K,
                                      BPF_JMP | BPF_JGT | BPF_X,
                                      BPF_JMP | BPF_JGE | BPF_K,
                                      BPF_JMP | BPF_JGE | BPF_X,
                                      BPF_JMP | BPF_JSET | BPF_K,
                                      BPF_JMP | BPF_JSET | BPF_X,
                                      BPF_RET | BPF_K,
                                      BPF_RET | BPF_A};
    const Code code = kCodes[below(std::size(kCodes))];
    const auto jump = [&] { return static_cast<std::uint8_t>(below(3)); };
    sock_filter instruction{code, 0, 0, value()};
    if (code == (BPF_LD | BPF_W | BPF_ABS)) instruction.k = static_cast<std::uint32_t>(4 * below(16));
    if (BPF_CLASS(code) == BPF_JMP) {
      instruction.jt = jump();
      instruction.jf = jump();
      if (BPF_OP(code) == BPF_JA) instruction.k = static_cast<std::uint32_t>(below(3));
    }
    if (BPF_MODE(code) == BPF_MEM || code == BPF_ST || code == BPF_STX) {
      instruction.k = static_cast<std::uint32_t>(below(2));
    }
    return instruction;
  }

  std::mt19937_64 engine_;
};

}  // namespace

TEST_CASE("symbolic: random programs of every instruction answer as the interpreter says") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed ", seed);
  Programs random(seed);
  std::size_t compared = 0;
  for (int count = 0; count < 2000; ++count) {
    const Program program = random.random_program();
    ir::DecisionDiagrams diagrams(20'000);
    const auto function = filter_function(program, diagrams);
    if (!function) continue;
    for (int call = 0; call < 20; ++call) {
      const ir::CallWords words = random.random_call();
      const auto returned = run(program, data_of(words));
      REQUIRE(returned);
      REQUIRE(diagrams.evaluate(*function, words) == effective_answer(*returned));
      ++compared;
    }
  }
  CHECK(compared > 30'000);
}

TEST_CASE("symbolic: a division by a register of zero ends the filter with 0") {
  const std::vector<sock_filter> divides = {make(BPF_LD | BPF_W | BPF_ABS, kNumberOffset),
                                            make(BPF_MISC | BPF_TAX, 0),
                                            make(BPF_LD | BPF_IMM, 100),
                                            make(BPF_ALU | BPF_DIV | BPF_X, 0),
                                            make(BPF_ALU | BPF_OR | BPF_K, kErrno),
                                            make(BPF_RET | BPF_A, 0)};
  CHECK(answer_of(divides, ir::words_of(kX86_64, 0, {})) == 0);
  CHECK(answer_of(divides, ir::words_of(kX86_64, 7, {})) == (kErrno | 14));
  CHECK(answer_of(divides, ir::words_of(kX86_64, 101, {})) == kErrno);
}

TEST_CASE("symbolic: a shift by a register takes its count modulo 32") {
  const std::vector<sock_filter> shifts = {make(BPF_LD | BPF_W | BPF_ABS, kNumberOffset),
                                           make(BPF_MISC | BPF_TAX, 0),
                                           make(BPF_LD | BPF_IMM, 1),
                                           make(BPF_ALU | BPF_LSH | BPF_X, 0),
                                           make(BPF_ALU | BPF_OR | BPF_K, kErrno),
                                           make(BPF_RET | BPF_A, 0)};
  CHECK(answer_of(shifts, ir::words_of(kX86_64, 4, {})) == (kErrno | 16));
  CHECK(answer_of(shifts, ir::words_of(kX86_64, 33, {})) == (kErrno | 2));
}

TEST_CASE("symbolic: the order of a word's halves is that of the machine") {
  const std::vector<sock_filter> loads = {make(BPF_LD | BPF_W | BPF_ABS, kFirstArgumentOffset),
                                          make(BPF_ALU | BPF_AND | BPF_K, 0xff),
                                          make(BPF_ALU | BPF_OR | BPF_K, kErrno), make(BPF_RET | BPF_A, 0)};
  const ir::CallWords call = ir::words_of(kX86_64, 0, {0x1111111122222222});
  CHECK(answer_of(loads, call, ByteOrder::Little) == (kErrno | 0x22));
  CHECK(answer_of(loads, call, ByteOrder::Big) == (kErrno | 0x11));
}

TEST_CASE("symbolic: a filter that returns a register has the answers that the kernel tells apart") {
  const Program returns_argument{
      ByteOrder::Little, {make(BPF_LD | BPF_W | BPF_ABS, kFirstArgumentOffset), make(BPF_RET | BPF_A, 0)}};
  ir::DecisionDiagrams diagrams(kMostDiagramNodes);
  const auto function = filter_function(returns_argument, diagrams);
  REQUIRE(function);
  CHECK(diagrams.evaluate(*function, ir::words_of(0, 0, {SECCOMP_RET_ALLOW | 7})) == SECCOMP_RET_ALLOW);
  CHECK(diagrams.evaluate(*function, ir::words_of(0, 0, {kErrno | 5000})) == (kErrno | 4095));
  CHECK(diagrams.evaluate(*function, ir::words_of(0, 0, {12345 << 16})) == SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("symbolic: a filter without a small diagram is said to be too complex") {
  // Numbers that are the product of two arguments.
  const Program product{ByteOrder::Little,
                        {make(BPF_LD | BPF_W | BPF_ABS, kFirstArgumentOffset), make(BPF_MISC | BPF_TAX, 0),
                         make(BPF_LD | BPF_W | BPF_ABS, kFirstArgumentOffset + 8),
                         make(BPF_ALU | BPF_MUL | BPF_X, 0), make(BPF_RET | BPF_A, 0)}};
  ir::DecisionDiagrams diagrams(50'000);
  CHECK_FALSE(filter_function(product, diagrams).has_value());
}

TEST_CASE("fates: numbers of one architecture fall into the intervals that the filter tells apart") {
  // On x86_64: below 10 allowed, 10 allowed for an even first argument, above refused; killed elsewhere.
  const Program program{
      ByteOrder::Little,
      {make(BPF_LD | BPF_W | BPF_ABS, kArchOffset), make(BPF_JMP | BPF_JEQ | BPF_K, kX86_64, 1, 0),
       make(BPF_RET | BPF_K, SECCOMP_RET_KILL), make(BPF_LD | BPF_W | BPF_ABS, kNumberOffset),
       make(BPF_JMP | BPF_JGT | BPF_K, 10, 4, 0), make(BPF_JMP | BPF_JEQ | BPF_K, 10, 0, 2),
       make(BPF_LD | BPF_W | BPF_ABS, kFirstArgumentOffset), make(BPF_JMP | BPF_JSET | BPF_K, 1, 1, 0),
       make(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), make(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1)}};
  REQUIRE_FALSE(find_refusal(program).has_value());
  ir::DecisionDiagrams diagrams(kMostDiagramNodes);
  const auto function = filter_function(program, diagrams);
  REQUIRE(function);
  const auto fates = number_fates(diagrams, *function, kX86_64);
  REQUIRE(fates);
  REQUIRE(fates->size() == 3);
  CHECK(fates->at(0).last == 9);
  CHECK(fates->at(1).last == 10);
  CHECK(fates->at(2).last == 0xffffffff);
  const std::vector<PossibleAnswer> answers = possible_answers(diagrams, fates->at(1), kX86_64);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].value == (SECCOMP_RET_ERRNO | 1));
  CHECK(answers[0].example == ir::words_of(kX86_64, 10, {1}));
  CHECK(answers[1].value == SECCOMP_RET_ALLOW);
  CHECK(number_fates(diagrams, *function, 0)->size() == 1);
  CHECK(is_cached(program, 9, kX86_64));
  CHECK_FALSE(is_cached(program, 10, kX86_64));
}
