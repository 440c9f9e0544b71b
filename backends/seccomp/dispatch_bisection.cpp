#include "backends/seccomp/dispatch_bisection.h"

#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <cstddef>

namespace isola::backends::seccomp {

namespace {

// Longest chain of `==`; longer ones save tests and cost steps.
constexpr std::size_t kLongestChain = 3;

class Bisection {
 public:
  Bisection(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest)
      : graph_(graph), intervals_(intervals), highest_(highest) {}

  NodeId build() {
    weight_before_.push_back(0);
    for (std::size_t at = 0; at < intervals_.size();) at = gather(at);
    return tree(0, chains_.size() - 1);
  }

 private:
  // Neighbouring intervals of which all but a few single values lead to one place; the end exclusive.
  struct Chain {
    std::size_t first = 0;
    std::size_t end = 0;
  };

  bool is_single(std::size_t at) const {
    return intervals_[at].first == (at + 1 < intervals_.size() ? intervals_[at + 1].first - 1 : highest_);
  }

  // Adds the longest chain that begins with interval `first`; returns the interval behind it.
  std::size_t gather(std::size_t first) {
    std::size_t end = first + 1;
    const auto goes_on = [&] {
      return end + 1 < intervals_.size() && end - first < 2 * kLongestChain && is_single(end) &&
             intervals_[end + 1].target == intervals_[first].target;
    };
    while (goes_on()) end += 2;
    double weight = weight_before_.back();
    for (std::size_t at = first; at < end; ++at) weight += intervals_[at].weight;
    chains_.push_back({first, end});
    weight_before_.push_back(weight);
    return end;
  }

  // The chains first..last, both inclusive.
  NodeId tree(std::size_t first, std::size_t last) {
    if (first == last) return chain_tree(chains_[first]);
    const std::size_t cut = middle(first, last);
    const NodeId above = tree(cut, last);
    const NodeId below = tree(first, cut - 1);
    return graph_.test(Node::Kind::GreaterEqual, intervals_[chains_[cut].first].first, above, below);
  }

  // The first chain above the cut with the most even weights; first < result <= last.
  std::size_t middle(std::size_t first, std::size_t last) const {
    const double half = (weight_before_[first] + weight_before_[last + 1]) / 2;
    // From both ends in steps that double, until the half lies between `low` and `high`.
    std::size_t low = first + 1;
    std::size_t high = last;
    for (std::size_t step = 1; low + step < high; step *= 2) {
      if (weight_before_[first + step] >= half) {
        high = first + step;
        break;
      }
      low = first + step;
      if (weight_before_[last - step] < half) {
        low = last - step;
        break;
      }
      high = last - step;
    }
    const auto begin = weight_before_.begin();
    const auto found = std::lower_bound(begin + static_cast<std::ptrdiff_t>(low),
                                        begin + static_cast<std::ptrdiff_t>(high), half);
    const auto cut = static_cast<std::size_t>(found - begin);
    const bool is_lower_nearer =
        cut > first + 1 && half - weight_before_[cut - 1] < weight_before_[cut] - half;
    return is_lower_nearer ? cut - 1 : cut;
  }

  // Asked heaviest first.
  NodeId chain_tree(Chain chain) {
    llvm::SmallVector<const Interval*, kLongestChain> asked;
    for (std::size_t at = chain.first + 1; at < chain.end; at += 2) asked.push_back(&intervals_[at]);
    std::stable_sort(asked.begin(), asked.end(),
                     [](const Interval* a, const Interval* b) { return a->weight < b->weight; });
    NodeId rest = intervals_[chain.first].target;
    for (const Interval* interval : asked) {
      rest = graph_.test(Node::Kind::Equal, interval->first, interval->target, rest);
    }
    return rest;
  }

  DecisionGraph& graph_;
  llvm::ArrayRef<Interval> intervals_;
  std::uint32_t highest_;
  std::vector<Chain> chains_;
  std::vector<double> weight_before_;  // by chain, one more at the end
};

}  // namespace

NodeId build_bisection(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest) {
  return Bisection(graph, intervals, highest).build();
}

}  // namespace isola::backends::seccomp
