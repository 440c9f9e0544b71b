// The kernel's cache of numbers that are always allowed.
//
// For each filter the kernel runs every number of its native and compat tables once, with number and
// architecture known and nothing else. Where it gets to exactly SECCOMP_RET_ALLOW, calls with that number are
// let through without running the filter. x32 has no such table.
//
// Source: seccomp_is_const_allow and seccomp_cache_prepare, kernel/seccomp.c, Linux 6.12 (since 5.11).

#pragma once

#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

// Whether the trial run ends in an allow: over nothing but loads of the two, `ja`, `jeq`, `jge`, `jgt`,
// `jset`, `and` and `ret`, all with constants.
bool is_cached(const Program& program, std::uint32_t number, std::uint32_t audit_arch);

}  // namespace isola::backends::seccomp
