// A profile to the AppArmor rules that enforce it. All decisions are here and none in emit.
//
// What abi 3.0 has no word for (ports, addresses, System V objects) is left to the claims (capabilities.h):
// an allow becomes the narrowest rule that includes it, a deny is written only where it denies nothing else.
// Exception: one letter, `w`, writes and creates. A deny of either forbids both, and a warning says so where
// the other was granted.

#pragma once

#include "backends/apparmor/model.h"
#include "compiler/base/diagnostics.h"
#include "compiler/ir/profile.h"

namespace isola::backends::apparmor {

ProfileModel lower(const ir::Profile& profile, Diagnostics& diagnostics);

}  // namespace isola::backends::apparmor
