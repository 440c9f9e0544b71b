// The seccomp backend: seccomp.bpf for the kernel, seccomp.txt for people, seccomp.json for container
// engines.

#pragma once

#include "backends/backend.h"

namespace isola::backends::seccomp {

extern const Backend kBackend;

}  // namespace isola::backends::seccomp
