// The `linux.seccomp` object of the OCI runtime specification: made from a profile, printed, read back.
//
// A runtime hands this object to libseccomp, and libseccomp does not load everything as it is written: two
// conditions on one argument become "either", comparisons are 64 bits wide, overlapping ordered comparisons
// come out wrong, and a name it does not know is dropped. So the rules here have one shape only: they are
// disjoint, and each tests an argument at most once, as "these bits have these values" (SCMP_CMP_MASKED_EQ).
// That shape loads exactly; the decision diagram of a call's rules gives it, one rule for each path.
//
// Shared by backends/seccomp (seccomp.json) and backends/oci (config.json).

#pragma once

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/JSON.h>

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/diagnostics.h"
#include "compiler/ir/decide.h"
#include "compiler/ir/profile.h"

namespace isola::backends {

// (argument & mask) == value, on 64 bits.
struct OciArgument {
  std::uint8_t index = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  friend auto operator<=>(const OciArgument&, const OciArgument&) = default;
};

struct OciSyscalls {
  std::vector<std::string> names;  // sorted
  ir::SyscallAction action;
  std::vector<OciArgument> arguments;  // all must hold; by index, each at most once
};

// INVARIANT: for one name, at most one entry matches any arguments; no entry's action is the default one.
struct OciSeccomp {
  ir::SyscallAction default_action;
  std::vector<kernel::Arch> arches;
  ir::FilterFlags flags;
  std::vector<OciSyscalls> syscalls;
};

// Everything known and not listed is written out with `otherwise`, so that the default is left to calls
// outside the vocabulary. Reports what the format or its loader cannot hold.
OciSeccomp lower_oci_seccomp(const ir::Profile& profile, Diagnostics& diagnostics);

// Writes the object as the current value of `json`.
void print_oci_seccomp(const OciSeccomp& seccomp, llvm::json::OStream& json);

// The object as a loader sees it; nothing when it is not of the shape that print_oci_seccomp writes.
std::optional<OciSeccomp> read_oci_seccomp(const llvm::json::Object& object);

// What the filter that libseccomp makes of it answers.
ir::Decision decide_oci_seccomp(const OciSeccomp& seccomp, const ir::SyscallRequest& request);

}  // namespace isola::backends
