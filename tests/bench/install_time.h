// How long the kernel takes to accept a filter: seccomp(2) in children that do nothing else.

#pragma once

#include "backends/seccomp/program.h"
#include "tests/bench/stopwatch.h"

namespace isola::bench {

// All 0 where filters cannot be installed.
Times install_times(const backends::seccomp::Program& program, int runs);

}  // namespace isola::bench
