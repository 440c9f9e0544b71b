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

// What choose() costs with its tables, in steps along a diagram.
constexpr std::size_t kStepsPerChoice = 4;

constexpr std::uint32_t variable_of(std::size_t word, unsigned bit) {
  return static_cast<std::uint32_t>(word * 64 + (63 - bit));
}

// Where the variable lies in CallWords.
constexpr std::size_t word_of(std::uint32_t variable) {
  return variable / 64;
}
constexpr std::uint64_t mask_of(std::uint32_t variable) {
  return std::uint64_t{1} << (63 - variable % 64);
}

}  // namespace

CallWords words_of(std::uint32_t audit_arch, std::uint32_t number, const Arguments& arguments) {
  CallWords words{};
  words[kHeadWord] = (std::uint64_t{audit_arch} << 32) | number;
  std::copy(arguments.begin(), arguments.end(), words.begin() + kFirstArgumentWord);
  return words;
}

Arguments arguments_of(const CallWords& words) {
  Arguments arguments;
  std::copy_n(words.begin() + kFirstArgumentWord, kMaxArguments, arguments.begin());
  return arguments;
}

DecisionDiagrams::DecisionDiagrams(std::size_t most_nodes, std::size_t most_work)
    : most_nodes_(most_nodes), most_work_(most_work) {
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
      unique_.try_emplace(key(value, value, kVariables), static_cast<Node>(entries_.size()));
  if (is_new) entries_.push_back({kTerminal, value, value});
  return place->second;
}

// Bits from the most significant one down: `known` holds those above `width`, within the mask. Ends where all
// values that the bits below can still make lie inside one range or outside all, so a range costs two nodes a
// bit at most.
DecisionDiagrams::Node DecisionDiagrams::test_below(const ArgumentTest& test, std::uint64_t known,
                                                    unsigned width) {
  if (is_exhausted()) return outcome(0);
  ++work_;
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
  return make(variable_of(kFirstArgumentWord + test.index, width - 1), low, high);
}

DecisionDiagrams::Node DecisionDiagrams::bit(std::size_t word, unsigned bit) {
  return make(variable_of(word, bit), outcome(0), outcome(1));
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
  if (is_exhausted()) return otherwise;
  work_ += kStepsPerChoice;
  const auto memo_key = key(condition, then, otherwise);
  if (const auto found = choose_memo_.find(memo_key); found != choose_memo_.end()) return found->second;

  const std::uint32_t top =
      std::min({entries_[condition].variable, entries_[then].variable, entries_[otherwise].variable});
  const auto side = [&](bool high) {
    return choose(child_at(condition, top, high), child_at(then, top, high), child_at(otherwise, top, high));
  };
  const Node low = side(false);
  const Node high = side(true);
  const Node node = make(top, low, high);
  choose_memo_[memo_key] = node;
  return node;
}

// The function with `variable` fixed, which is the node's own or one above it.
DecisionDiagrams::Node DecisionDiagrams::child_at(Node node, std::uint32_t variable, bool high) const {
  const Entry& entry = entries_[node];
  if (entry.variable != variable) return node;
  return high ? entry.high : entry.low;
}

bool DecisionDiagrams::contains(Node wide, Node narrow) {
  llvm::DenseSet<std::uint64_t> seen;
  return contains_below(wide, narrow, seen);
}

// Whether `wide` holds wherever `narrow` does, from these nodes down. `seen`: pairs of which that is known.
bool DecisionDiagrams::contains_below(Node wide, Node narrow, llvm::DenseSet<std::uint64_t>& seen) {
  if (wide == narrow || wide == outcome(1) || narrow == outcome(0)) return true;
  if (wide == outcome(0) && narrow == outcome(1)) return false;
  if (is_exhausted() || !seen.insert((std::uint64_t{wide} << 32) | narrow).second) return true;
  ++work_;
  const std::uint32_t top = std::min(entries_[wide].variable, entries_[narrow].variable);
  const auto is_contained = [&](bool high) {
    return contains_below(child_at(wide, top, high), child_at(narrow, top, high), seen);
  };
  return is_contained(false) && is_contained(true);
}

DecisionDiagrams::Outcome DecisionDiagrams::evaluate(Node node, const CallWords& words) const {
  while (entries_[node].variable != kTerminal) {
    const Entry& entry = entries_[node];
    node = (words[word_of(entry.variable)] & mask_of(entry.variable)) != 0 ? entry.high : entry.low;
  }
  return entries_[node].low;
}

std::optional<CallWords> DecisionDiagrams::witness_call(Node node, Outcome wanted) const {
  llvm::DenseSet<Node> hopeless;
  CallWords words{};
  // Depth first along the path to `wanted`, zero bits first; at most kVariables deep.
  const auto search = [&](const auto& self, Node at) -> bool {
    const Entry& entry = entries_[at];
    if (entry.variable == kTerminal) return entry.low == wanted;
    if (hopeless.contains(at)) return false;
    if (self(self, entry.low)) return true;
    words[word_of(entry.variable)] |= mask_of(entry.variable);
    if (self(self, entry.high)) return true;
    words[word_of(entry.variable)] &= ~mask_of(entry.variable);
    hopeless.insert(at);
    return false;
  };
  if (!search(search, node)) return std::nullopt;
  return words;
}

std::optional<Arguments> DecisionDiagrams::witness(Node node, Outcome wanted) const {
  const std::optional<CallWords> call = witness_call(node, wanted);
  return call ? std::optional(arguments_of(*call)) : std::nullopt;
}

DecisionDiagrams::Node DecisionDiagrams::restrict_to(Node node, const CallWords& known,
                                                     const CallWords& values) {
  llvm::DenseMap<Node, Node> done;
  return restrict_node(node, known, values, done);
}

DecisionDiagrams::Node DecisionDiagrams::restrict_node(Node node, const CallWords& known,
                                                       const CallWords& values,
                                                       llvm::DenseMap<Node, Node>& done) {
  const Entry entry = entries_[node];
  if (entry.variable == kTerminal) return node;
  if (const auto found = done.find(node); found != done.end()) return found->second;
  const std::uint64_t bit = mask_of(entry.variable);
  const std::size_t word = word_of(entry.variable);
  Node restricted;
  if ((known[word] & bit) != 0) {
    restricted = restrict_node((values[word] & bit) != 0 ? entry.high : entry.low, known, values, done);
  } else {
    const Node low = restrict_node(entry.low, known, values, done);
    const Node high = restrict_node(entry.high, known, values, done);
    restricted = make(entry.variable, low, high);
  }
  done[node] = restricted;
  return restricted;
}

DecisionDiagrams::Node DecisionDiagrams::assemble(llvm::ArrayRef<Node> bits, Settle settle) {
  std::map<std::vector<Node>, Node> done;
  return assemble_node(bits.vec(), settle, done);
}

DecisionDiagrams::Node DecisionDiagrams::assemble_node(const std::vector<Node>& bits, Settle settle,
                                                       std::map<std::vector<Node>, Node>& done) {
  std::uint32_t top = kTerminal;
  std::uint32_t known = 0;
  std::uint32_t value = 0;
  for (std::size_t index = 0; index < bits.size(); ++index) {
    const Entry& entry = entries_[bits[index]];
    top = std::min(top, entry.variable);
    if (entry.variable != kTerminal) continue;
    known |= std::uint32_t{1} << index;
    value |= entry.low << index;
  }
  if (is_exhausted()) return outcome(value);
  if (const std::optional<Outcome> settled = settle(known, value)) return outcome(*settled);
  ISOLA_CHECK(top != kTerminal, "a known number has an outcome");
  if (const auto found = done.find(bits); found != done.end()) return found->second;
  const auto side = [&](bool high) {
    std::vector<Node> fixed = bits;
    for (Node& node : fixed) node = child_at(node, top, high);
    return assemble_node(fixed, settle, done);
  };
  const Node low = side(false);
  const Node node = make(top, low, side(true));
  done[bits] = node;
  return node;
}

DecisionDiagrams::Node DecisionDiagrams::map_outcomes(Node node,
                                                      llvm::function_ref<Outcome(Outcome)> replace) {
  llvm::DenseMap<Node, Node> done;
  const auto map = [&](const auto& self, Node at) -> Node {
    const Entry entry = entries_[at];
    if (entry.variable == kTerminal) return outcome(replace(entry.low));
    if (const auto found = done.find(at); found != done.end()) return found->second;
    const Node low = self(self, entry.low);
    const Node mapped = make(entry.variable, low, self(self, entry.high));
    done[at] = mapped;
    return mapped;
  };
  return map(map, node);
}

double DecisionDiagrams::share(Node node) const {
  llvm::DenseMap<Node, double> done;
  const auto weigh = [&](const auto& self, Node at) -> double {
    const Entry& entry = entries_[at];
    if (entry.variable == kTerminal) return entry.low == 0 ? 0 : 1;
    if (const auto found = done.find(at); found != done.end()) return found->second;
    const double found = (self(self, entry.low) + self(self, entry.high)) / 2;
    done[at] = found;
    return found;
  };
  return weigh(weigh, node);
}

std::optional<DecisionDiagrams::Branch> DecisionDiagrams::branch(Node node) const {
  const Entry& entry = entries_[node];
  if (entry.variable == kTerminal) return std::nullopt;
  return Branch{entry.variable, entry.low, entry.high};
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
