// From the numbers of one architecture to the tree over them; for x86_64 with its x32 numbers.

#pragma once

#include "backends/seccomp/dispatch.h"

namespace isola::backends::seccomp {

// What a tracer writes to skip a call; a number of no architecture.
constexpr std::uint32_t kNoCall = 0xffffffff;

// Where a number leads.
struct NumberTarget {
  std::uint32_t number = 0;
  NodeId node = 0;
  double weight = 0;
};

// Ascending, no number twice. Numbers that are not here lead to `gap`.
struct NumberTable {
  std::vector<NumberTarget> targets;
  NodeId gap = 0;
  double newer_weight = 0;  // of the numbers beyond the highest one
};

// Appends the table's intervals from `first` on, up to the highest number of all. The table has no number
// below `first`.
void append_intervals(std::vector<Interval>& intervals, const NumberTable& table, std::uint32_t first);

// The tree over the numbers of x86_64 and x32; the number must be in the accumulator. The numbers in `x32`
// are without kX32Bit. Where that pays, those that lead where the same number of x86_64 leads lose the bit
// and end in its tree. `x32_share`: how many x32 calls there are to one of x86_64.
NodeId build_x86_64_and_x32(DecisionGraph& graph, const NumberTable& native, const NumberTable& x32,
                            double x32_share, DispatchGoal goal);

}  // namespace isola::backends::seccomp
