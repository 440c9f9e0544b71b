// The backend's own model: a graph of tests and answers that the emitter only has to lay out.
//
// Nodes are hash-consed: a question that two places ask alike is one node, so equal remainders of two calls'
// argument checks share their instructions. The graph has no cycles, as children exist before their parents.
//
// Not here: which questions to ask (lower.h), where instructions stand and how far jumps reach (emit.h).

#pragma once

#include <llvm/ADT/DenseMap.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "compiler/ir/permission.h"
#include "compiler/kernel/arch.h"

namespace isola::backends::seccomp {

// A 32-bit word of struct seccomp_data: 2*i and 2*i+1 are the lower and upper half of argument i.
using Word = std::uint8_t;
constexpr Word kNumberWord = 2 * ir::kMaxArguments;
constexpr Word kArchWord = kNumberWord + 1;
constexpr Word lower_half(std::size_t argument) {
  return static_cast<Word>(2 * argument);
}
constexpr Word upper_half(std::size_t argument) {
  return static_cast<Word>(2 * argument + 1);
}

constexpr std::uint32_t kWholeWord = 0xffffffff;

using NodeId = std::uint32_t;

struct Node {
  enum class Kind : std::uint8_t {
    Answer,  // SECCOMP_RET_* value in `constant`
    Load,    // the accumulator becomes word `constant`; goes on at `then`
    Mask,    // the accumulator is cut to the bits of `constant`; goes on at `then`
    Equal,   // the four tests hold the accumulator against `constant`
    Greater,
    GreaterEqual,
    AnyBit,
  };
  Kind kind{};
  std::uint32_t constant = 0;
  NodeId then = 0;
  NodeId otherwise = 0;  // tests only

  bool is_test() const { return kind >= Kind::Equal; }
};

class DecisionGraph {
 public:
  const Node& node(NodeId id) const { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }

  NodeId answer(std::uint32_t value) { return make({Node::Kind::Answer, value, 0, 0}); }
  // `then` itself when it does not look at the accumulator.
  NodeId load(Word word, NodeId then) { return tests(then) ? make({Node::Kind::Load, word, then, 0}) : then; }
  NodeId mask(std::uint32_t bits, NodeId then) {
    return tests(then) ? make({Node::Kind::Mask, bits, then, 0}) : then;
  }
  // `then` itself when both ways are the same.
  NodeId test(Node::Kind kind, std::uint32_t constant, NodeId then, NodeId otherwise) {
    return then == otherwise ? then : make({kind, constant, then, otherwise});
  }

  // Nodes that can be reached, each counted once.
  std::size_t reachable_from(NodeId root) const;

 private:
  NodeId make(Node node);
  // Whether the node's meaning depends on the accumulator.
  bool tests(NodeId id) const {
    return nodes_[id].kind != Node::Kind::Answer && nodes_[id].kind != Node::Kind::Load;
  }

  std::vector<Node> nodes_;
  llvm::DenseMap<std::pair<std::uint64_t, std::uint64_t>, NodeId> ids_;
};

enum class ByteOrder : std::uint8_t { Little, Big };

// One filter. A filter is made for machines of one byte order; the other architectures are foreign to it.
struct Model {
  ByteOrder byte_order{};
  kernel::ArchSet arches;
  DecisionGraph graph;
  NodeId root = 0;
};

}  // namespace isola::backends::seccomp
