// Argument conditions in the terms of a filter: tests of single 32-bit words, interned.
//
// A 64-bit test becomes tests of its two halves. Each test is brought to one form: masks that keep only upper
// bits become ranges, range ends become values that the mask can give, what always or never holds disappears.
// So conditions that ask the same question are mostly one ConditionId, and residues of different rules are
// shared.

#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "backends/seccomp/model.h"
#include "compiler/ir/argument_condition.h"

namespace isola::backends::seccomp {

// Both ends inclusive.
struct WordRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  friend auto operator<=>(const WordRange&, const WordRange&) = default;
};

// (word & mask) lies in one of `ranges`: sorted, disjoint, neither nothing nor everything.
struct WordTest {
  Word word = 0;
  std::uint32_t mask = kWholeWord;
  std::vector<WordRange> ranges;
  bool holds_for(std::uint32_t value) const;  // of the whole word
  friend auto operator<=>(const WordTest&, const WordTest&) = default;
};

using ConditionId = std::uint32_t;
constexpr ConditionId kNever = 0;
constexpr ConditionId kAlways = 1;

struct WordCondition {
  enum class Kind : std::uint8_t { Never, Always, Test, All, Any };
  Kind kind{};
  WordTest test;                      // Kind::Test
  std::vector<ConditionId> operands;  // Kind::All, Kind::Any: sorted, at least two
  friend auto operator<=>(const WordCondition&, const WordCondition&) = default;
};

// What is known of a word on some path: (word & mask) lies in low..high.
struct Knowledge {
  Word word = 0;
  std::uint32_t mask = kWholeWord;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

class WordConditions {
 public:
  WordConditions();

  ConditionId intern(const ir::ArgumentCondition& condition);
  ConditionId any_of(std::vector<ConditionId> conditions) {
    return combine(WordCondition::Kind::Any, std::move(conditions));
  }
  const WordCondition& condition(ConditionId id) const { return *conditions_[id]; }

  // What is left to ask of `id` once `knowledge` holds.
  ConditionId assume(ConditionId id, const Knowledge& knowledge);
  // Calls `visit(const WordTest&)` for every test of the condition.
  template <typename Visit>
  void for_each_test(ConditionId id, const Visit& visit) const {
    if (condition(id).kind == WordCondition::Kind::Test) visit(condition(id).test);
    for (const ConditionId operand : condition(id).operands) for_each_test(operand, visit);
  }

 private:
  ConditionId make(WordCondition condition);
  ConditionId make_test(WordTest test);
  ConditionId combine(WordCondition::Kind kind, std::vector<ConditionId> operands);
  ConditionId split(const ir::ArgumentTest& test);

  std::map<WordCondition, ConditionId> ids_;
  std::vector<const WordCondition*> conditions_;  // keys of ids_, which stay where they are
};

}  // namespace isola::backends::seccomp
