// A filter, ours or not, held against a profile: that both answer every call alike, or the calls that differ.
//
// Both sides become functions of the call in one set of diagrams. Equal functions are one node, so where
// nothing is found there is nothing; and each difference comes with a call that shows it. Calls that no
// machine makes are left out: a register of a 32-bit architecture has no upper half.

#pragma once

#include <optional>
#include <vector>

#include "backends/seccomp/program.h"
#include "compiler/ir/decision_diagram.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

// What the filter does that the policy does not. Running includes running with a line in the log.
enum class Direction : std::uint8_t {
  AllowsMore,  // it lets calls run that the policy refuses
  AllowsLess,  // it refuses calls that the policy lets run
  Otherwise,   // both refuse, or both let run, in different ways
};

// Calls of one kind for which the two answers differ alike.
struct Difference {
  Direction direction{};
  std::uint32_t filter_answer = 0;  // SECCOMP_RET_*
  std::uint32_t policy_answer = 0;
  // Whose calls: none for AUDIT_ARCH values that are none of the policy's. x32 stands for numbers with its
  // bit, whether the policy lists it or not. Which call: none for numbers that no listed architecture has.
  std::optional<kernel::Arch> arch;
  std::optional<kernel::SyscallId> call;
  ir::CallWords example{};
  double width = 0;  // how many numbers, each weighted with its share of all arguments
};

struct ArchSummary {
  kernel::Arch arch{};
  std::size_t calls = 0;           // numbers of its table
  std::size_t always_allowed = 0;  // of these: whatever the arguments
  std::size_t cached = 0;          // of these: answered from the kernel's cache
};

struct Comparison {
  // Some filters are too complex to be compared as functions. Then nothing but calls was tried, so
  // differences are some of those that there are, and none means nothing.
  bool is_complete = true;
  std::vector<Difference> differences;  // by direction, then the widest first
  std::vector<ArchSummary> arches;      // what the filter does with the policy's; when complete
  std::size_t functions = 0;            // different functions of arguments among all numbers; when complete
};

// `arches`: those of the profile that machines of the program's byte order have. `program` must have passed
// find_refusal.
Comparison compare(const Program& program, const ir::Profile& profile, kernel::ArchSet arches);

}  // namespace isola::backends::seccomp
