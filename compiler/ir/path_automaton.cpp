// Subset construction and products, both breadth first, so that states are numbered by what is reached first.
//
// Every automaton starts from the paths that can exist: the subset construction runs the patterns beside a
// small machine that knows what a path looks like.

#include "compiler/ir/path_automaton.h"

#include <llvm/ADT/Hashing.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

#include <bitset>
#include <unordered_map>
#include <utility>

namespace isola::ir {

llvm::ArrayRef<Automaton::Edge> Automaton::edges_of(std::uint32_t state) const {
  const std::size_t end = state + 1 < states.size() ? states[state + 1].first_edge : edges.size();
  return llvm::ArrayRef(edges).slice(states[state].first_edge, end - states[state].first_edge);
}

std::uint32_t Automaton::step(std::uint32_t state, unsigned char byte) const {
  for (const Edge& edge : edges_of(state)) {
    if (byte <= edge.last) return edge.target;
  }
  return 0;
}

void Automaton::add_state(bool accepting) {
  states.push_back({.accepting = accepting, .first_edge = static_cast<std::uint32_t>(edges.size())});
}

void Automaton::add_edge(unsigned last, std::uint32_t target) {
  const bool is_first = edges.size() == states.back().first_edge;
  if (!is_first && edges.back().target == target) {
    edges.back().last = static_cast<std::uint8_t>(last);
  } else {
    edges.push_back({.last = static_cast<std::uint8_t>(last), .target = target});
  }
}

namespace {

// What has been read of a path that can exist.
enum class Shape : std::uint32_t { Start, AfterSlash, OneDot, TwoDots, Name, Impossible };

Shape step_shape(Shape shape, unsigned char byte) {
  const bool is_slash = byte == '/';
  if (byte == 0) return Shape::Impossible;
  switch (shape) {
    case Shape::Start:
      return is_slash ? Shape::AfterSlash : Shape::Impossible;
    case Shape::AfterSlash:
      if (is_slash) return Shape::Impossible;
      return byte == '.' ? Shape::OneDot : Shape::Name;
    case Shape::OneDot:
      if (is_slash) return Shape::Impossible;
      return byte == '.' ? Shape::TwoDots : Shape::Name;
    case Shape::TwoDots:
      return is_slash ? Shape::Impossible : Shape::Name;
    case Shape::Name:
      return is_slash ? Shape::AfterSlash : Shape::Name;
    case Shape::Impossible:
      return Shape::Impossible;
  }
  return Shape::Impossible;
}

// Whether a path may end here: a directory after its slash, or a name.
bool may_end(Shape shape) {
  return shape == Shape::AfterSlash || shape == Shape::Name;
}

// Where the next byte may make a difference: `cuts[b]` says that b and b - 1 do not behave alike.
using Cuts = std::bitset<257>;

Cuts cuts_of(const ByteSet& bytes) {
  Cuts cuts;
  for (unsigned byte = 1; byte < 256; ++byte) cuts[byte] = bytes[byte] != bytes[byte - 1];
  return cuts;
}

// A state of the subset construction: the shape, then the waiting instructions in order.
using Subset = llvm::SmallVector<std::uint32_t, 6>;

struct SubsetHash {
  std::size_t operator()(const Subset& subset) const {
    return llvm::hash_combine_range(subset.begin(), subset.end());
  }
};

class Determiniser {
 public:
  Determiniser(llvm::ArrayRef<const PathProgram*> programs, Budget budget) : budget_(budget) {
    for (const PathProgram* program : programs) add_program(*program);
    seen_.resize(instructions_.size());
  }

  std::optional<Automaton> run() {
    automaton_.add_state(false);
    automaton_.add_edge(255, 0);
    Subset start = {static_cast<std::uint32_t>(Shape::Start)};
    ++round_;
    for (const std::uint32_t entry : entries_) add_closure(start, entry);
    automaton_.start = number(std::move(start));
    // `subsets_` grows while it is walked.
    for (std::size_t index = 0; index < subsets_.size(); ++index) {
      add_transitions(*subsets_[index]);
      if (numbers_.size() > budget_.max_states || work_ > budget_.max_work) return std::nullopt;
    }
    return std::move(automaton_);
  }

 private:
  void add_program(const PathProgram& program) {
    const auto offset = static_cast<std::uint32_t>(instructions_.size());
    const auto set_offset = static_cast<std::uint32_t>(sets_.size());
    entries_.push_back(offset);
    for (PathInstruction step : program.instructions) {
      step.next += offset;
      step.alternative += offset;
      step.set += set_offset;
      instructions_.push_back(step);
    }
    for (const ByteSet& set : program.sets) {
      sets_.push_back(set);
      set_cuts_.push_back(cuts_of(set));
    }
  }

  // Adds the instructions that wait for a byte at `instruction` or where its forks lead.
  void add_closure(Subset& subset, std::uint32_t instruction) {
    llvm::SmallVector<std::uint32_t, 8> pending = {instruction};
    while (!pending.empty()) {
      const std::uint32_t next = pending.pop_back_val();
      if (seen_[next] == round_) continue;
      seen_[next] = round_;
      ++work_;
      if (instructions_[next].kind == PathInstruction::Kind::Fork) {
        pending.push_back(instructions_[next].alternative);
        pending.push_back(instructions_[next].next);
      } else {
        subset.push_back(next);
      }
    }
  }

  // State numbers begin at 1: 0 is the state that refuses.
  std::uint32_t number(Subset subset) {
    llvm::sort(subset.begin() + 1, subset.end());
    const auto [found, is_new] =
        numbers_.try_emplace(std::move(subset), static_cast<std::uint32_t>(numbers_.size() + 1));
    if (is_new) subsets_.push_back(&found->first);
    return found->second;
  }

  bool is_accepting(const Subset& subset) const {
    if (!may_end(static_cast<Shape>(subset.front()))) return false;
    return llvm::any_of(llvm::ArrayRef(subset).drop_front(), [&](std::uint32_t item) {
      return instructions_[item].kind == PathInstruction::Kind::Accept;
    });
  }

  Cuts cuts_of_subset(const Subset& subset) const {
    Cuts cuts;
    for (const unsigned byte : {'.', '/'}) cuts.set(byte).set(byte + 1);
    cuts.set(1);
    for (const std::uint32_t item : llvm::ArrayRef(subset).drop_front()) {
      const PathInstruction& step = instructions_[item];
      if (step.kind == PathInstruction::Kind::Byte) cuts.set(step.byte).set(step.byte + 1U);
      if (step.kind == PathInstruction::Kind::Set) cuts |= set_cuts_[step.set];
    }
    return cuts.set(256);
  }

  void add_transitions(const Subset& subset) {
    automaton_.add_state(is_accepting(subset));
    const Cuts cuts = cuts_of_subset(subset);
    unsigned first = 0;
    for (unsigned end = 1; end <= 256; ++end) {
      if (!cuts[end]) continue;
      automaton_.add_edge(end - 1, target(subset, static_cast<unsigned char>(first)));
      first = end;
    }
  }

  std::uint32_t target(const Subset& subset, unsigned char byte) {
    const Shape shape = step_shape(static_cast<Shape>(subset.front()), byte);
    work_ += subset.size();
    if (shape == Shape::Impossible) return 0;
    Subset next = {static_cast<std::uint32_t>(shape)};
    ++round_;
    for (const std::uint32_t item : llvm::ArrayRef(subset).drop_front()) {
      if (takes(instructions_[item], byte)) add_closure(next, instructions_[item].next);
    }
    return next.size() == 1 ? 0 : number(std::move(next));
  }

  bool takes(const PathInstruction& step, unsigned char byte) const {
    switch (step.kind) {
      case PathInstruction::Kind::Byte:
        return step.byte == byte;
      case PathInstruction::Kind::Set:
        return sets_[step.set][byte];
      case PathInstruction::Kind::Fork:
      case PathInstruction::Kind::Accept:
        return false;
    }
    return false;
  }

  Budget budget_;
  std::size_t work_ = 0;
  std::vector<PathInstruction> instructions_;
  std::vector<ByteSet> sets_;
  std::vector<Cuts> set_cuts_;
  std::vector<std::uint32_t> entries_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t round_ = 0;
  std::unordered_map<Subset, std::uint32_t, SubsetHash> numbers_;  // looked up only, never walked
  std::vector<const Subset*> subsets_;                             // into numbers_, whose nodes do not move
  Automaton automaton_;
};

class Combiner {
 public:
  Combiner(const Automaton& first, const Automaton& second, Combination combination)
      : first_(first), second_(second), combination_(combination) {}

  std::optional<Automaton> run(std::size_t max_states) {
    automaton_.add_state(false);
    automaton_.add_edge(255, 0);
    automaton_.start = number(first_.start, second_.start);
    for (std::size_t index = 0; index < pairs_.size(); ++index) {
      const auto [left, right] = pairs_[index];
      automaton_.add_state(accepts(first_.states[left].accepting, second_.states[right].accepting));
      add_edges(left, right);
      if (pairs_.size() > max_states) return std::nullopt;
    }
    return std::move(automaton_);
  }

 private:
  bool accepts(bool left, bool right) const {
    switch (combination_) {
      case Combination::Union:
        return left || right;
      case Combination::Intersection:
        return left && right;
      case Combination::Difference:
        return left && !right;
    }
    return false;
  }

  bool is_dead(std::uint32_t left, std::uint32_t right) const {
    switch (combination_) {
      case Combination::Union:
        return left == 0 && right == 0;
      case Combination::Intersection:
        return left == 0 || right == 0;
      case Combination::Difference:
        return left == 0;
    }
    return false;
  }

  void add_edges(std::uint32_t left, std::uint32_t right) {
    const llvm::ArrayRef<Automaton::Edge> left_edges = first_.edges_of(left);
    const llvm::ArrayRef<Automaton::Edge> right_edges = second_.edges_of(right);
    std::size_t left_index = 0;
    std::size_t right_index = 0;
    while (left_index < left_edges.size() && right_index < right_edges.size()) {
      const Automaton::Edge& left_edge = left_edges[left_index];
      const Automaton::Edge& right_edge = right_edges[right_index];
      const std::uint8_t last = std::min(left_edge.last, right_edge.last);
      automaton_.add_edge(last, number(left_edge.target, right_edge.target));
      left_index += left_edge.last == last;
      right_index += right_edge.last == last;
    }
  }

  std::uint32_t number(std::uint32_t left, std::uint32_t right) {
    if (is_dead(left, right)) return 0;
    const std::uint64_t key = (static_cast<std::uint64_t>(left) << 32) | right;
    const auto [found, is_new] = numbers_.try_emplace(key, static_cast<std::uint32_t>(pairs_.size() + 1));
    if (is_new) pairs_.emplace_back(left, right);
    return found->second;
  }

  const Automaton& first_;  // both outlive the combiner
  const Automaton& second_;
  Combination combination_;
  Automaton automaton_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;  // looked up only, never walked
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;
};

}  // namespace

bool can_exist(llvm::StringRef path) {
  Shape shape = Shape::Start;
  for (const char byte : path) shape = step_shape(shape, static_cast<unsigned char>(byte));
  return may_end(shape);
}

std::optional<Automaton> determinise(llvm::ArrayRef<const PathProgram*> programs, Budget budget) {
  std::optional<Automaton> automaton = Determiniser(programs, budget).run();
  if (!automaton) return std::nullopt;
  return minimise(*automaton);
}

std::optional<Automaton> combine(const Automaton& first, const Automaton& second, Combination combination,
                                 std::size_t max_states) {
  std::optional<Automaton> automaton = Combiner(first, second, combination).run(max_states);
  if (!automaton) return std::nullopt;
  return minimise(*automaton);
}

// Steps that the automaton of one pattern may take to be made. The patterns of AppArmor's own profiles and of
// its tests need at most 100 states and 5000 steps; a row of `?` behind `**` doubles both with each `?`. A
// policy of 64 KiB that is full of the worst patterns is read in less than a second.
static Budget pattern_budget(const PathPattern& pattern) {
  const std::size_t length = pattern.text().size();
  return {.max_states = std::min<std::size_t>(200 + 4 * length, 1'000),
          .max_work = std::min<std::size_t>(5'000 + 50 * length, 50'000)};
}

// Literals and at most one group of literal alternatives, which make a tree of the alternatives.
static bool is_plain(const PathPattern& pattern) {
  constexpr std::size_t kLongest = 256;  // instructions
  std::size_t groups = 0;
  std::size_t literals = 0;
  for (const PathNode& node : pattern.nodes()) {
    const auto* group = std::get_if<AlternativesNode>(&node.value);
    literals += std::holds_alternative<LiteralNode>(node.value);
    groups += group != nullptr;
    const bool is_literal_group =
        group == nullptr || llvm::all_of(group->choices, [](const PathSequence& choice) {
          return choice.empty() ||
                 (choice.size() == 1 && std::holds_alternative<LiteralNode>(choice.front().value));
        });
    if (!is_literal_group) return false;
  }
  const bool has_no_wildcard = literals + groups == pattern.nodes().size();
  return groups <= 1 && has_no_wildcard && pattern.program().instructions.size() <= kLongest;
}

// One star and only fixed bytes behind it: a search for those bytes, whose automaton has no more states than
// the pattern has bytes (Knuth, Morris and Pratt 1977), times the few shapes of a path. Most patterns are
// that.
static bool has_one_star(const PathPattern& pattern) {
  constexpr std::size_t kLongest = 128;  // bytes
  bool is_behind_star = false;
  for (const PathNode& node : pattern.nodes()) {
    if (std::holds_alternative<AlternativesNode>(node.value)) return false;
    if (is_behind_star && !std::holds_alternative<LiteralNode>(node.value)) return false;
    is_behind_star = is_behind_star || std::holds_alternative<StarNode>(node.value);
  }
  return pattern.text().size() <= kLongest;
}

bool is_within_budget(const PathPattern& pattern) {
  if (pattern.is_literal() || has_one_star(pattern) || is_plain(pattern)) return true;
  return Determiniser(&pattern.program(), pattern_budget(pattern)).run().has_value();
}

}  // namespace isola::ir
