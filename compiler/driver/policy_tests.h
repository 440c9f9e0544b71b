// The policy's own `tests`, answered by the reference meaning.

#pragma once

#include "compiler/base/diagnostics.h"
#include "compiler/ir/profile.h"

namespace isola::driver {

// Reports each expectation that the policy does not meet, with the rule that decides otherwise.
// `profile` is the policy flattened for `target`. The tests are about the policy as written, so they run for
// all of its architectures even when `target` picks some.
void run_policy_tests(const ir::Policy& policy, const ir::Profile& profile, const ir::Target& target,
                      Diagnostics& diagnostics);

}  // namespace isola::driver
