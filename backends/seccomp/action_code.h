// Actions as the 32-bit value that a filter returns. Source: linux/seccomp.h, Linux 6.12.

#pragma once

#include <cstdint>

#include "compiler/ir/permission.h"

namespace isola::backends::seccomp {

std::uint32_t encode_action(ir::SyscallAction action);

// What the kernel does with a returned value; an action that it does not know kills the process.
ir::SyscallAction decode_action(std::uint32_t value);

}  // namespace isola::backends::seccomp
