// How x32 shares the tree of x86_64:
//
//   native tree                        spine: the way that the highest numbers take through it
//     >= a ── >= b ── ...              >= 0x40000000 is asked somewhere on the spine: at its top it costs
//     every
//               └ x32? ── AND ~bit     call a test, further down it costs a second copy of the spine above it
//                           └ tree of the numbers that differ, its other leaves inside the native tree

#include "backends/seccomp/number_tree.h"

#include <algorithm>
#include <optional>

#include "compiler/base/check.h"
#include "compiler/kernel/arch.h"

namespace isola::backends::seccomp {

namespace {

// Both ends inclusive.
struct Range {
  std::uint32_t low = 0;
  std::uint32_t high = 0xffffffff;
};

// The part of `range` for which the test goes to `then`, or to `otherwise`; nothing when there is none. A
// `==` in the middle of a range leaves the whole range on its `otherwise` side.
std::optional<Range> then_range(const Node& test, Range range) {
  const std::uint32_t constant = test.constant;
  if (test.kind == Node::Kind::Equal) {
    const bool is_inside = range.low <= constant && constant <= range.high;
    return is_inside ? std::optional(Range{constant, constant}) : std::nullopt;
  }
  if (range.high < constant) return std::nullopt;
  return Range{std::max(range.low, constant), range.high};
}

std::optional<Range> otherwise_range(const Node& test, Range range) {
  const std::uint32_t constant = test.constant;
  if (test.kind == Node::Kind::Equal) {
    if (range.low == constant && range.high == constant) return std::nullopt;
    if (range.low == constant) return Range{range.low + 1, range.high};
    if (range.high == constant) return Range{range.low, range.high - 1};
    return range;
  }
  if (range.low >= constant) return std::nullopt;
  return Range{range.low, std::min(range.high, constant - 1)};
}

// A test on the number itself, as dispatch makes them; argument trees begin with a load.
bool asks_number(const Node& node) {
  return node.kind == Node::Kind::Equal || node.kind == Node::Kind::GreaterEqual;
}

// So many tests more lie on the way of an x32 call that goes through the tree of x86_64.
constexpr double kSharedDetour = 8;

class X32Tree {
 public:
  X32Tree(DecisionGraph& graph, const NumberTable& native, const NumberTable& x32, double x32_share,
          DispatchGoal goal)
      : graph_(graph), native_(native), x32_(x32), x32_share_(x32_share), goal_(goal) {}

  NodeId build() {
    append_intervals(intervals_, native_, 0);
    root_ = build_dispatch(graph_, intervals_, goal_);
    const NodeId entry = graph_.mask(~kernel::kX32Bit, x32_tree());
    return insert(entry);
  }

 private:
  // The tree over x32 numbers without their bit. Sharing saves tests, and makes ways of x32 calls longer.
  NodeId x32_tree() {
    std::vector<Interval> apart;
    append_intervals(apart, x32_, 0);
    const std::vector<Interval> joined = join();
    double weight = 0;
    for (const NumberTarget& target : x32_.targets) weight += target.weight;
    const auto saved = static_cast<double>(fewest_tests(apart)) - static_cast<double>(fewest_tests(joined));
    if (saved * goal_.test_cost <= kSharedDetour * weight) return build_dispatch(graph_, apart, goal_);
    return relink(build_dispatch(graph_, joined, goal_), {});
  }

  // Numbers of both, ascending: where both lead to one place, the interval leads to the native tree.
  std::vector<Interval> join() const {
    std::vector<Interval> joined{{0, native_.gap == x32_.gap ? root_ : x32_.gap, 0}};
    const auto add = [&](std::uint32_t number, NodeId native, NodeId x32, double weight) {
      const NodeId gap = native_.gap == x32_.gap ? root_ : x32_.gap;
      if (joined.back().first == number) joined.pop_back();
      joined.push_back({number, native == x32 ? root_ : x32, weight});
      joined.push_back({number + 1, gap, 0});
    };
    auto own = x32_.targets.begin();
    for (const NumberTarget& target : native_.targets) {
      for (; own != x32_.targets.end() && own->number < target.number; ++own) {
        add(own->number, native_.gap, own->node, own->weight);
      }
      const bool is_in_both = own != x32_.targets.end() && own->number == target.number;
      add(target.number, target.node, is_in_both ? own->node : x32_.gap, is_in_both ? own->weight : 0);
      if (is_in_both) ++own;
    }
    for (; own != x32_.targets.end(); ++own) add(own->number, native_.gap, own->node, own->weight);
    return joined;
  }

  // Ways that lead to the top of the native tree lead to where their numbers get to in it without a choice.
  NodeId relink(NodeId id, Range range) {
    if (id == root_) return descend(range);
    const Node node = graph_.node(id);
    if (!asks_number(node)) return id;
    const auto then = then_range(node, range);
    const auto otherwise = otherwise_range(node, range);
    ISOLA_CHECK(then && otherwise, "a test that can go both ways");
    const NodeId above = relink(node.then, *then);
    return graph_.test(node.kind, node.constant, above, relink(node.otherwise, *otherwise));
  }

  NodeId descend(Range range) const {
    NodeId id = root_;
    while (asks_number(graph_.node(id))) {
      const Node& node = graph_.node(id);
      const bool can_then = then_range(node, range).has_value();
      if (can_then && otherwise_range(node, range)) break;
      id = can_then ? node.then : node.otherwise;
    }
    return id;
  }

  double weight_within(Range range) const {
    double weight = 0;
    for (const NumberTarget& target : native_.targets) {
      if (range.low <= target.number && target.number <= range.high) weight += target.weight;
    }
    return weight;
  }

  // The native tree with a test for x32 on its spine, where that costs least.
  NodeId insert(NodeId entry) {
    std::vector<NodeId> spine{root_};
    std::vector<double> weights{weight_within({})};
    Range range;
    while (asks_number(graph_.node(spine.back()))) {
      const Node& node = graph_.node(spine.back());
      const bool is_above = node.kind == Node::Kind::GreaterEqual;
      range = is_above ? *then_range(node, range) : *otherwise_range(node, range);
      spine.push_back(is_above ? node.then : node.otherwise);
      weights.push_back(weight_within(range));
    }
    std::size_t best = 0;
    const double copied = goal_.test_cost + x32_share_ * weights[0];
    const auto cost = [&](std::size_t at) { return weights[at] + copied * static_cast<double>(at); };
    for (std::size_t at = 1; at < spine.size(); ++at) {
      if (cost(at) < cost(best)) best = at;
    }
    NodeId node = graph_.test(Node::Kind::GreaterEqual, kernel::kX32Bit, entry, spine[best]);
    while (best-- > 0) {
      const Node above = graph_.node(spine[best]);
      const bool is_then = above.kind == Node::Kind::GreaterEqual;
      node = graph_.test(above.kind, above.constant, is_then ? node : above.then,
                         is_then ? above.otherwise : node);
    }
    return node;
  }

  DecisionGraph& graph_;
  const NumberTable& native_;
  const NumberTable& x32_;
  double x32_share_;
  DispatchGoal goal_;
  std::vector<Interval> intervals_;
  NodeId root_ = 0;
};

}  // namespace

void append_intervals(std::vector<Interval>& intervals, const NumberTable& table, std::uint32_t first) {
  for (const NumberTarget& target : table.targets) {
    if (target.number > first) intervals.push_back({first, table.gap, 0});
    intervals.push_back({target.number, target.node, target.weight});
    first = target.number + 1;
  }
  intervals.push_back({first, table.gap, table.newer_weight});
}

NodeId build_x86_64_and_x32(DecisionGraph& graph, const NumberTable& native, const NumberTable& x32,
                            double x32_share, DispatchGoal goal) {
  return X32Tree(graph, native, x32, x32_share, goal).build();
}

}  // namespace isola::backends::seccomp
