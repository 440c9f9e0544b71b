// From the rules of one call to the graph that asks its arguments.
//
// The tree asks one word at a time: the values of the word are cut where some rule changes its mind, each
// part is left with what the rules still ask of other words, and equal remainders are built once. Where that
// would grow beyond measure (many rules that test many words), or costs more, rules are asked one after the
// other.

#pragma once

#include <map>
#include <vector>

#include "backends/seccomp/dispatch.h"
#include "backends/seccomp/word_condition.h"

namespace isola::backends::seccomp {

struct ConditionalAnswer {
  ConditionId condition = kNever;
  NodeId answer = 0;
  friend auto operator<=>(const ConditionalAnswer&, const ConditionalAnswer&) = default;
};

class ArgumentTrees {
 public:
  ArgumentTrees(DecisionGraph& graph, WordConditions& conditions, DispatchGoal goal)
      : graph_(graph), conditions_(conditions), goal_(goal) {}

  // The answer of the first rule whose condition holds, else `otherwise`. Asks words with their loads.
  NodeId build(std::vector<ConditionalAnswer> rules, NodeId otherwise);

 private:
  // INVARIANT: neighbouring rules differ in their answers, the last one's is not `otherwise`, and no
  // condition is kNever or kAlways.
  struct Remainder {
    std::vector<ConditionalAnswer> rules;
    NodeId otherwise = 0;
    friend auto operator<=>(const Remainder&, const Remainder&) = default;
  };
  // The masked word whose values are asked next.
  struct Subject {
    Word word = 0;
    std::uint32_t mask = kWholeWord;
    friend auto operator<=>(const Subject&, const Subject&) = default;
  };
  struct Cell {
    std::uint32_t first = 0;  // a value within the subject's mask
    NodeId target = 0;
  };

  Remainder simplify(const std::vector<ConditionalAnswer>& rules, NodeId otherwise);
  Subject choose_subject(const Remainder& remainder) const;
  std::vector<std::uint32_t> cuts(const Remainder& remainder, Subject subject) const;
  NodeId by_words(const Remainder& remainder);
  NodeId one_by_one(const Remainder& remainder);
  NodeId ask_condition(ConditionId condition, NodeId yes, NodeId no);
  NodeId ask(Subject subject, const std::vector<Cell>& cells);

  DecisionGraph& graph_;
  WordConditions& conditions_;
  DispatchGoal goal_;
  std::map<Remainder, NodeId> built_;
  std::size_t steps_ = 0;  // rules looked at, over all calls
};

}  // namespace isola::backends::seccomp
