// 32-bit words whose bits are functions of the call, and what a filter does with them.
//
// Arithmetic is built as in hardware: ripple adders, shift-and-add, restoring division, barrel shifters.
// Known bits fold away, so a word that a filter only compares or masks costs next to nothing.

#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "compiler/ir/decision_diagram.h"

namespace isola::backends::seccomp {

// Least significant bit first; each a diagram of outcomes 0 and 1.
using SymbolicWord = std::array<ir::DecisionDiagrams::Node, 32>;

class SymbolicArithmetic {
 public:
  using Node = ir::DecisionDiagrams::Node;

  explicit SymbolicArithmetic(ir::DecisionDiagrams& diagrams) : diagrams_(diagrams) {}

  SymbolicWord constant(std::uint32_t value);
  // The lower or upper half of a word of the call.
  SymbolicWord half_of(std::size_t call_word, bool is_upper);

  // `operation` is one of BPF_ADD ... BPF_XOR and BPF_NEG, which seccomp has. Shifts are by the lowest five
  // bits of `right`. Division by zero gives some value.
  SymbolicWord compute(std::uint16_t operation, const SymbolicWord& left, const SymbolicWord& right);
  // `operation` is one of BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET.
  Node compare(std::uint16_t operation, const SymbolicWord& left, const SymbolicWord& right);
  Node is_zero(const SymbolicWord& word) { return compare_equal(word, constant(0)); }

 private:
  Node zero() { return diagrams_.outcome(0); }
  Node one() { return diagrams_.outcome(1); }
  Node differ(Node a, Node b) { return diagrams_.choose(a, diagrams_.negate(b), b); }
  SymbolicWord choose(Node condition, const SymbolicWord& then, const SymbolicWord& otherwise);
  SymbolicWord invert(const SymbolicWord& word);
  SymbolicWord add(const SymbolicWord& left, const SymbolicWord& right, Node carry);
  std::optional<std::uint32_t> value_of(const SymbolicWord& word);
  SymbolicWord multiply_by(const SymbolicWord& left, std::uint32_t factor);
  SymbolicWord multiply(const SymbolicWord& left, const SymbolicWord& right);
  SymbolicWord divide(const SymbolicWord& left, const SymbolicWord& right);
  SymbolicWord shift(const SymbolicWord& left, const SymbolicWord& right, bool is_left);
  Node compare_equal(const SymbolicWord& left, const SymbolicWord& right);
  Node compare_greater(const SymbolicWord& left, const SymbolicWord& right, Node when_equal);

  ir::DecisionDiagrams& diagrams_;
};

}  // namespace isola::backends::seccomp
