// A good search tree in linear time: for compiling while a program waits for its filter.
//
// Single values among intervals that all lead to one place become a chain of `==`; the chains are cut by `>=`
// where the weight on both sides is most alike. That is within two tests of the entropy bound on average
// (Mehlhorn, "Nearly optimal binary search trees", 1975), and finding the cuts from both ends at once makes
// it linear (Fredman, "Two applications of a probabilistic search technique", 1975).

#pragma once

#include "backends/seccomp/dispatch.h"

namespace isola::backends::seccomp {

// `intervals` has no two neighbours with one target, and the last one ends with `highest`.
NodeId build_bisection(DecisionGraph& graph, llvm::ArrayRef<Interval> intervals, std::uint32_t highest);

}  // namespace isola::backends::seccomp
