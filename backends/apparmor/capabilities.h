// How well AppArmor with abi 3.0 enforces each kind of permission and each setting.

#pragma once

#include "backends/backend.h"

namespace isola::backends::apparmor {

Claim claim(const ir::Permission& permission);
Claim claim_setting(ir::Setting setting);

}  // namespace isola::backends::apparmor
