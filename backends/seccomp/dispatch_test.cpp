#include "backends/seccomp/dispatch.h"

#include <doctest/doctest.h>

using namespace isola::backends::seccomp;

static std::uint32_t answer_for(const DecisionGraph& graph, NodeId id, std::uint32_t value) {
  while (graph.node(id).kind != Node::Kind::Answer) {
    const Node& node = graph.node(id);
    const bool holds = node.kind == Node::Kind::Equal ? value == node.constant : value >= node.constant;
    id = holds ? node.then : node.otherwise;
  }
  return graph.node(id).constant;
}

// Intervals of the given first values with the answers 0, 1, 0, 1, ...
static std::vector<Interval> alternating(DecisionGraph& graph, const std::vector<std::uint32_t>& firsts) {
  std::vector<Interval> intervals;
  for (const std::uint32_t first : firsts) {
    intervals.push_back({first, graph.answer(static_cast<std::uint32_t>(intervals.size() % 2)), 1});
  }
  return intervals;
}

TEST_CASE("dispatch: every value reaches its interval's target") {
  DecisionGraph graph;
  std::vector<std::uint32_t> firsts{0};
  for (std::uint32_t at = 1; at < 300; ++at) firsts.push_back(firsts.back() + 1 + at * at % 5);
  firsts.push_back(0xffffffff);
  const NodeId root = build_dispatch(graph, alternating(graph, firsts), 3);
  for (std::size_t at = 0; at < firsts.size(); ++at) {
    CHECK(answer_for(graph, root, firsts[at]) == at % 2);
    if (at > 0) CHECK(answer_for(graph, root, firsts[at] - 1) == (at - 1) % 2);
  }
  CHECK(answer_for(graph, root, 0xffffffff) == (firsts.size() - 1) % 2);
}

TEST_CASE("dispatch: more intervals than one table holds are cut first") {
  DecisionGraph graph;
  std::vector<std::uint32_t> firsts;
  for (std::uint32_t at = 0; at < 3000; ++at) firsts.push_back(at * 7);
  const NodeId root = build_dispatch(graph, alternating(graph, firsts), 3);
  for (std::size_t at = 0; at < firsts.size(); ++at) CHECK(answer_for(graph, root, firsts[at] + 3) == at % 2);
}

TEST_CASE("dispatch: a value among others costs one test") {
  DecisionGraph graph;
  const NodeId root = build_dispatch(graph, alternating(graph, {0, 41, 42}), 3);
  CHECK(graph.reachable_from(root) == 3);
  CHECK(graph.node(root).kind == Node::Kind::Equal);
}

TEST_CASE("dispatch: nothing is asked when all intervals lead to one place") {
  DecisionGraph graph;
  const NodeId target = graph.answer(7);
  CHECK(build_dispatch(graph, std::vector<Interval>{{0, target, 1}, {5, target, 1}}, 3) == target);
}
