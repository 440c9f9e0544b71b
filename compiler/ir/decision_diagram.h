// Ordered decision diagrams over the bits of the six argument registers, with numbered outcomes.
//
// Why: intervals and masks on the same argument have no common simple normal form, but as functions of bits
// both are small (a range costs two nodes a bit, a mask one), and a reduced ordered diagram is canonical: two
// conditions mean the same exactly when their diagrams are the same node. So emptiness, containment, overlap,
// equality and witnesses are exact, and so is the comparison of a compiled filter with its policy.
// Source: Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", IEEE ToC 1986.
//
// Bits are ordered argument 0 first, most significant bit first.

#pragma once

#include <llvm/ADT/DenseMap.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/argument_condition.h"

namespace isola::ir {

class DecisionDiagrams {
 public:
  using Node = std::uint32_t;     // equal nodes are equal functions, within one DecisionDiagrams
  using Outcome = std::uint32_t;  // a terminal's number; conditions use 0 (does not hold) and 1 (holds)

  DecisionDiagrams();

  Node outcome(Outcome value);
  Node condition(const ArgumentCondition& condition);
  // Where `condition` (of outcomes 0 and 1) holds, `then`; elsewhere `otherwise`.
  Node choose(Node condition, Node then, Node otherwise);
  Node both(Node a, Node b) { return choose(a, b, outcome(0)); }
  Node either(Node a, Node b) { return choose(a, outcome(1), b); }
  Node negate(Node a) { return choose(a, outcome(0), outcome(1)); }

  bool contains(Node wide, Node narrow) { return both(narrow, negate(wide)) == outcome(0); }
  bool overlaps(Node a, Node b) { return both(a, b) != outcome(0); }

  Outcome evaluate(Node node, const Arguments& arguments) const;
  // Arguments for which `node` has `wanted`; zero bits wherever they are free.
  std::optional<Arguments> witness(Node node, Outcome wanted) const;
  // The function with argument bits fixed where `known[i]` has ones, to those of `values[i]`.
  Node restrict_to(Node node, const Arguments& known, const Arguments& values);
  // All outcomes that the function can have, ascending.
  std::vector<Outcome> outcomes(Node node) const;

  // All arguments a with (a[i] & mask[i]) == value[i] for every i have this outcome.
  struct Cube {
    Arguments mask{}, value{};
    Outcome outcome = 0;
  };
  // The function as disjoint cubes that together cover everything, one for each path of the diagram, zero
  // bits first. Nothing when there are more than `limit`.
  std::optional<std::vector<Cube>> cubes(Node node, std::size_t limit) const;

 private:
  static constexpr std::uint32_t kTerminal = ~std::uint32_t{0};
  struct Entry {
    std::uint32_t variable;  // argument * 64 + (63 - bit); kTerminal: `low` is the outcome
    Node low, high;
  };
  Node make(std::uint32_t variable, Node low, Node high);
  Node test_below(const ArgumentTest& test, std::uint64_t known, unsigned width);
  bool collect_cubes(Node node, std::size_t limit, Cube& path, std::vector<Cube>& found) const;
  Node restrict_node(Node node, const Arguments& known, const Arguments& values,
                     llvm::DenseMap<Node, Node>& done);

  std::vector<Entry> entries_;
  llvm::DenseMap<std::pair<std::uint64_t, std::uint32_t>, Node> unique_;       // (low, high), variable
  llvm::DenseMap<std::pair<std::uint64_t, std::uint32_t>, Node> choose_memo_;  // (condition, then), otherwise
};

}  // namespace isola::ir
