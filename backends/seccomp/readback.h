// What the emitted filter answers, from its bytes alone.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <optional>

#include "backends/backend.h"

namespace isola::backends::seccomp {

// Names of the two filters that a profile may need.
constexpr std::string_view kLittleEndianName = "seccomp.bpf";
constexpr std::string_view kBigEndianName = "seccomp.s390x.bpf";

// Nothing for other requests than calls, and where there is no filter that the kernel would take.
std::optional<ir::Decision> readback(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request);

}  // namespace isola::backends::seccomp
