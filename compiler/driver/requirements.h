// `require`: how well the chosen targets together must hold each section.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include "backends/backend.h"
#include "compiler/base/diagnostics.h"

namespace isola::driver {

// `exact`, `wider`, `narrower` or `none`, as `require` writes it.
std::string_view fidelity_text(ir::Fidelity fidelity);

// Reports each required section with a rule that no target among `targets` holds well enough.
// Layers add up: what one target holds exactly is held, however little the others say of it.
void check_requirements(const ir::Policy& policy, const ir::Profile& profile,
                        llvm::ArrayRef<const backends::Backend*> targets, Diagnostics& diagnostics);

}  // namespace isola::driver
