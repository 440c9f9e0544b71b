// A profile to decision graphs, one for each byte order among its architectures.
//
// The architecture is asked first, then the number, then arguments; x32 numbers, which come with the
// architecture of x86_64, lie at the far end of its numbers. Every choice of order and shape is made here.

#pragma once

#include <vector>

#include "backends/backend.h"
#include "backends/seccomp/model.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

using Goal = FilterGoal;

// The little-endian filter first. A profile without architectures gives none. `frequencies` is looked at for
// Goal::Frequency only; empty, it stands for those that ship with us.
std::vector<Model> lower(const ir::Profile& profile, Goal goal,
                         const kernel::CallFrequencies& frequencies = {});

}  // namespace isola::backends::seccomp
