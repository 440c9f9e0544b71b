#include "backends/seccomp/model.h"

namespace isola::backends::seccomp {

NodeId DecisionGraph::make(Node node) {
  const std::uint64_t what = (static_cast<std::uint64_t>(node.kind) << 32) | node.constant;
  const std::uint64_t where = (static_cast<std::uint64_t>(node.then) << 32) | node.otherwise;
  const auto [place, is_new] = ids_.try_emplace({what, where}, static_cast<NodeId>(nodes_.size()));
  if (is_new) nodes_.push_back(node);
  return place->second;
}

std::size_t DecisionGraph::reachable_from(NodeId root) const {
  std::vector<bool> seen(nodes_.size());
  std::vector<NodeId> open{root};
  seen[root] = true;
  std::size_t count = 0;
  const auto visit = [&](NodeId id) {
    if (seen[id]) return;
    seen[id] = true;
    open.push_back(id);
  };
  while (!open.empty()) {
    const Node& node = nodes_[open.back()];
    open.pop_back();
    ++count;
    if (node.kind == Node::Kind::Answer) continue;
    visit(node.then);
    if (node.is_test()) visit(node.otherwise);
  }
  return count;
}

}  // namespace isola::backends::seccomp
