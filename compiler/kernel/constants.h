// The named constants of the kernel's interface, with their value on each architecture.
//
// A name has one group and, per architecture, one value or none (SIGEMT exists on mips only). Values are what
// the kernel's headers say there: MAP_*, O_*, SOCK_*, errno, signals and ioctl requests differ.
// Negative values (AT_FDCWD) are sign-extended to 64 bits; the reader cuts them to the parameter's width.
//
// Not here: which parameter takes which group (the name of the parameter and the group's text say it to
// people; nothing in the compiler guesses it).

#pragma once

#include "compiler/kernel/arch.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace isola::kernel {

enum class ConstantGroup : std::uint8_t {
#define ISOLA_CONSTANT_GROUP(Group, what) Group,
#include "compiler/kernel/constant_groups.def"
};

struct Constant {
  std::string_view name;
  std::uint64_t value = 0;
  friend bool operator==(const Constant&, const Constant&) = default;
};

// "AddressFamily", and what its constants are for.
llvm::StringRef name(ConstantGroup group);
llvm::StringRef summary(ConstantGroup group);

// Nothing for an unknown name, and for one that the architecture does not have.
std::optional<std::uint64_t> find_constant(llvm::StringRef name, Arch arch);
// The group of a name that at least one architecture has.
std::optional<ConstantGroup> constant_group(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_constant(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_constant(llvm::StringRef name, ConstantGroup group);
// By name, bytewise. Several names may have one value.
llvm::SmallVector<Constant, 0> constants_of(ConstantGroup group, Arch arch);
// The first of the group's names, in the order above, that has this value.
std::optional<llvm::StringRef> constant_name(ConstantGroup group, std::uint64_t value, Arch arch);

// "EPERM" to 1 and back. The name of a number is the kernel's main one: EAGAIN, not EWOULDBLOCK.
std::optional<std::uint32_t> errno_number(llvm::StringRef name, Arch arch);
std::optional<llvm::StringRef> errno_name(std::uint32_t number, Arch arch);

// "SIGTERM" to 15 and back; SIGABRT, SIGCHLD, SIGIO and SIGSYS win over their second names.
// SIGRTMIN is the kernel's 32 (glibc keeps the first two for itself).
std::optional<std::uint32_t> signal_number(llvm::StringRef name, Arch arch);
std::optional<llvm::StringRef> signal_name(std::uint32_t number, Arch arch);

}  // namespace isola::kernel
