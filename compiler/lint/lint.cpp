#include "compiler/lint/lint.h"

#include "compiler/lint/waivers.h"

namespace isola::lint {

#define ISOLA_LINT(function) void function(const ir::Policy& policy, Diagnostics& diagnostics);
#include "compiler/lint/lints.def"

void lint(const ir::Policy& policy, const Settings& settings, Diagnostics& diagnostics) {
  Diagnostics found;
#define ISOLA_LINT(function) function(policy, found);
#include "compiler/lint/lints.def"
  apply_waivers(policy, settings, found, diagnostics);
}

}  // namespace isola::lint
