// `waive`: findings that the author answers for, each with a place, a reason and a last day.

#pragma once

#include "compiler/lint/lint.h"

namespace isola::lint {

// Hands on to `diagnostics` what of `found` no waiver of the policy covers, then reports waivers that have
// run out, that cover nothing, or whose `lint` or `at` names nothing.
void apply_waivers(const ir::Policy& policy, const Settings& settings, const Diagnostics& found,
                   Diagnostics& diagnostics);

}  // namespace isola::lint
