// The search tree over the values of one word: which interval does the accumulator lie in?
//
// Two kinds of question exist: `>=` cuts the intervals in two, `==` takes out a single value. Minimising
// sum(weight x depth) + test_cost x tests over trees of both is the problem of two-way comparison search
// trees; README.md says what is known of it and how near to the best these trees are.
//
// Not here: what the values mean and how much they weigh (lower.h, call_weights.h).

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <vector>

#include "backends/seccomp/model.h"

namespace isola::backends::seccomp {

struct Interval {
  std::uint32_t first = 0;  // the interval ends before the next one's first, the last with the highest value
  NodeId target = 0;
  double weight = 0;  // how often the value lies here, relative to the others
};

// Exact: a dynamic program over runs of intervals. Bisection: the intervals are gathered into chains, the
// chains cut at half of their weight; linear in the number of intervals.
enum class Search : std::uint8_t { Exact, Bisection };

struct DispatchGoal {
  double test_cost = 1;  // a test counts as much as so much weight
  Search search = Search::Exact;
};

// The tree that leads to each interval's target; the word must be in the accumulator. The target itself when
// all are the same. `intervals` is sorted, begins with 0, and is not empty.
NodeId build_dispatch(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, DispatchGoal goal);

// Neighbours with the same target become one.
std::vector<Interval> merge_neighbours(llvm::ArrayRef<Interval> intervals);

// The fewest tests that any tree over these intervals can have, found in linear time.
std::size_t fewest_tests(llvm::ArrayRef<Interval> intervals);

}  // namespace isola::backends::seccomp
