// Deterministic automata over bytes, restricted to paths that can exist.
//
// Transitions are ranges of bytes: along a literal a state has three of them, and the cost of an operation
// follows the text of the patterns, not the 256 byte values.
//
// What they are used for, and why these paths: path_language.h.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/ir/path_pattern.h"

namespace isola::ir {

struct Automaton {
  struct Edge {
    std::uint8_t last = 255;  // inclusive; the range begins after the previous edge's, the last ends at 255
    std::uint32_t target = 0;
    bool operator==(const Edge&) const = default;
  };
  struct State {
    bool accepting = false;
    std::uint32_t first_edge = 0;  // the edges end where the next state's begin
    bool operator==(const State&) const = default;
  };

  // INVARIANT: state 0 refuses everything, and every other state leads to an accepting one.
  std::vector<State> states;
  std::vector<Edge> edges;
  std::uint32_t start = 0;

  llvm::ArrayRef<Edge> edges_of(std::uint32_t state) const;
  std::uint32_t step(std::uint32_t state, unsigned char byte) const;

  // Adding: a state, then its edges in order; neighbours with one target become one edge.
  void add_state(bool accepting);
  void add_edge(unsigned last, std::uint32_t target);

  bool operator==(const Automaton&) const = default;
};

// Whether the kernel could hand out this path: absolute, no empty, `.` or `..` component, no NUL.
bool can_exist(llvm::StringRef path);

// The paths that one of `programs` matches; nothing when it takes more than `max_states` or `max_work` steps.
struct Budget {
  std::size_t max_states = 0, max_work = 0;
};
std::optional<Automaton> determinise(llvm::ArrayRef<const PathProgram*> programs, Budget budget);

enum class Combination { Union, Intersection, Difference };
std::optional<Automaton> combine(const Automaton& first, const Automaton& second, Combination combination,
                                 std::size_t max_states);

// The smallest automaton of the same paths, states in breadth-first order.
Automaton minimise(const Automaton& automaton);

// Whether the automaton of `pattern` alone is small enough for PathLanguage::of, which then cannot fail.
bool is_within_budget(const PathPattern& pattern);

// For the automaton of any pattern that parse() lets pass, of the union of a policy's patterns, and of any
// operation on two.
constexpr Budget kLanguageBudget{.max_states = 200'000, .max_work = 20'000'000};
constexpr Budget kUnionBudget{.max_states = 20'000, .max_work = 2'000'000};

}  // namespace isola::ir
