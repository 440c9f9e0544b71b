// Ordered decision diagrams over the bits of a system call, with numbered outcomes.
//
// Why: intervals and masks on the same argument have no common simple normal form, but as functions of bits
// both are small (a range costs two nodes a bit, a mask one), and a reduced ordered diagram is canonical: two
// conditions mean the same exactly when their diagrams are the same node. So emptiness, containment, overlap,
// equality and witnesses are exact, and so is the comparison of a compiled filter with its policy.
// Source: Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", IEEE ToC 1986.
//
// Bits are ordered architecture, number, argument 0 to 5, instruction pointer, each most significant bit
// first. Conditions of policies are about arguments; a whole filter is about all of them.

#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/STLFunctionalExtras.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/argument_condition.h"

namespace isola::ir {

// All that a filter can see of a call, as 64-bit words in the order of the variables. Bit `bit` of word
// `word` is variable word * 64 + (63 - bit).
using CallWords = std::array<std::uint64_t, kMaxArguments + 2>;
constexpr std::size_t kHeadWord = 0;  // AUDIT_ARCH_* in the upper half, the number in the lower one
constexpr std::size_t kFirstArgumentWord = 1;
constexpr std::size_t kPointerWord = kFirstArgumentWord + kMaxArguments;
CallWords words_of(std::uint32_t audit_arch, std::uint32_t number, const Arguments& arguments);
Arguments arguments_of(const CallWords& words);

class DecisionDiagrams {
 public:
  using Node = std::uint32_t;     // equal nodes are equal functions, within one DecisionDiagrams
  using Outcome = std::uint32_t;  // a terminal's number; conditions use 0 (does not hold) and 1 (holds)

  static constexpr std::size_t kUnlimited = ~std::size_t{0};
  static constexpr std::uint32_t kVariables = 64 * (kMaxArguments + 2);

  // Some functions have no small diagram. Past `most_nodes` or `most_work` (ten million steps are about half
  // a second), is_exhausted() holds and what comes out means nothing, but comes soon.
  explicit DecisionDiagrams(std::size_t most_nodes = kUnlimited, std::size_t most_work = kUnlimited);
  bool is_exhausted() const { return entries_.size() > most_nodes_ || work_ > most_work_; }
  std::size_t work() const { return work_; }

  Node outcome(Outcome value);
  Node condition(const ArgumentCondition& condition);
  // Holds where this bit of the call is one.
  Node bit(std::size_t word, unsigned bit);
  // The function of a number with these bits, each of outcomes 0 and 1; least significant bit first. `settle`
  // gives the outcome for a number, as soon as the known ones of its bits allow; with all bits known it must.
  using Settle = llvm::function_ref<std::optional<Outcome>(std::uint32_t known, std::uint32_t value)>;
  Node assemble(llvm::ArrayRef<Node> bits, Settle settle);
  // Where `condition` (of outcomes 0 and 1) holds, `then`; elsewhere `otherwise`.
  Node choose(Node condition, Node then, Node otherwise);
  Node both(Node a, Node b) { return choose(a, b, outcome(0)); }
  Node either(Node a, Node b) { return choose(a, outcome(1), b); }
  Node negate(Node a) { return choose(a, outcome(0), outcome(1)); }

  // Of two conditions. Makes no nodes.
  bool contains(Node wide, Node narrow);
  bool overlaps(Node a, Node b) { return both(a, b) != outcome(0); }

  Outcome evaluate(Node node, const CallWords& words) const;
  Outcome evaluate(Node node, const Arguments& arguments) const {
    return evaluate(node, words_of(0, 0, arguments));
  }
  // A call for which `node` has `wanted`; zero bits wherever they are free.
  std::optional<CallWords> witness_call(Node node, Outcome wanted) const;
  std::optional<Arguments> witness(Node node, Outcome wanted) const;
  // The function with bits fixed where `known[i]` has ones, to those of `values[i]`.
  Node restrict_to(Node node, const CallWords& known, const CallWords& values);
  Node restrict_to(Node node, const Arguments& known, const Arguments& values) {
    return restrict_to(node, words_of(0, 0, known), words_of(0, 0, values));
  }
  // All outcomes that the function can have, ascending.
  std::vector<Outcome> outcomes(Node node) const;
  // The function with each outcome replaced by the one that `replace` gives for it.
  Node map_outcomes(Node node, llvm::function_ref<Outcome(Outcome)> replace);

  // Of outcomes 0 and 1: the share of all calls for which it is 1. Rounded, so only for putting in order.
  double share(Node node) const;

  // How a node decides: by one variable, or not any more.
  struct Branch {
    std::uint32_t variable;
    Node low, high;
  };
  std::optional<Branch> branch(Node node) const;

  // Of a function of arguments. All arguments a with (a[i] & mask[i]) == value[i] for every i have this
  // outcome.
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
    std::uint32_t variable;  // as in CallWords; kTerminal: `low` is the outcome
    Node low, high;
  };
  Node make(std::uint32_t variable, Node low, Node high);
  Node test_below(const ArgumentTest& test, std::uint64_t known, unsigned width);
  bool collect_cubes(Node node, std::size_t limit, Cube& path, std::vector<Cube>& found) const;
  Node restrict_node(Node node, const CallWords& known, const CallWords& values,
                     llvm::DenseMap<Node, Node>& done);
  Node child_at(Node node, std::uint32_t variable, bool high) const;
  Node assemble_node(const std::vector<Node>& bits, Settle settle, std::map<std::vector<Node>, Node>& done);

  bool contains_below(Node wide, Node narrow, llvm::DenseSet<std::uint64_t>& seen);

  std::size_t most_nodes_;
  std::size_t most_work_;
  std::size_t work_ = 0;
  std::vector<Entry> entries_;
  llvm::DenseMap<std::pair<std::uint64_t, std::uint32_t>, Node> unique_;       // (low, high), variable
  llvm::DenseMap<std::pair<std::uint64_t, std::uint32_t>, Node> choose_memo_;  // (condition, then), otherwise
};

}  // namespace isola::ir
