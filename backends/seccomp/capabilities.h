// What a seccomp filter can hold of a policy, and what it cannot see.

#pragma once

#include "backends/backend.h"

namespace isola::backends::seccomp {

Claim claim(const ir::Permission& permission);
Claim claim_setting(ir::Setting setting);

}  // namespace isola::backends::seccomp
