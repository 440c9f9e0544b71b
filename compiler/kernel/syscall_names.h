// The names of all system calls, sorted bytewise, for tables that are made while the program is compiled.
//
// Everything else asks syscalls.h.

#pragma once

#include <array>
#include <string_view>

namespace isola::kernel {

#include "compiler/kernel/syscall_names.generated.inc"

}  // namespace isola::kernel
