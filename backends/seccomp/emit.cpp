// The program is written from its end to its start: classic BPF jumps only forward, so whatever an
// instruction jumps to has its place already. Of a test's two sides the larger is written first and ends up
// farther away; the other one follows the test directly. A side that is an answer is shared while it is
// within reach and written again when not; any other side out of reach gets a `ja` on the way.

#include "backends/seccomp/emit.h"

#include <llvm/ADT/DenseMap.h>

#include <algorithm>

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

// Longest conditional jump: jt and jf are 8 bits. `ja` reaches everywhere.
constexpr std::size_t kReach = 255;

class Layout {
 public:
  Layout(const DecisionGraph& graph, ByteOrder byte_order) : graph_(graph), byte_order_(byte_order) {}

  std::vector<sock_filter> run(NodeId root) {
    place(root);
    return {reversed_.rbegin(), reversed_.rend()};
  }

 private:
  // Instructions between the next one written and the one at `place`.
  std::size_t distance(std::size_t place) const { return reversed_.size() - 1 - place; }

  std::size_t write(std::uint16_t code, std::size_t jt, std::size_t jf, std::uint32_t k) {
    ISOLA_CHECK(jt <= kReach && jf <= kReach, "a jump within reach");
    reversed_.push_back({code, static_cast<std::uint8_t>(jt), static_cast<std::uint8_t>(jf), k});
    return reversed_.size() - 1;
  }

  // Instructions of the graph below, shared parts counted again; only to compare two sides.
  double size_of(NodeId id) {
    const Node node = graph_.node(id);
    if (node.kind == Node::Kind::Answer) return 0;
    if (const auto found = sizes_.find(id); found != sizes_.end()) return found->second;
    const double size = 1 + size_of(node.then) + (node.is_test() ? size_of(node.otherwise) : 0);
    sizes_[id] = size;
    return size;
  }

  // Writes `id` and all below unless that was done; answers are written where they are needed.
  void place(NodeId id) {
    const Node node = graph_.node(id);
    if (node.kind == Node::Kind::Answer) {
      if (reversed_.empty()) reach(id);
      return;
    }
    if (places_.contains(id)) return;
    places_[id] = node.is_test() ? place_test(node) : place_step(node);
  }

  // The place to jump to for `id` from the next instruction but a few.
  std::size_t reach(NodeId id) {
    const Node node = graph_.node(id);
    const auto found = places_.find(id);
    if (found != places_.end() && distance(found->second) <= kReach) return found->second;
    if (node.kind == Node::Kind::Answer) {
      places_[id] = write(BPF_RET | BPF_K, 0, 0, node.constant);
    } else {
      ISOLA_CHECK(found != places_.end(), "what is jumped to was placed before");
      places_[id] = write(BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(distance(found->second)));
    }
    return places_[id];
  }

  std::size_t place_step(const Node& node) {
    place(node.then);
    const std::size_t next = reach(node.then);
    if (distance(next) != 0) write(BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(distance(next)));
    if (node.kind == Node::Kind::Mask) return write(BPF_ALU | BPF_AND | BPF_K, 0, 0, node.constant);
    return write(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset_of(static_cast<Word>(node.constant), byte_order_));
  }

  std::size_t place_test(const Node& node) {
    const bool then_is_larger = size_of(node.then) > size_of(node.otherwise);
    place(then_is_larger ? node.then : node.otherwise);
    place(then_is_larger ? node.otherwise : node.then);
    // Making one side reachable may push the other out of reach; each side needs that once.
    std::size_t before;
    std::size_t then;
    std::size_t otherwise;
    do {
      before = reversed_.size();
      then = reach(node.then);
      otherwise = reach(node.otherwise);
    } while (reversed_.size() != before);
    return write(code_of(node.kind), distance(then), distance(otherwise), node.constant);
  }

  static std::uint16_t code_of(Node::Kind kind) {
    switch (kind) {
      case Node::Kind::Equal:
        return BPF_JMP | BPF_JEQ | BPF_K;
      case Node::Kind::Greater:
        return BPF_JMP | BPF_JGT | BPF_K;
      case Node::Kind::GreaterEqual:
        return BPF_JMP | BPF_JGE | BPF_K;
      case Node::Kind::AnyBit:
        return BPF_JMP | BPF_JSET | BPF_K;
      case Node::Kind::Answer:
      case Node::Kind::Load:
      case Node::Kind::Mask:
        break;
    }
    ISOLA_CHECK(false, "a test");
    return 0;
  }

  const DecisionGraph& graph_;
  ByteOrder byte_order_;
  std::vector<sock_filter> reversed_;           // last instruction first
  llvm::DenseMap<NodeId, std::size_t> places_;  // in reversed_; the nearest copy
  llvm::DenseMap<NodeId, double> sizes_;
};

}  // namespace

Program emit(const Model& model) {
  return {model.byte_order, Layout(model.graph, model.byte_order).run(model.root)};
}

}  // namespace isola::backends::seccomp
