// Debian's libseccomp on the same workloads, measured in the same run.

#pragma once

#include <llvm/Support/JSON.h>

#include <string>
#include <vector>

#include "backends/oci_seccomp.h"
#include "backends/seccomp/program.h"

namespace isola::bench {

// As the OCI specification has it: `EQ`, `MASKED_EQ` with mask `a` and value `b`, and so on.
struct PeerCondition {
  unsigned argument = 0;
  std::string comparison;
  std::uint64_t a = 0, b = 0;
};

struct PeerRule {
  std::string call;
  std::uint32_t action = 0;
  std::vector<PeerCondition> conditions;
};

// What container engines hand to the library.
struct PeerPolicy {
  std::uint32_t otherwise = 0, foreign = 0;
  std::vector<std::string> arches;  // the library's own names
  std::vector<PeerRule> rules;
};

PeerPolicy peer_policy(const llvm::json::Object& workload);
PeerPolicy peer_policy(const backends::OciSeccomp& seccomp);

// How libseccomp orders the numbers: one after the other, or as a tree (SCMP_FLTATR_CTL_OPTIMIZE 1 and 2).
enum class PeerOrder : std::uint8_t { Linear = 1, BinaryTree = 2 };

// From seccomp_init to the bytes. Names that the library does not know are left out, as engines do. Ends the
// program when it refuses something else.
backends::seccomp::Program compile_with_libseccomp(const PeerPolicy& policy, PeerOrder order);

}  // namespace isola::bench
