// The cheapest search tree for a run of intervals, by dynamic programming.
//
// A state is a run without its heaviest few single values. It is finished when all that is left leads to one
// place; else it is cut in two by `>=`, loses its heaviest single value by `==`, or, when all but single
// values of it lead to one place, is asked value by value. README.md says against what this is held.

#pragma once

#include "backends/seccomp/dispatch.h"

namespace isola::backends::seccomp {

// `intervals` has no two neighbours with one target, and the last one ends with `highest`.
NodeId build_exact(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest,
                   double test_cost);

}  // namespace isola::backends::seccomp
