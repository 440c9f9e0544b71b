// A policy to its canonical profile for one target.
//
// `when` clauses are settled, identical rules merged, implied ones removed, denies settled against allows,
// and the rules of each system call put in the order in which they decide. Two policies that mean the same
// give equal profiles; flattening again changes nothing. Reported here, because only here is it known:
// contradictions, allows that a deny swallows, dead conditions.

#pragma once

#include "compiler/base/diagnostics.h"
#include "compiler/ir/profile.h"

namespace isola::ir {

// Never fails; after a contradiction the profile holds the stricter rule and an error has been reported.
Profile flatten(const Policy& policy, const Target& target, Diagnostics& diagnostics);

// The answer of a `when` clause; Unknown when the target leaves it open.
enum class Truth : std::uint8_t { False, Unknown, True };
Truth evaluate(const TargetCondition& condition, const Policy& policy, const Target& target,
               kernel::Arch arch);

}  // namespace isola::ir
