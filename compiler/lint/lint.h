// Lints: what a policy grants beyond its need, or promises and does not keep. One lint a file; lints.def
// lists them.
//
// A lint sees the policy as its author wrote it, bundles merged in, and reports warnings. A `waive` entry
// silences one lint at one place until its date; an entry that has run out, or that silences nothing, is
// reported itself.

#pragma once

#include <string>

#include "compiler/base/diagnostics.h"
#include "compiler/ir/policy.h"

namespace isola::lint {

struct Settings {
  std::string today;  // YYYY-MM-DD
};

void lint(const ir::Policy& policy, const Settings& settings, Diagnostics& diagnostics);

}  // namespace isola::lint
