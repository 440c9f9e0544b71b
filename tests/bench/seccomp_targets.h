// The figures that our filters are to reach, and whether they do.

#pragma once

#include <map>
#include <string>

#include "backends/backend.h"
#include "tests/bench/stopwatch.h"
#include "tests/seccomp/figures.h"

namespace isola::bench {

// One filter's figures; times in microseconds.
struct FilterFigures {
  std::size_t instructions = 0;
  testing::ExecutedFigures executed;
  std::size_t longest = 0;                     // 0: not known
  Times compile, proof, install;               // proof: ours only
  std::size_t always_allowed = 0, cached = 0;  // numbers of tables that have a cache
  double tests_over_bound = 0;                 // tests of the number to the fewest possible; 0: not known
};

// Of one workload: by goal at 64 bits and at the parameters' width, and libseccomp's two.
struct WorkloadFigures {
  std::map<backends::FilterGoal, FilterFigures> wide, typed;
  FilterFigures linear, tree;
};

// Prints a line for each figure to reach: met, or how far it is. By workload name (`a` to `e`). `peak_kib`:
// memory of a process that compiles workload a.
void print_targets(const std::map<std::string, WorkloadFigures>& figures, std::size_t peak_kib);

}  // namespace isola::bench
