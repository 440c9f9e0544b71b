// A profile to decision graphs, one for each byte order among its architectures.
//
// The architecture is asked first, then the number, then arguments; x32 numbers, which come with the
// architecture of x86_64, lie at the far end of its numbers. Every choice of order and shape is made here.

#pragma once

#include <vector>

#include "backends/seccomp/model.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

// Balanced: few tests on the way of every call, and a small program. Smallest: as few instructions as
// possible.
enum class Goal : std::uint8_t { Balanced, Smallest };

// The little-endian filter first. A profile without architectures gives none.
std::vector<Model> lower(const ir::Profile& profile, Goal goal);

}  // namespace isola::backends::seccomp
