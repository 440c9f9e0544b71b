#include "backends/seccomp/word_condition.h"

#include <doctest/doctest.h>

using namespace isola;
using namespace isola::backends::seccomp;

static ir::ArgumentCondition test(std::uint8_t bits, std::uint64_t mask, std::vector<ir::ValueRange> ranges) {
  return ir::ArgumentCondition::of({.index = 0, .bits = bits, .mask = mask, .ranges = std::move(ranges)});
}

TEST_CASE("word conditions: a 32-bit test does not look at the upper half") {
  WordConditions conditions;
  const WordCondition& found = conditions.condition(conditions.intern(test(32, ~0ull, {{5, 5}})));
  REQUIRE(found.kind == WordCondition::Kind::Test);
  CHECK(found.test == WordTest{lower_half(0), kWholeWord, {{5, 5}}});
}

TEST_CASE("word conditions: a 64-bit equality tests both halves") {
  WordConditions conditions;
  const WordCondition& found = conditions.condition(conditions.intern(test(64, ~0ull, {{5, 5}})));
  CHECK(found.kind == WordCondition::Kind::All);
  CHECK(found.operands.size() == 2);
}

TEST_CASE("word conditions: a 64-bit range that ends with the upper half's values tests that half only") {
  WordConditions conditions;
  const ConditionId id = conditions.intern(test(64, ~0ull, {{0x500000000, 0x8ffffffff}}));
  REQUIRE(conditions.condition(id).kind == WordCondition::Kind::Test);
  CHECK(conditions.condition(id).test == WordTest{upper_half(0), kWholeWord, {{5, 8}}});
}

TEST_CASE("word conditions: a mask of upper bits becomes a range") {
  WordConditions conditions;
  CHECK(conditions.intern(test(32, 0xfffffff0, {{0x20, 0x20}})) ==
        conditions.intern(test(32, ~0ull, {{0x20, 0x2f}})));
}

TEST_CASE("word conditions: range ends that the mask cannot give are brought to those that it can") {
  WordConditions conditions;
  CHECK(conditions.intern(test(32, 0x6, {{1, 3}})) == conditions.intern(test(32, 0x6, {{2, 2}})));
  CHECK(conditions.intern(test(32, 0x6, {{2, 2}, {4, 4}})) == conditions.intern(test(32, 0x6, {{2, 5}})));
  CHECK(conditions.intern(test(32, 0x6, {{1, 1}})) == kNever);
}

TEST_CASE("word conditions: what is known of a word settles its tests") {
  WordConditions conditions;
  const ConditionId id = conditions.intern(test(32, ~0ull, {{10, 20}}));
  CHECK(conditions.assume(id, {lower_half(0), kWholeWord, 12, 15}) == kAlways);
  CHECK(conditions.assume(id, {lower_half(0), kWholeWord, 30, 40}) == kNever);
  CHECK(conditions.assume(id, {lower_half(0), kWholeWord, 5, 15}) == id);
  CHECK(conditions.assume(id, {lower_half(1), kWholeWord, 12, 15}) == id);
}

TEST_CASE("word conditions: a range settles masks of the bits that are the same all over it") {
  WordConditions conditions;
  const ConditionId id = conditions.intern(test(32, 0x100, {{0, 0}}));
  CHECK(conditions.assume(id, {lower_half(0), kWholeWord, 0, 0xff}) == kAlways);
  CHECK(conditions.assume(id, {lower_half(0), kWholeWord, 0x100, 0x1ff}) == kNever);
  CHECK(conditions.assume(id, {lower_half(0), kWholeWord, 0, 0x100}) == id);
}
