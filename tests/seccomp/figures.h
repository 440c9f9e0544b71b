// What a filter costs when it runs: instructions of classic BPF per call, all arguments 0.

#pragma once

#include "backends/seccomp/program.h"
#include "compiler/kernel/call_frequencies.h"

namespace isola::testing {

// The calls that means are taken over.
struct CountedCall {
  std::uint32_t number = 0;
  kernel::Arch arch{};
  double share = 0;  // how often it is made
};

// Our tables' calls of the architectures; only those of the first one have shares.
std::vector<CountedCall> calls_of(kernel::ArchSet arches, const kernel::CallFrequencies& frequencies);

struct ExecutedFigures {
  double mean = 0;             // over all calls of the first architecture
  double mean_all_arches = 0;  // over all calls
  double weighted = 0;         // over all calls by their shares
  std::size_t most = 0;        // of any call
};

// `calls` begins with the first architecture's.
ExecutedFigures executed_figures(const backends::seccomp::Program& program,
                                 llvm::ArrayRef<CountedCall> calls);

// Instructions on the longest way that a number can take, whatever the arguments. The program is one of ours.
std::size_t longest_path(const backends::seccomp::Program& program, kernel::ArchSet arches);

}  // namespace isola::testing
