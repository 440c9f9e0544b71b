#include "compiler/ir/decision_diagram.h"

#include <llvm/ADT/DenseSet.h>

#include <algorithm>
#include <set>

#include "compiler/base/check.h"

namespace isola::ir {

namespace {

using Node = DecisionDiagrams::Node;

std::pair<std::uint64_t, std::uint32_t> key(Node a, Node b, std::uint32_t c) {
  return {(std::uint64_t{a} << 32) | b, c};
}

constexpr std::uint32_t variable_of(std::size_t argument, unsigned bit) {
  return static_cast<std::uint32_t>(argument * 64 + (63 - bit));
}

}  // namespace

DecisionDiagrams::DecisionDiagrams() {
  // Outcomes 0 and 1 come first, so that conditions have fixed nodes.
  outcome(0);
  outcome(1);
}

DecisionDiagrams::Node DecisionDiagrams::make(std::uint32_t variable, Node low, Node high) {
  if (variable != kTerminal && low == high) return low;
  const auto [place, is_new] =
      unique_.try_emplace(key(low, high, variable), static_cast<Node>(entries_.size()));
  if (is_new) entries_.push_back({variable, low, high});
  return place->second;
}

// Terminals use the variable after all bits as their key: kTerminal itself is a reserved key of the map.
DecisionDiagrams::Node DecisionDiagrams::outcome(Outcome value) {
  const auto [place, is_new] =
      unique_.try_emplace(key(value, value, kMaxArguments * 64), static_cast<Node>(entries_.size()));
  if (is_new) entries_.push_back({kTerminal, value, value});
  return place->second;
}

// Bits from the most significant one down: `known` holds those above `width`, within the mask. Ends where all
// values that the bits below can still make lie inside one range or outside all, so a range costs two nodes a
// bit at most.
DecisionDiagrams::Node DecisionDiagrams::test_below(const ArgumentTest& test, std::uint64_t known,
                                                    unsigned width) {
  const std::uint64_t below = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  const std::uint64_t highest = known | (test.mask & below);
  const auto range =
      std::lower_bound(test.ranges.begin(), test.ranges.end(), known,
                       [](const ValueRange& each, std::uint64_t value) { return each.high < value; });
  if (range == test.ranges.end() || range->low > highest) return outcome(0);
  if (range->low <= known && highest <= range->high) return outcome(1);
  const std::uint64_t bit = std::uint64_t{1} << (width - 1);
  if ((test.mask & bit) == 0) return test_below(test, known, width - 1);
  const Node low = test_below(test, known, width - 1);
  const Node high = test_below(test, known | bit, width - 1);
  return make(variable_of(test.index, width - 1), low, high);
}

DecisionDiagrams::Node DecisionDiagrams::condition(const ArgumentCondition& condition) {
  switch (condition.kind) {
    case ArgumentCondition::Kind::Always:
      return outcome(1);
    case ArgumentCondition::Kind::Test:
      return test_below(condition.test, 0, condition.test.bits);
    case ArgumentCondition::Kind::All: {
      Node node = outcome(1);
      for (const ArgumentCondition& operand : condition.operands) node = both(node, this->condition(operand));
      return node;
    }
    case ArgumentCondition::Kind::Any: {
      Node node = outcome(0);
      for (const ArgumentCondition& operand : condition.operands)
        node = either(node, this->condition(operand));
      return node;
    }
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return outcome(0);
}

DecisionDiagrams::Node DecisionDiagrams::choose(Node condition, Node then, Node otherwise) {
  if (entries_[condition].variable == kTerminal) return entries_[condition].low != 0 ? then : otherwise;
  if (then == otherwise) return then;
  const auto memo_key = key(condition, then, otherwise);
  if (const auto found = choose_memo_.find(memo_key); found != choose_memo_.end()) return found->second;

  const std::uint32_t top =
      std::min({entries_[condition].variable, entries_[then].variable, entries_[otherwise].variable});
  const auto branch = [&](Node node, bool high) {
    const Entry& entry = entries_[node];
    if (entry.variable != top) return node;
    return high ? entry.high : entry.low;
  };
  const Node low = choose(branch(condition, false), branch(then, false), branch(otherwise, false));
  const Node high = choose(branch(condition, true), branch(then, true), branch(otherwise, true));
  const Node node = make(top, low, high);
  choose_memo_[memo_key] = node;
  return node;
}

DecisionDiagrams::Outcome DecisionDiagrams::evaluate(Node node, const Arguments& arguments) const {
  while (entries_[node].variable != kTerminal) {
    const Entry& entry = entries_[node];
    const unsigned bit = 63 - entry.variable % 64;
    node = ((arguments[entry.variable / 64] >> bit) & 1) != 0 ? entry.high : entry.low;
  }
  return entries_[node].low;
}

std::optional<Arguments> DecisionDiagrams::witness(Node node, Outcome wanted) const {
  llvm::DenseSet<Node> hopeless;
  Arguments arguments{};
  // Depth first along the path to `wanted`, zero bits first; at most 384 deep.
  const auto search = [&](const auto& self, Node at) -> bool {
    const Entry& entry = entries_[at];
    if (entry.variable == kTerminal) return entry.low == wanted;
    if (hopeless.contains(at)) return false;
    if (self(self, entry.low)) return true;
    const std::uint64_t bit = std::uint64_t{1} << (63 - entry.variable % 64);
    arguments[entry.variable / 64] |= bit;
    if (self(self, entry.high)) return true;
    arguments[entry.variable / 64] &= ~bit;
    hopeless.insert(at);
    return false;
  };
  if (!search(search, node)) return std::nullopt;
  return arguments;
}

DecisionDiagrams::Node DecisionDiagrams::restrict_to(Node node, const Arguments& known,
                                                     const Arguments& values) {
  llvm::DenseMap<Node, Node> done;
  return restrict_node(node, known, values, done);
}

DecisionDiagrams::Node DecisionDiagrams::restrict_node(Node node, const Arguments& known,
                                                       const Arguments& values,
                                                       llvm::DenseMap<Node, Node>& done) {
  const Entry entry = entries_[node];
  if (entry.variable == kTerminal) return node;
  if (const auto found = done.find(node); found != done.end()) return found->second;
  const std::uint64_t bit = std::uint64_t{1} << (63 - entry.variable % 64);
  const std::size_t argument = entry.variable / 64;
  Node restricted;
  if ((known[argument] & bit) != 0) {
    restricted = restrict_node((values[argument] & bit) != 0 ? entry.high : entry.low, known, values, done);
  } else {
    const Node low = restrict_node(entry.low, known, values, done);
    const Node high = restrict_node(entry.high, known, values, done);
    restricted = make(entry.variable, low, high);
  }
  done[node] = restricted;
  return restricted;
}

std::vector<DecisionDiagrams::Outcome> DecisionDiagrams::outcomes(Node node) const {
  std::set<Outcome> found;
  llvm::DenseSet<Node> seen;
  std::vector<Node> open{node};
  while (!open.empty()) {
    const Node at = open.back();
    open.pop_back();
    if (!seen.insert(at).second) continue;
    const Entry& entry = entries_[at];
    if (entry.variable == kTerminal) {
      found.insert(entry.low);
    } else {
      open.push_back(entry.low);
      open.push_back(entry.high);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace isola::ir
