// How often programs make each system call.
//
// A filter that asks for frequent calls first answers sooner on average. What ships with us is
// call_frequencies.def; people measure their own with strace or perf (compiler/driver/frequency_file.h).

#pragma once

#include <vector>

#include "compiler/kernel/syscalls.h"

namespace isola::kernel {

struct CallFrequencies {
  std::vector<double> shares;  // of all calls, by SyscallId; their sum is 1. Empty: nothing is known

  bool is_empty() const { return shares.empty(); }
  double share(SyscallId call) const { return is_empty() ? 0 : shares[static_cast<std::size_t>(call)]; }
  // From counts by SyscallId, of which one at least is not 0.
  static CallFrequencies of_counts(std::vector<double> counts);
};

CallFrequencies shipped_call_frequencies();

}  // namespace isola::kernel
