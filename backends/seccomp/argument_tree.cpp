#include "backends/seccomp/argument_tree.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

// Rules looked at before the rest is asked one by one; some tens of milliseconds.
constexpr std::size_t kMostSteps = 200'000;

constexpr std::uint32_t next_value(std::uint32_t value, std::uint32_t mask) {
  return ((value | ~mask) + 1) & mask;
}
constexpr std::uint32_t previous_value(std::uint32_t value, std::uint32_t mask) {
  return (value - 1) & mask;
}

}  // namespace

NodeId ArgumentTrees::build(std::vector<ConditionalAnswer> rules, NodeId otherwise) {
  const Remainder remainder = simplify(rules, otherwise);
  if (remainder.rules.empty()) return remainder.otherwise;
  const NodeId tree = by_words(remainder);
  const NodeId list = one_by_one(remainder);
  return graph_.reachable_from(list) < graph_.reachable_from(tree) ? list : tree;
}

ArgumentTrees::Remainder ArgumentTrees::simplify(const std::vector<ConditionalAnswer>& rules,
                                                 NodeId otherwise) {
  std::vector<ConditionalAnswer> kept;
  std::vector<ConditionId> same_answer;  // conditions of the last run of rules
  const auto end_run = [&] {
    if (!same_answer.empty()) kept.back().condition = conditions_.any_of(std::move(same_answer));
    same_answer.clear();
  };
  for (const ConditionalAnswer& rule : rules) {
    if (rule.condition == kNever) continue;
    if (rule.condition == kAlways) {
      otherwise = rule.answer;
      break;
    }
    if (kept.empty() || kept.back().answer != rule.answer) {
      end_run();
      kept.push_back(rule);
    }
    same_answer.push_back(rule.condition);
  }
  end_run();
  const auto last_word = std::find_if(
      kept.begin(), kept.end(), [](const ConditionalAnswer& rule) { return rule.condition == kAlways; });
  if (last_word != kept.end()) {
    otherwise = last_word->answer;
    kept.erase(last_word, kept.end());
  }
  if (!kept.empty() && kept.back().answer == otherwise) kept.pop_back();
  return {std::move(kept), otherwise};
}

// Whole words before masked ones, as they leave less behind; then the word that most tests ask for, and the
// upper half of an argument before its lower one, so that it is asked once.
ArgumentTrees::Subject ArgumentTrees::choose_subject(const Remainder& remainder) const {
  std::map<Subject, std::size_t> uses;
  for (const ConditionalAnswer& rule : remainder.rules) {
    conditions_.for_each_test(rule.condition, [&](const WordTest& test) { ++uses[{test.word, test.mask}]; });
  }
  const auto rank = [](const std::pair<const Subject, std::size_t>& use) {
    return std::tuple(use.first.mask == kWholeWord, use.second, use.first.word % 2);
  };
  return std::max_element(uses.begin(), uses.end(),
                          [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
      ->first;
}

// The values at which some rule may change its mind, 0 among them; ascending.
std::vector<std::uint32_t> ArgumentTrees::cuts(const Remainder& remainder, Subject subject) const {
  std::set<std::uint32_t> found{0};
  for (const ConditionalAnswer& rule : remainder.rules) {
    conditions_.for_each_test(rule.condition, [&](const WordTest& test) {
      if (Subject{test.word, test.mask} != subject) return;
      for (const WordRange& range : test.ranges) {
        found.insert(range.low);
        if (range.high != subject.mask) found.insert(next_value(range.high, subject.mask));
      }
    });
  }
  return {found.begin(), found.end()};
}

NodeId ArgumentTrees::by_words(const Remainder& remainder) {
  if (remainder.rules.empty()) return remainder.otherwise;
  if (const auto found = built_.find(remainder); found != built_.end()) return found->second;
  if (steps_ > kMostSteps) return one_by_one(remainder);

  const Subject subject = choose_subject(remainder);
  const std::vector<std::uint32_t> firsts = cuts(remainder, subject);
  std::vector<Cell> cells;
  for (std::size_t at = 0; at < firsts.size(); ++at) {
    const std::uint32_t last =
        at + 1 < firsts.size() ? previous_value(firsts[at + 1], subject.mask) : subject.mask;
    const Knowledge knowledge{subject.word, subject.mask, firsts[at], last};
    std::vector<ConditionalAnswer> rules = remainder.rules;
    for (ConditionalAnswer& rule : rules) rule.condition = conditions_.assume(rule.condition, knowledge);
    steps_ += rules.size();
    cells.push_back({firsts[at], by_words(simplify(rules, remainder.otherwise))});
  }
  const NodeId node = ask(subject, cells);
  built_.emplace(remainder, node);
  return node;
}

NodeId ArgumentTrees::one_by_one(const Remainder& remainder) {
  NodeId node = remainder.otherwise;
  for (auto rule = remainder.rules.rbegin(); rule != remainder.rules.rend(); ++rule) {
    node = ask_condition(rule->condition, rule->answer, node);
  }
  return node;
}

NodeId ArgumentTrees::ask_condition(ConditionId id, NodeId yes, NodeId no) {
  const WordCondition& condition = conditions_.condition(id);
  switch (condition.kind) {
    case WordCondition::Kind::Never:
      return no;
    case WordCondition::Kind::Always:
      return yes;
    case WordCondition::Kind::Test: {
      const Subject subject{condition.test.word, condition.test.mask};
      std::vector<Cell> cells{{0, no}};
      for (const WordRange& range : condition.test.ranges) {
        if (range.low == 0) cells.clear();
        cells.push_back({range.low, yes});
        if (range.high != subject.mask) cells.push_back({next_value(range.high, subject.mask), no});
      }
      return ask(subject, cells);
    }
    case WordCondition::Kind::All:
      for (auto operand = condition.operands.rbegin(); operand != condition.operands.rend(); ++operand) {
        yes = ask_condition(*operand, yes, no);
      }
      return yes;
    case WordCondition::Kind::Any:
      for (auto operand = condition.operands.rbegin(); operand != condition.operands.rend(); ++operand) {
        no = ask_condition(*operand, yes, no);
      }
      return no;
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return no;
}

NodeId ArgumentTrees::ask(Subject subject, const std::vector<Cell>& cells) {
  std::vector<Interval> intervals;
  for (const Cell& cell : cells) {
    if (!intervals.empty() && intervals.back().target == cell.target) continue;
    intervals.push_back({cell.first, cell.target, 1});
  }
  if (intervals.size() == 1) return intervals.front().target;
  // Zero against the rest needs no masking: `jset` asks whether any of the bits is set.
  const std::uint32_t lowest_bit = subject.mask & (~subject.mask + 1);
  if (subject.mask != kWholeWord && intervals.size() == 2 && intervals[1].first == lowest_bit) {
    const NodeId test =
        graph_.test(Node::Kind::AnyBit, subject.mask, intervals[1].target, intervals[0].target);
    return graph_.load(subject.word, test);
  }
  const NodeId tree = build_dispatch(graph_, intervals, goal_);
  return graph_.load(subject.word, subject.mask == kWholeWord ? tree : graph_.mask(subject.mask, tree));
}

}  // namespace isola::backends::seccomp
