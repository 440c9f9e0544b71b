// Actions as the 32-bit value that a filter returns. Source: linux/seccomp.h, Linux 6.12.

#pragma once

#include <cstdint>
#include <optional>

#include "compiler/ir/permission.h"

namespace isola::backends::seccomp {

std::uint32_t encode_action(ir::SyscallAction action);

// What the kernel does with a returned value; an action that it does not know kills the process.
ir::SyscallAction decode_action(std::uint32_t value);

// The value that has the same effect and no more in it than the kernel looks at: errnos end at 4095, only
// SECCOMP_RET_ERRNO, TRACE and TRAP have a datum, and an unknown action kills the process.
// Source: __seccomp_filter, kernel/seccomp.c, Linux 6.12.
std::uint32_t effective_answer(std::uint32_t value);

// The same of a value of which only the bits of `known` are known; nothing while the others matter.
std::optional<std::uint32_t> settle_answer(std::uint32_t known, std::uint32_t value);

}  // namespace isola::backends::seccomp
