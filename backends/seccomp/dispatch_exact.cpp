#include "backends/seccomp/dispatch_exact.h"

#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>

namespace isola::backends::seccomp {

namespace {

using Index = std::uint16_t;

// So many single values may be taken out of a run before it is cut.
constexpr std::size_t kMostTakenOut = 2;
// A value that weighs more than this part of all is heavy.
constexpr double kHeavyPart = 40;
// Longest run asked value by value: beyond this a cut is always better.
constexpr std::size_t kLongestChain = 24;
// Runs up to this length try every cut. Beyond it only those near the best cuts of the two runs that are
// shorter by one: with cuts alone the best one lies between these (Knuth, "Optimum binary search trees",
// 1971).
constexpr std::size_t kEveryCut = 12;
constexpr std::size_t kSlack = 4;

class ExactSearch {
 public:
  ExactSearch(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest,
              double test_cost)
      : graph_(graph),
        intervals_(intervals),
        highest_(highest),
        test_cost_(test_cost),
        count_(intervals.size()),
        levels_(has_heavy_values() ? kMostTakenOut : 0) {
    weight_before_.resize(count_ + 1);
    for (std::size_t at = 0; at < count_; ++at) {
      weight_before_[at + 1] = weight_before_[at] + intervals_[at].weight;
    }
    states_.resize((levels_ + 1) * count_ * count_);
    heaviest_.resize(count_ * count_);
    background_.resize(count_ * count_);
  }

  NodeId build() {
    for (std::size_t at = 0; at < count_; ++at) start(at);
    for (std::size_t length = 2; length <= count_; ++length) {
      for (std::size_t first = 0; first + length <= count_; ++first) solve(first, first + length - 1);
    }
    return tree(0, count_ - 1, 0);
  }

 private:
  enum class Step : std::uint8_t { Finished, Cut, TakeOut, Chain };
  struct State {
    double cost = 0;
    Index at = 0;  // Cut: the last interval below; Finished, Chain: an interval with the common target
    Step step = Step::Finished;
  };
  // The heaviest single values of a run, heaviest first.
  struct Heaviest {
    std::array<Index, kMostTakenOut> at{};
    std::uint8_t count = 0;
  };
  // Where all wide intervals of a run lead.
  struct Background {
    enum class Kind : std::uint8_t { NoWide, One, Several };
    Kind kind = Kind::NoWide;
    Index at = 0;
  };

  std::size_t run(std::size_t first, std::size_t last) const { return first * count_ + last; }
  State& state(std::size_t first, std::size_t last, std::size_t out) {
    return states_[out * count_ * count_ + run(first, last)];
  }
  bool is_single(std::size_t at) const {
    return intervals_[at].first == (at + 1 < count_ ? intervals_[at + 1].first - 1 : highest_);
  }
  bool is_heavier(std::size_t a, std::size_t b) const {
    return intervals_[a].weight != intervals_[b].weight ? intervals_[a].weight > intervals_[b].weight : a < b;
  }

  // Taking values out pays only where some of them weigh much more than others.
  bool has_heavy_values() const {
    double total = 0;
    double heaviest = 0;
    for (std::size_t at = 0; at < count_; ++at) {
      total += intervals_[at].weight;
      if (is_single(at)) heaviest = std::max(heaviest, intervals_[at].weight);
    }
    return heaviest * kHeavyPart > total;
  }

  void start(std::size_t at) {
    for (std::size_t out = 0; out <= levels_; ++out)
      state(at, at, out) = {0, static_cast<Index>(at), Step::Finished};
    const auto index = static_cast<Index>(at);
    if (is_single(at)) {
      heaviest_[run(at, at)].at[0] = index;
      heaviest_[run(at, at)].count = 1;
    } else {
      background_[run(at, at)] = {Background::Kind::One, index};
    }
  }

  void solve(std::size_t first, std::size_t last) {
    extend(first, last);
    const Heaviest& heaviest = heaviest_[run(first, last)];
    double weight = weight_before_[last + 1] - weight_before_[first];
    std::array<double, kMostTakenOut + 1> weights{};
    for (std::size_t out = 0; out <= levels_; ++out) {
      weights[out] = weight;
      if (out < heaviest.count) weight -= intervals_[heaviest.at[out]].weight;
    }
    for (std::size_t out = levels_ + 1; out-- > 0;) {
      if (out > heaviest.count) continue;
      State& best = state(first, last, out);
      if (finish(first, last, out)) continue;
      cut(first, last, out);
      if (out < std::min<std::size_t>(levels_, heaviest.count)) {
        const double rest = state(first, last, out + 1).cost;
        if (rest < best.cost) best = {rest, heaviest.at[out], Step::TakeOut};
      }
      best.cost += weights[out] + test_cost_;
      if (out == 0 && last - first < kLongestChain) consider_chains(first, last);
    }
  }

  // Heaviest values and background of a run, from the run without its last interval.
  void extend(std::size_t first, std::size_t last) {
    Heaviest heaviest = heaviest_[run(first, last - 1)];
    Background background = background_[run(first, last - 1)];
    if (is_single(last)) {
      std::size_t place = heaviest.count;
      while (place > 0 && is_heavier(last, heaviest.at[place - 1])) --place;
      if (place < kMostTakenOut) {
        for (std::size_t at = kMostTakenOut - 1; at > place; --at) heaviest.at[at] = heaviest.at[at - 1];
        heaviest.at[place] = static_cast<Index>(last);
        heaviest.count = static_cast<std::uint8_t>(std::min<std::size_t>(heaviest.count + 1, kMostTakenOut));
      }
    } else if (background.kind == Background::Kind::NoWide) {
      background = {Background::Kind::One, static_cast<Index>(last)};
    } else if (intervals_[background.at].target != intervals_[last].target) {
      background.kind = Background::Kind::Several;
    }
    heaviest_[run(first, last)] = heaviest;
    background_[run(first, last)] = background;
  }

  bool is_out(std::size_t first, std::size_t last, std::size_t out, std::size_t at) const {
    const Heaviest& heaviest = heaviest_[run(first, last)];
    return std::find(heaviest.at.begin(), heaviest.at.begin() + out, at) != heaviest.at.begin() + out;
  }

  // Whether all that is left leads to one place.
  bool finish(std::size_t first, std::size_t last, std::size_t out) {
    if (last - first + 1 > 2 * out + 1) return false;  // neighbours differ
    std::optional<std::size_t> left;
    for (std::size_t at = first; at <= last; ++at) {
      if (is_out(first, last, out, at)) continue;
      if (left && intervals_[*left].target != intervals_[at].target) return false;
      left = at;
    }
    state(first, last, out) = {0, static_cast<Index>(left.value_or(first)), Step::Finished};
    return true;
  }

  void cut(std::size_t first, std::size_t last, std::size_t out) {
    const auto [from, to] = cuts_to_try(first, last);
    State& best = state(first, last, out);
    best = {std::numeric_limits<double>::infinity(), 0, Step::Cut};
    for (std::size_t at = from; at <= to; ++at) {
      const std::size_t below = out == 0 ? 0 : taken_out_below(first, last, out, at);
      const double cost = state(first, at, below).cost + state(at + 1, last, out - below).cost;
      if (cost < best.cost) {
        best.cost = cost;
        best.at = static_cast<Index>(at);
      }
    }
    if (out == 0) best_cut_[run(first, last)] = best.at;
  }

  // Of the values taken out of a run, those up to `at`.
  std::size_t taken_out_below(std::size_t first, std::size_t last, std::size_t out, std::size_t at) const {
    const Heaviest& heaviest = heaviest_[run(first, last)];
    return static_cast<std::size_t>(std::count_if(heaviest.at.begin(), heaviest.at.begin() + out,
                                                  [&](Index value) { return value <= at; }));
  }

  std::pair<std::size_t, std::size_t> cuts_to_try(std::size_t first, std::size_t last) {
    if (last - first < kEveryCut) return {first, last - 1};
    const std::size_t lower = best_cut_[run(first, last - 1)];
    const std::size_t upper = std::max<std::size_t>(best_cut_[run(first + 1, last)], lower);
    return {std::max(first, lower - std::min(kSlack, lower)), std::min(last - 1, upper + kSlack)};
  }

  // Asking value by value needs one target for all values that are not asked for.
  void consider_chains(std::size_t first, std::size_t last) {
    const Background& wide = background_[run(first, last)];
    if (wide.kind == Background::Kind::Several) return;
    if (wide.kind == Background::Kind::One) return consider_chain(first, last, wide.at);
    llvm::SmallVector<NodeId, 8> seen;
    for (std::size_t at = first; at <= last; ++at) {
      if (std::find(seen.begin(), seen.end(), intervals_[at].target) != seen.end()) continue;
      seen.push_back(intervals_[at].target);
      consider_chain(first, last, at);
    }
  }

  void consider_chain(std::size_t first, std::size_t last, std::size_t background) {
    State& best = state(first, last, 0);
    double rest = weight_before_[last + 1] - weight_before_[first];
    double cost = 0;
    for (const Index at : chain(first, last, intervals_[background].target)) {
      cost += rest + test_cost_;
      rest -= intervals_[at].weight;
      if (cost >= best.cost) return;
    }
    if (cost < best.cost) best = {cost, static_cast<Index>(background), Step::Chain};
  }

  // The intervals to ask for, heaviest first.
  using Values = llvm::SmallVector<Index, kLongestChain>;
  Values chain(std::size_t first, std::size_t last, NodeId background) const {
    Values asked;
    for (std::size_t at = first; at <= last; ++at) {
      if (intervals_[at].target == background) continue;
      const auto lighter = [&](std::size_t other) { return is_heavier(at, other); };
      asked.insert(std::find_if(asked.begin(), asked.end(), lighter), static_cast<Index>(at));
    }
    return asked;
  }

  NodeId tree(std::size_t first, std::size_t last, std::size_t out) {
    const State best = state(first, last, out);
    switch (best.step) {
      case Step::Finished:
        return intervals_[best.at].target;
      case Step::Cut:
        return cut_tree(first, last, out, best.at);
      case Step::TakeOut:
        return graph_.test(Node::Kind::Equal, intervals_[best.at].first, intervals_[best.at].target,
                           tree(first, last, out + 1));
      case Step::Chain:
        return chain_tree(first, last, intervals_[best.at].target);
    }
    return 0;
  }

  NodeId cut_tree(std::size_t first, std::size_t last, std::size_t out, std::size_t at) {
    const std::size_t below = taken_out_below(first, last, out, at);
    const NodeId high = tree(at + 1, last, out - below);
    const NodeId low = tree(first, at, below);
    return graph_.test(Node::Kind::GreaterEqual, intervals_[at + 1].first, high, low);
  }

  NodeId chain_tree(std::size_t first, std::size_t last, NodeId rest) {
    const Values asked = chain(first, last, rest);
    for (auto at = asked.rbegin(); at != asked.rend(); ++at) {
      rest = graph_.test(Node::Kind::Equal, intervals_[*at].first, intervals_[*at].target, rest);
    }
    return rest;
  }

  DecisionGraph& graph_;
  llvm::ArrayRef<Interval> intervals_;
  std::uint32_t highest_;
  double test_cost_;
  std::size_t count_;
  std::size_t levels_;
  std::vector<double> weight_before_;
  std::vector<State> states_;
  std::vector<Heaviest> heaviest_;
  std::vector<Background> background_;
  std::vector<Index> best_cut_ = std::vector<Index>(count_ * count_);
};

}  // namespace

NodeId build_exact(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest,
                   double test_cost) {
  return ExactSearch(graph, intervals, highest, test_cost).build();
}

}  // namespace isola::backends::seccomp
