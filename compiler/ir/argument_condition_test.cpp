#include <doctest/doctest.h>

#include <random>

#include "compiler/ir/decision_diagram.h"

using namespace isola::ir;

static ArgumentCondition test_of(std::uint8_t index, std::uint8_t bits, std::uint64_t mask,
                                 std::vector<ValueRange> ranges) {
  return ArgumentCondition::of({.index = index, .bits = bits, .mask = mask, .ranges = std::move(ranges)});
}

TEST_CASE("argument condition: an int is tested on its low 32 bits") {
  const ArgumentCondition is_unix = test_of(0, 32, ~0ull, {{1, 1}});
  CHECK(is_unix.holds({1}));
  CHECK(is_unix.holds({0x1'0000'0001}));
  CHECK_FALSE(is_unix.holds({2}));
}

TEST_CASE("argument condition: what always or never holds is recognised") {
  CHECK(test_of(0, 32, ~0ull, {{0, 0xffffffff}}).is_always());
  CHECK(test_of(0, 32, 0x10, {{1, 0xf}, {0x11, 0xffff}}) == test_of(0, 32, 0x10, {{1, 0xf}}));
  CHECK(test_of(0, 32, 0x10, {{0x11, 0x20}}) == ArgumentCondition::never());
}

TEST_CASE("argument condition: tests of one argument are joined") {
  const ArgumentCondition joined =
      ArgumentCondition::any({test_of(0, 32, ~0ull, {{1, 1}}), test_of(0, 32, ~0ull, {{2, 3}})});
  CHECK(to_text(joined) == "arg0 in {1..3}");
  CHECK(to_text(ArgumentCondition::all({joined, test_of(0, 32, ~0ull, {{3, 9}})})) == "arg0 == 3");
}

namespace {

struct Generator {
  std::mt19937_64 random;

  std::uint64_t number(std::uint64_t below) { return random() % below; }

  // Boundary-biased values at either width.
  std::uint64_t value() {
    static constexpr std::uint64_t kSpecial[] = {
        0, 1, 2, 7, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x8000000000000000, ~0ull};
    return number(2) == 0 ? kSpecial[number(std::size(kSpecial))] : number(16);
  }

  ArgumentCondition condition(int depth) {
    const std::uint64_t kind = depth == 0 ? 0 : number(4);
    if (kind == 3) return ArgumentCondition::negation(condition(depth - 1));
    if (kind == 1) return ArgumentCondition::all({condition(depth - 1), condition(depth - 1)});
    if (kind == 2) return ArgumentCondition::any({condition(depth - 1), condition(depth - 1)});
    const std::uint8_t bits = number(2) == 0 ? 32 : 64;
    const std::uint64_t mask = number(2) == 0 ? ~0ull : value();
    const std::uint64_t a = value(), b = value();
    return test_of(static_cast<std::uint8_t>(number(3)), bits, mask, {{std::min(a, b), std::max(a, b)}});
  }
};

}  // namespace

TEST_CASE("decision diagram: agrees with the condition, its negation is its complement, witnesses hold") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Generator generate{std::mt19937_64(seed)};
  for (int round = 0; round < 300; ++round) {
    DecisionDiagrams diagrams;
    const ArgumentCondition condition = generate.condition(3);
    const ArgumentCondition negated = ArgumentCondition::negation(condition);
    CAPTURE(to_text(condition));
    const auto node = diagrams.condition(condition);
    CHECK(diagrams.negate(node) == diagrams.condition(negated));
    for (int probe = 0; probe < 50; ++probe) {
      const Arguments arguments{generate.value(), generate.value(), generate.value()};
      CHECK(condition.holds(arguments) == (diagrams.evaluate(node, arguments) == 1));
      CHECK(condition.holds(arguments) != negated.holds(arguments));
    }
    for (const std::uint32_t wanted : {0u, 1u}) {
      const auto witness = diagrams.witness(node, wanted);
      CHECK(witness.has_value() == (node != diagrams.outcome(1 - wanted)));
      if (witness) CHECK(condition.holds(*witness) == (wanted == 1));
    }
  }
}
