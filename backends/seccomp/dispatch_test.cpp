#include "backends/seccomp/dispatch.h"

#include <doctest/doctest.h>

#include <bit>
#include <limits>
#include <map>
#include <random>

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

static void check_every_value(Search search) {
  DecisionGraph graph;
  std::vector<std::uint32_t> firsts{0};
  for (std::uint32_t at = 1; at < 300; ++at) firsts.push_back(firsts.back() + 1 + at * at % 5);
  firsts.push_back(0xffffffff);
  const NodeId root = build_dispatch(graph, alternating(graph, firsts), {3, search});
  for (std::size_t at = 0; at < firsts.size(); ++at) {
    CHECK(answer_for(graph, root, firsts[at]) == at % 2);
    if (at > 0) CHECK(answer_for(graph, root, firsts[at] - 1) == (at - 1) % 2);
  }
  CHECK(answer_for(graph, root, 0xffffffff) == (firsts.size() - 1) % 2);
}

TEST_CASE("dispatch: every value reaches its interval's target, however the tree was searched for") {
  check_every_value(Search::Exact);
  check_every_value(Search::Bisection);
}

TEST_CASE("dispatch: more intervals than one table holds are cut first") {
  DecisionGraph graph;
  std::vector<std::uint32_t> firsts;
  for (std::uint32_t at = 0; at < 3000; ++at) firsts.push_back(at * 7);
  const NodeId root = build_dispatch(graph, alternating(graph, firsts), {3});
  for (std::size_t at = 0; at < firsts.size(); ++at) CHECK(answer_for(graph, root, firsts[at] + 3) == at % 2);
}

TEST_CASE("dispatch: a value among others costs one test") {
  DecisionGraph graph;
  const NodeId root = build_dispatch(graph, alternating(graph, {0, 41, 42}), {3});
  CHECK(graph.reachable_from(root) == 3);
  CHECK(graph.node(root).kind == Node::Kind::Equal);
}

TEST_CASE("dispatch: nothing is asked when all intervals lead to one place") {
  DecisionGraph graph;
  const NodeId target = graph.answer(7);
  CHECK(build_dispatch(graph, std::vector<Interval>{{0, target, 1}, {5, target, 1}}, {3}) == target);
}

namespace {

// What is minimised, of a tree or of the best one.
struct Cost {
  double weighted_depth = 0;
  std::size_t tests = 0;
  double total(double test_cost) const { return weighted_depth + test_cost * static_cast<double>(tests); }
};

class Instance {
 public:
  // `shape`: 0 for alternating targets, 1 for a few targets, 2 with one value much heavier than the others.
  Instance(std::mt19937_64& random, std::size_t shape) {
    const std::size_t count = 2 + random() % 6;
    std::uint32_t first = 0;
    for (std::size_t at = 0; at < count; ++at) {
      const std::uint64_t target = shape == 1 ? random() % 3 : at % 2;
      const auto weight = static_cast<double>(random() % 100);
      const bool is_heavy = shape == 2 && random() % 4 == 0;
      intervals.push_back(
          {first, graph.answer(static_cast<std::uint32_t>(target)), is_heavy ? 30 * weight : weight});
      first += random() % 3 == 0 ? 2 + static_cast<std::uint32_t>(random() % 9) : 1;
    }
    intervals = merge_neighbours(intervals);
  }

  // Of all trees of `>=` and `==`: by what is left of the intervals, a bit for each.
  double best(std::uint32_t left, double test_cost) {
    const auto [place, is_new] = best_.try_emplace(left, 0);
    if (!is_new) return place->second;
    if (is_finished(left)) return 0;
    double weight = 0;
    for (std::size_t at = 0; at < intervals.size(); ++at) weight += has(left, at) ? intervals[at].weight : 0;
    double cheapest = std::numeric_limits<double>::infinity();
    for (std::size_t at = 0; at < intervals.size(); ++at) {
      const std::uint32_t below = left & ((1U << at) - 1);
      if (below != 0 && below != left)
        cheapest = std::min(cheapest, best(below, test_cost) + best(left & ~below, test_cost));
      if (has(left, at) && is_single(at)) cheapest = std::min(cheapest, best(left & ~(1U << at), test_cost));
    }
    return best_[left] = cheapest + weight + test_cost;
  }
  std::uint32_t all() const { return (1U << intervals.size()) - 1; }

  Cost cost_of(NodeId root) const {
    Cost cost{.weighted_depth = 0, .tests = tests_below(root)};
    for (const Interval& interval : intervals) {
      for (NodeId id = root; graph.node(id).kind != Node::Kind::Answer;) {
        const Node& node = graph.node(id);
        const bool is_equal = node.kind == Node::Kind::Equal;
        const bool holds = is_equal ? interval.first == node.constant : interval.first >= node.constant;
        cost.weighted_depth += interval.weight;
        id = holds ? node.then : node.otherwise;
      }
    }
    return cost;
  }

  DecisionGraph graph;
  std::vector<Interval> intervals;

 private:
  static bool has(std::uint32_t left, std::size_t at) { return (left >> at & 1) != 0; }
  bool is_single(std::size_t at) const {
    return at + 1 < intervals.size() && intervals[at + 1].first - intervals[at].first == 1;
  }
  bool is_finished(std::uint32_t left) const {
    const NodeId target = intervals[static_cast<std::size_t>(std::countr_zero(left))].target;
    for (std::size_t at = 0; at < intervals.size(); ++at) {
      if (has(left, at) && intervals[at].target != target) return false;
    }
    return true;
  }
  std::size_t tests_below(NodeId id) const {
    const Node& node = graph.node(id);
    if (node.kind == Node::Kind::Answer) return 0;
    return 1 + tests_below(node.then) + tests_below(node.otherwise);
  }

  std::map<std::uint32_t, double> best_;
};

}  // namespace

// The search takes out the heaviest values only, so it misses some of the best trees: that gap is measured
// here.
TEST_CASE(
    "dispatch: on small instances 96 of 100 trees are the best of all, and the sum is 0.5 % above the best") {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  INFO("seed ", seed);
  std::size_t missed = 0;
  double found_sum = 0;
  double best_sum = 0;
  constexpr std::size_t kInstances = 6000;
  for (std::size_t count = 0; count < kInstances; ++count) {
    Instance instance(random, count % 3);
    const double test_cost = count % 2 == 0 ? 2 : 1000;
    const NodeId root = build_dispatch(instance.graph, instance.intervals, {test_cost});
    const double found = instance.cost_of(root).total(test_cost);
    const double best = instance.best(instance.all(), test_cost);
    CHECK(found >= best - 1e-6);
    if (found > best + 1e-6) ++missed;
    found_sum += found;
    best_sum += best;
  }
  MESSAGE("missed " << missed << " of " << kInstances << ", sum " << found_sum / best_sum << " of the best");
  CHECK(missed * 25 <= kInstances);
  CHECK(found_sum <= 1.005 * best_sum);
}

TEST_CASE("dispatch: no tree has fewer tests than the bound, and the smallest has as many") {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  INFO("seed ", seed);
  for (std::size_t count = 0; count < 5000; ++count) {
    Instance instance(random, count % 3);
    for (Interval& interval : instance.intervals) interval.weight = 0;
    const std::size_t bound = fewest_tests(instance.intervals);
    CHECK(static_cast<double>(bound) == instance.best(instance.all(), 1));
    const NodeId root = build_dispatch(instance.graph, instance.intervals, {1});
    CHECK(instance.cost_of(root).tests == bound);
  }
}
