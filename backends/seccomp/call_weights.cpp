#include "backends/seccomp/call_weights.h"

namespace isola::backends::seccomp {

// Test costs were chosen on the workloads of README.md: below them programs grow and no call gets faster.
CallWeights::CallWeights(Goal goal, const kernel::CallFrequencies& frequencies) {
  switch (goal) {
    case Goal::Size:
      test_cost_ = 1000;
      argument_test_cost_ = 1000;
      return;
    case Goal::Balanced:
      test_cost_ = 2;
      argument_test_cost_ = 3;
      return;
    case Goal::Frequency:
      test_cost_ = 0.5;
      argument_test_cost_ = 3;
      frequencies_ = frequencies.is_empty() ? kernel::shipped_call_frequencies() : frequencies;
      // A tenth of the calls are made evenly: what nobody counted still has to be found at some depth.
      floor_ = 0.1;
      scale_ = (1 - floor_) * static_cast<double>(kernel::syscall_count());
      x32_share_ = 0.01;
      return;
    case Goal::Fast:
      test_cost_ = 2;
      argument_test_cost_ = 3;
      search_ = Search::Bisection;
      return;
  }
}

}  // namespace isola::backends::seccomp
