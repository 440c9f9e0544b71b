// seccomp.txt: the filter for people. What each answer is there for, by the policy's rules and their lines,
// then the instructions.

#pragma once

#include <string>

#include "backends/seccomp/program.h"
#include "compiler/base/source.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

// `program` is the profile's filter for `arches`. Rules are named by line where `sources` is given.
std::string report(const Program& program, const ir::Profile& profile, kernel::ArchSet arches,
                   const SourceManager* sources);

}  // namespace isola::backends::seccomp
