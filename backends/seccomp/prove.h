// The proof that a filter's bytes mean the profile, made in every compilation.
//
// Classic BPF has no loops and numbers fall into intervals, so every path of the program can be walked: per
// interval the program and the rules each give a function from arguments to answers, and as reduced ordered
// decision diagrams two equal functions are one node. A difference is a mistake of ours and ends the
// compiler: nobody gets an artifact that means something else than the policy.

#pragma once

#include "backends/seccomp/program.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

// Fails a check when some call of `arches`, or of any other architecture, gets another answer than decide
// gives.
void prove_meaning(const Program& program, const ir::Profile& profile, kernel::ArchSet arches);

// Fails a check when a number that is always allowed would not be answered from the kernel's action cache:
// the kernel runs the filter for it once, with number and architecture known, and must get to
// SECCOMP_RET_ALLOW over nothing but loads of the two, `ja`, `jeq`, `jge`, `jgt`, `jset`, `and` and `ret`
// with constants. Source: seccomp_is_const_allow, kernel/seccomp.c, Linux 6.12.
void prove_cacheable(const Program& program, kernel::ArchSet arches);

}  // namespace isola::backends::seccomp
