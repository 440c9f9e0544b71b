// The policies that ship: every example and every bundle of the standard library, each as a profile of its
// own.

#pragma once

#include <string>
#include <vector>

#include "compiler/ir/profile.h"

namespace isola::testing {

struct NamedProfile {
  std::string name;  // the file, from the root of the sources
  ir::Profile profile;
};

// Ends the program when one does not compile.
std::vector<NamedProfile> shipped_profiles();

// Each at both widths. Nothing without ISOLA_CORPUS.
std::vector<NamedProfile> workload_profiles();

}  // namespace isola::testing
