#include "backends/seccomp/dispatch.h"

#include <llvm/ADT/DenseMap.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "backends/seccomp/dispatch_bisection.h"
#include "backends/seccomp/dispatch_exact.h"
#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

// More intervals than this are cut in the middle of their weight first: the tables grow with the square.
constexpr std::size_t kLargestExact = 400;
constexpr std::uint32_t kHighestValue = 0xffffffff;

// Where half of the weight lies on either side.
std::size_t middle(llvm::ArrayRef<Interval> intervals) {
  double total = 0;
  for (const Interval& interval : intervals) total += interval.weight;
  double before = 0;
  std::size_t at = 0;
  while (at + 2 < intervals.size() && before + intervals[at].weight <= total / 2)
    before += intervals[at++].weight;
  return at + 1;
}

NodeId build(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest,
             double test_cost) {
  if (intervals.size() <= kLargestExact) return build_exact(graph, intervals, highest, test_cost);
  const std::size_t cut =
      std::clamp(middle(intervals), kLargestExact / 4, intervals.size() - kLargestExact / 4);
  const std::uint32_t first = intervals[cut].first;
  const NodeId above = build(graph, intervals.drop_front(cut), highest, test_cost);
  const NodeId below = build(graph, intervals.take_front(cut), first - 1, test_cost);
  return graph.test(Node::Kind::GreaterEqual, first, above, below);
}

}  // namespace

std::vector<Interval> merge_neighbours(llvm::ArrayRef<Interval> intervals) {
  std::vector<Interval> merged;
  merged.reserve(intervals.size());
  for (const Interval& interval : intervals) {
    if (!merged.empty() && merged.back().target == interval.target) {
      merged.back().weight += interval.weight;
    } else {
      merged.push_back(interval);
    }
  }
  return merged;
}

// No tree has fewer: it asks `==` for some of the values; of the intervals left, two that follow each other
// and lead to different places are told apart by a `>=` whose constant lies between them, and no two pairs
// share it. Choosing what to ask `==` for so that both together are fewest needs one pass: what counts of the
// intervals so far is which one is the last that is left.
std::size_t fewest_tests(llvm::ArrayRef<Interval> all) {
  const std::vector<Interval> intervals = merge_neighbours(all);
  constexpr std::ptrdiff_t kNone = std::numeric_limits<std::ptrdiff_t>::max() / 2;
  // Tests up to an interval that is left, less the number of intervals so far: over all, and by target.
  std::ptrdiff_t best = kNone;
  llvm::DenseMap<NodeId, std::ptrdiff_t> best_by_target;
  bool is_first_left = true;  // whether all intervals so far can be asked for by `==`
  for (std::size_t at = 0; at < intervals.size(); ++at) {
    const NodeId target = intervals[at].target;
    const auto same = best_by_target.find(target);
    const std::ptrdiff_t without_cut = same == best_by_target.end() ? kNone : same->second;
    const std::ptrdiff_t tests = std::min({is_first_left ? 0 : kNone, best + 1, without_cut}) - 1;
    const bool is_last = at + 1 == intervals.size();
    const std::uint32_t last = is_last ? kHighestValue : intervals[at + 1].first - 1;
    if (intervals[at].first != last) {
      best = kNone;
      best_by_target.clear();
      is_first_left = false;
    }
    best = std::min(best, tests);
    best_by_target[target] = std::min(tests, best_by_target.try_emplace(target, kNone).first->second);
  }
  return static_cast<std::size_t>(best + static_cast<std::ptrdiff_t>(intervals.size()));
}

NodeId build_dispatch(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, DispatchGoal goal) {
  ISOLA_CHECK(!intervals.empty() && intervals.front().first == 0, "intervals begin with 0");
  const std::vector<Interval> merged = merge_neighbours(intervals);
  switch (goal.search) {
    case Search::Exact:
      return build(graph, merged, kHighestValue, goal.test_cost);
    case Search::Bisection:
      return build_bisection(graph, merged, kHighestValue);
  }
  ISOLA_CHECK(false, "a known search");
  return 0;
}

}  // namespace isola::backends::seccomp
