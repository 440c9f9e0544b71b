// Differences between a filter and a profile found by trying calls, for filters that are too complex to be
// compared as functions.
//
// What is found is real; that nothing is found means nothing. Calls are made of every number of the policy's
// tables and of the values that the filter itself speaks of, always the same ones.

#pragma once

#include <vector>

#include "backends/seccomp/compare.h"

namespace isola::backends::seccomp {

// `program` must have passed find_refusal.
std::vector<Difference> try_calls(const Program& program, const ir::Profile& profile, kernel::ArchSet arches);

}  // namespace isola::backends::seccomp
