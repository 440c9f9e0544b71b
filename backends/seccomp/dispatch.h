// The search tree over the values of one word: which interval does the accumulator lie in?
//
// Two kinds of question exist: `>=` cuts the intervals in two, `==` takes out a single value. Minimising
// sum(weight x depth) + size_cost x tests over trees of both is the problem of two-way comparison search
// trees; here it is solved by dynamic programming over runs of intervals, where a run is either cut in two
// or, when all but single values of it lead to one place, asked value by value. README.md says what is known
// of the problem.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include "backends/seccomp/model.h"

namespace isola::backends::seccomp {

struct Interval {
  std::uint32_t first = 0;  // the interval ends before the next one's first, the last with the highest value
  NodeId target = 0;
  double weight = 0;  // how often the value lies here, relative to the others
};

// The tree that leads to each interval's target; the word must be in the accumulator. The target itself when
// all are the same. `intervals` is sorted, begins with 0, and is not empty. A test counts as much as
// `size_cost` of weight.
NodeId build_dispatch(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, double size_cost);

}  // namespace isola::backends::seccomp
