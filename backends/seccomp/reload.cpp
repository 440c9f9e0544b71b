#include "backends/seccomp/reload.h"

#include <llvm/ADT/DenseMap.h>

namespace isola::backends::seccomp {

namespace {

constexpr std::uint32_t kUnknown = 0xff;  // the accumulator holds no whole word

class Reloads {
 public:
  explicit Reloads(DecisionGraph& graph) : graph_(graph) {}

  // `held`: the word that the accumulator holds on the way to `id`.
  NodeId rewrite(NodeId id, std::uint32_t held) {
    const Node node = graph_.node(id);
    if (node.kind == Node::Kind::Answer) return id;
    if (node.kind == Node::Kind::Load && node.constant == held) return rewrite(node.then, held);
    const std::uint64_t key = (std::uint64_t{id} << 8) | held;
    if (const auto found = done_.find(key); found != done_.end()) return found->second;
    const NodeId result = rebuild(node, held);
    done_[key] = result;
    return result;
  }

 private:
  NodeId rebuild(const Node& node, std::uint32_t held) {
    if (node.kind == Node::Kind::Load) {
      return graph_.load(static_cast<Word>(node.constant), rewrite(node.then, node.constant));
    }
    if (node.kind == Node::Kind::Mask) return graph_.mask(node.constant, rewrite(node.then, kUnknown));
    const NodeId then = rewrite(node.then, held);
    const NodeId otherwise = rewrite(node.otherwise, held);
    return graph_.test(node.kind, node.constant, then, otherwise);
  }

  DecisionGraph& graph_;
  llvm::DenseMap<std::uint64_t, NodeId> done_;
};

}  // namespace

NodeId drop_reloads(DecisionGraph& graph, NodeId root) {
  return Reloads(graph).rewrite(root, kUnknown);
}

}  // namespace isola::backends::seccomp
