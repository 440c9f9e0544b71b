// Questions about sets of paths, each a breadth-first search through two automata at once.
//
// The search stops at the first path that answers; nothing is built for a question. Preferring pleasant bytes
// at each step makes the first path found also the one that reads best among the shortest.

#include "compiler/ir/path_language.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "compiler/base/check.h"

namespace isola::ir {

PathLanguage::PathLanguage() {
  automaton_.add_state(false);
  automaton_.add_edge(255, 0);
}

PathLanguage::PathLanguage(Automaton automaton) : automaton_(std::move(automaton)) {}

PathLanguage PathLanguage::everything() {
  PathSequence nodes;
  append_node(nodes, {LiteralNode{"/"}});
  append_node(nodes, {StarNode{StarNode::Reach::Below}});
  const PathProgram program = compile_program(nodes);
  return PathLanguage(*determinise(&program, kLanguageBudget));
}

PathLanguage PathLanguage::of(const PathPattern& pattern) {
  const PathProgram* const program = &pattern.program();
  std::optional<Automaton> automaton = determinise(program, kLanguageBudget);
  ISOLA_CHECK(automaton.has_value(), "parse has let a pattern pass that is beyond the budget");
  return PathLanguage(*std::move(automaton));
}

std::optional<PathLanguage> PathLanguage::of(llvm::ArrayRef<PathPattern> patterns) {
  llvm::SmallVector<const PathProgram*, 16> programs;
  for (const PathPattern& pattern : patterns) programs.push_back(&pattern.program());
  std::optional<Automaton> automaton = determinise(programs, kUnionBudget);
  if (!automaton) return std::nullopt;
  return PathLanguage(*std::move(automaton));
}

namespace {

// Bytes from the most to the least readable; every other byte comes after, in order.
constexpr llvm::StringLiteral kReadableBytes =
    "abcdefghijklmnopqrstuvwxyz0123456789/ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.+=@%,:~#!^&()[]{}<>;'\"?*|$`\\ ";

struct Choice {
  unsigned rank = 0;
  unsigned char byte = 0;
  std::uint32_t left = 0, right = 0;
};

Choice best_choice(unsigned first, unsigned last) {
  for (unsigned rank = 0; rank < kReadableBytes.size(); ++rank) {
    const auto byte = static_cast<unsigned char>(kReadableBytes[rank]);
    if (byte >= first && byte <= last) return {.rank = rank, .byte = byte};
  }
  return {.rank = static_cast<unsigned>(kReadableBytes.size()) + first,
          .byte = static_cast<unsigned char>(first)};
}

// Where one more byte leads from a pair of states, best byte first.
llvm::SmallVector<Choice, 8> list_choices(const Automaton& first, std::uint32_t left, const Automaton& second,
                                          std::uint32_t right) {
  llvm::SmallVector<Choice, 8> choices;
  const llvm::ArrayRef<Automaton::Edge> left_edges = first.edges_of(left);
  const llvm::ArrayRef<Automaton::Edge> right_edges = second.edges_of(right);
  std::size_t left_index = 0;
  std::size_t right_index = 0;
  unsigned begin = 0;
  while (begin < 256) {
    const Automaton::Edge& left_edge = left_edges[left_index];
    const Automaton::Edge& right_edge = right_edges[right_index];
    const unsigned last = std::min(left_edge.last, right_edge.last);
    if (left_edge.target != 0) {
      Choice choice = best_choice(begin, last);
      choice.left = left_edge.target;
      choice.right = right_edge.target;
      choices.push_back(choice);
    }
    left_index += left_edge.last == last;
    right_index += right_edge.last == last;
    begin = last + 1;
  }
  llvm::sort(choices, [](const Choice& a, const Choice& b) { return a.rank < b.rank; });
  return choices;
}

enum class Goal { InFirstOnly, InBoth };

// Breadth-first over pairs of states, remembering where each was reached from.
class WitnessSearch {
 public:
  WitnessSearch(const Automaton& first, const Automaton& second, Goal goal)
      : first_(first), second_(second), goal_(goal) {}

  std::optional<std::string> run() {
    if (visit(first_.start, second_.start, 0, 0)) return read_back();
    for (std::uint32_t index = 0; index < steps_.size(); ++index) {
      const Step step = steps_[index];
      for (const Choice& choice : list_choices(first_, step.left, second_, step.right)) {
        if (visit(choice.left, choice.right, index, choice.byte)) return read_back();
      }
    }
    return std::nullopt;
  }

 private:
  struct Step {
    std::uint32_t left = 0, right = 0, previous = 0;
    unsigned char byte = 0;
  };

  // Whether the pair is the goal. Pairs from which it cannot be reached are left out.
  bool visit(std::uint32_t left, std::uint32_t right, std::uint32_t previous, unsigned char byte) {
    if (left == 0 || (goal_ == Goal::InBoth && right == 0)) return false;
    if (!seen_.insert((static_cast<std::uint64_t>(left) << 32) | right).second) return false;
    steps_.push_back({.left = left, .right = right, .previous = previous, .byte = byte});
    const bool in_second = second_.states[right].accepting;
    return first_.states[left].accepting && in_second == (goal_ == Goal::InBoth);
  }

  std::string read_back() const {
    std::string path;
    for (std::size_t index = steps_.size() - 1; index != 0; index = steps_[index].previous) {
      path += static_cast<char>(steps_[index].byte);
    }
    std::reverse(path.begin(), path.end());
    return path;
  }

  const Automaton& first_;  // both outlive the search
  const Automaton& second_;
  Goal goal_;
  std::vector<Step> steps_;
  std::unordered_set<std::uint64_t> seen_;  // looked up only, never walked
};

}  // namespace

std::optional<PathLanguage> PathLanguage::unite(const PathLanguage& other) const {
  std::optional<Automaton> result =
      combine(automaton_, other.automaton_, Combination::Union, kLanguageBudget.max_states);
  if (!result) return std::nullopt;
  return PathLanguage(*std::move(result));
}

std::optional<PathLanguage> PathLanguage::intersect(const PathLanguage& other) const {
  std::optional<Automaton> result =
      combine(automaton_, other.automaton_, Combination::Intersection, kLanguageBudget.max_states);
  if (!result) return std::nullopt;
  return PathLanguage(*std::move(result));
}

std::optional<PathLanguage> PathLanguage::subtract(const PathLanguage& other) const {
  std::optional<Automaton> result =
      combine(automaton_, other.automaton_, Combination::Difference, kLanguageBudget.max_states);
  if (!result) return std::nullopt;
  return PathLanguage(*std::move(result));
}

PathLanguage PathLanguage::complement() const {
  std::optional<PathLanguage> result = everything().subtract(*this);
  ISOLA_CHECK(result.has_value(), "a complement has at most a handful of states for each state");
  return *std::move(result);
}

bool PathLanguage::is_empty() const {
  return automaton_.start == 0;
}

bool PathLanguage::contains(llvm::StringRef path) const {
  std::uint32_t state = automaton_.start;
  for (const char byte : path) state = automaton_.step(state, static_cast<unsigned char>(byte));
  return automaton_.states[state].accepting;
}

bool PathLanguage::contains(const PathLanguage& other) const {
  return !witness_of_difference(other, *this);
}

bool PathLanguage::overlaps(const PathLanguage& other) const {
  return witness_of_overlap(*this, other).has_value();
}

bool PathLanguage::equals(const PathLanguage& other) const {
  return automaton_ == other.automaton_;
}

std::optional<std::string> witness(const PathLanguage& language) {
  return WitnessSearch(language.automaton(), language.automaton(), Goal::InBoth).run();
}

std::optional<std::string> witness_of_difference(const PathLanguage& language, const PathLanguage& other) {
  return WitnessSearch(language.automaton(), other.automaton(), Goal::InFirstOnly).run();
}

std::optional<std::string> witness_of_overlap(const PathLanguage& first, const PathLanguage& second) {
  return WitnessSearch(first.automaton(), second.automaton(), Goal::InBoth).run();
}

}  // namespace isola::ir
