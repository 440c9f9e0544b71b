#include "backends/seccomp/dispatch.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

// Longest run asked value by value: beyond this a cut is always better.
constexpr std::size_t kLongestChain = 24;
// Without chains the best cut moves monotonically (Knuth, "Optimum binary search trees", 1971); with them it
// may stray a little. Cuts are tried this far beyond Knuth's bounds.
constexpr std::size_t kSlack = 6;
// More intervals than this are cut in the middle of their weight first: the tables grow with the square.
constexpr std::size_t kLargestExact = 400;

// Neighbours with the same target become one.
std::vector<Interval> merge(llvm::ArrayRef<Interval> intervals) {
  std::vector<Interval> merged;
  for (const Interval& interval : intervals) {
    if (!merged.empty() && merged.back().target == interval.target) {
      merged.back().weight += interval.weight;
    } else {
      merged.push_back(interval);
    }
  }
  return merged;
}

class Dispatch {
 public:
  // The last interval ends with `highest`.
  Dispatch(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest, double size_cost)
      : graph_(graph),
        intervals_(intervals),
        highest_(highest),
        size_cost_(size_cost),
        count_(intervals.size()) {
    runs_.resize(count_ * count_);
    weight_before_.resize(count_ + 1);
    for (std::size_t at = 0; at < count_; ++at) {
      weight_before_[at + 1] = weight_before_[at] + intervals_[at].weight;
    }
  }

  NodeId build() {
    for (std::size_t at = 0; at < count_; ++at) run(at, at).cut = at;
    for (std::size_t length = 2; length <= count_; ++length) {
      for (std::size_t first = 0; first + length <= count_; ++first) solve(first, first + length - 1);
    }
    return tree(0, count_ - 1);
  }

 private:
  // A run of intervals, both ends inclusive: its cheapest tree.
  struct Run {
    double cost = 0;
    std::size_t cut = 0;               // the best cut is after this interval
    std::optional<NodeId> background;  // set when asking value by value is cheaper: where all others lead
  };

  Run& run(std::size_t first, std::size_t last) { return runs_[first * count_ + last]; }
  double weight(std::size_t first, std::size_t last) const {
    return weight_before_[last + 1] - weight_before_[first];
  }
  bool is_single(std::size_t at) const {
    const std::uint32_t last = at + 1 < count_ ? intervals_[at + 1].first - 1 : highest_;
    return intervals_[at].first == last;
  }

  void solve(std::size_t first, std::size_t last) {
    Run& best = run(first, last);
    best.cost = std::numeric_limits<double>::infinity();
    const std::size_t lower_cut = run(first, last - 1).cut;
    const std::size_t upper_cut = std::max(run(first + 1, last).cut, lower_cut);
    const std::size_t from = std::max(first, lower_cut - std::min(kSlack, lower_cut));
    const std::size_t to = std::min(last - 1, upper_cut + kSlack);
    for (std::size_t cut = from; cut <= to; ++cut) {
      const double cost = run(first, cut).cost + run(cut + 1, last).cost;
      if (cost < best.cost) {
        best.cost = cost;
        best.cut = cut;
      }
    }
    best.cost += weight(first, last) + size_cost_;
    if (last - first < kLongestChain) consider_chains(first, last);
  }

  // Asking value by value needs one target for all values that are not asked for.
  void consider_chains(std::size_t first, std::size_t last) {
    llvm::SmallVector<NodeId, kLongestChain> backgrounds;
    for (std::size_t at = first; at <= last; ++at) {
      if (is_single(at)) continue;
      if (!backgrounds.empty() && backgrounds.front() != intervals_[at].target) return;
      backgrounds.assign(1, intervals_[at].target);
    }
    if (backgrounds.empty()) {
      for (std::size_t at = first; at <= last; ++at) {
        if (!llvm::is_contained(backgrounds, intervals_[at].target))
          backgrounds.push_back(intervals_[at].target);
      }
    }
    for (const NodeId background : backgrounds) {
      const double cost = chain_cost(first, last, background);
      if (cost < run(first, last).cost) {
        run(first, last).cost = cost;
        run(first, last).background = background;
      }
    }
  }

  // The intervals to ask for, heaviest first.
  using Chain = llvm::SmallVector<std::size_t, kLongestChain>;
  Chain chain(std::size_t first, std::size_t last, NodeId background) const {
    Chain asked;
    for (std::size_t at = first; at <= last; ++at) {
      if (intervals_[at].target == background) continue;
      const auto lighter = [&](std::size_t other) {
        return intervals_[other].weight < intervals_[at].weight;
      };
      asked.insert(std::find_if(asked.begin(), asked.end(), lighter), at);
    }
    return asked;
  }

  double chain_cost(std::size_t first, std::size_t last, NodeId background) const {
    double rest = weight(first, last);
    double cost = 0;
    for (const std::size_t at : chain(first, last, background)) {
      cost += rest + size_cost_;
      rest -= intervals_[at].weight;
    }
    return cost;
  }

  NodeId tree(std::size_t first, std::size_t last) {
    if (first == last) return intervals_[first].target;
    const Run& best = run(first, last);
    if (!best.background) {
      const NodeId above = tree(best.cut + 1, last);
      const NodeId below = tree(first, best.cut);
      return graph_.test(Node::Kind::GreaterEqual, intervals_[best.cut + 1].first, above, below);
    }
    NodeId rest = *best.background;
    const Chain asked = chain(first, last, rest);
    for (auto at = asked.rbegin(); at != asked.rend(); ++at) {
      rest = graph_.test(Node::Kind::Equal, intervals_[*at].first, intervals_[*at].target, rest);
    }
    return rest;
  }

  DecisionGraph& graph_;
  llvm::ArrayRef<Interval> intervals_;
  std::uint32_t highest_;
  double size_cost_;
  std::size_t count_;
  std::vector<Run> runs_;
  std::vector<double> weight_before_;
};

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
             double size_cost) {
  if (intervals.size() <= kLargestExact) return Dispatch(graph, intervals, highest, size_cost).build();
  const std::size_t cut =
      std::clamp(middle(intervals), kLargestExact / 4, intervals.size() - kLargestExact / 4);
  const std::uint32_t first = intervals[cut].first;
  const NodeId above = build(graph, intervals.drop_front(cut), highest, size_cost);
  const NodeId below = build(graph, intervals.take_front(cut), first - 1, size_cost);
  return graph.test(Node::Kind::GreaterEqual, first, above, below);
}

}  // namespace

NodeId build_dispatch(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, double size_cost) {
  ISOLA_CHECK(!intervals.empty() && intervals.front().first == 0, "intervals begin with 0");
  return build(graph, merge(intervals), 0xffffffff, size_cost);
}

}  // namespace isola::backends::seccomp
