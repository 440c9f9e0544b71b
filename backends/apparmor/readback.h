// What the emitted text says of a request: read from the text, decided as the kernel decides.
//
// A process under a stacked child is judged by the child's profile and by its parent's. Operations that
// abi 3.0 does not mediate get no answer.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include "backends/backend.h"

namespace isola::backends::apparmor {

std::optional<ir::Decision> readback(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request);

}  // namespace isola::backends::apparmor
