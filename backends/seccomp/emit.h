// Lays a decision graph out as instructions. No decisions about meaning: only where things stand.

#pragma once

#include "backends/seccomp/model.h"
#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

// May be longer than the kernel takes (kMostInstructions): the caller's to refuse.
Program emit(const Model& model);

}  // namespace isola::backends::seccomp
