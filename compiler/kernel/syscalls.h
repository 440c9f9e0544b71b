// The system calls of Linux: names, numbers, since-versions and parameters, per architecture.
//
// One vocabulary for all architectures: a SyscallId is the index of a name in one sorted table, so a set of
// calls is a bit set and comparing two calls compares two numbers. What differs per architecture (number,
// order and width of parameters, first kernel) is asked with the architecture.
//
// The tables are generated (compiler/kernel/generate); README.md names their sources.

#pragma once

#include "compiler/kernel/arch.h"
#include "compiler/kernel/kernel_version.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace isola::kernel {

// The kernel whose system calls this vocabulary holds. A call that it lacks is "newer".
constexpr KernelVersion kVocabularyVersion{6, 12};

// Index into the table of names, which is sorted bytewise; 0 <= id < syscall_count().
enum class SyscallId : std::uint16_t {};

enum class ParameterKind : std::uint8_t {
  Integer,
  Flags,           // a set of bits, or a mask
  Command,         // chooses the operation: ioctl's cmd, prctl's option, bpf's cmd
  FileDescriptor,  // AT_FDCWD included
  Pointer,         // declared as a pointer: what it points to can change after the check
  Address,         // an integer that holds an address: mmap's addr
  Size,            // bytes or elements
  Offset,          // bytes in a file
  Mode,            // octal permission bits
  ProcessId,
  UserId,
  GroupId,
  Signal,
  Split,  // half of a 64-bit value on a 32-bit architecture; `part` says which
};

// Which part of the value the register holds. Only Split parameters are not Whole.
enum class ParameterPart : std::uint8_t { Whole, Low, High };

// One register of a system call, as the kernel reads it on one architecture.
struct Parameter {
  // The kernel's own name. Both halves of a split value carry the name of the whole.
  // A register that alignment skips (arm) has the name "" and kind Integer.
  std::string_view name;
  std::uint8_t bits = 0;  // 8, 16, 32 or 64: the low bits that the kernel looks at
  bool is_signed = false;
  ParameterKind kind{};
  ParameterPart part{};
};

std::size_t syscall_count();
llvm::StringRef name(SyscallId id);
std::optional<SyscallId> find_syscall(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_syscall(llvm::StringRef name);

// The number as it stands in seccomp_data.nr: x32 numbers include kX32Bit. Nothing where the architecture
// does not have the call.
std::optional<std::uint32_t> number(SyscallId id, Arch arch);
std::optional<SyscallId> syscall_at(Arch arch, std::uint32_t number);

// The calls of the architecture by ascending number, as indices of SyscallId. Of names that share a number
// the one that syscall_at() gives comes first.
llvm::ArrayRef<std::uint16_t> calls_by_number(Arch arch);

// The highest number of the architecture's own table. On arm this leaves out the private calls at 0x0f0000
// (cacheflush, set_tls, ...), which number() and syscall_at() know.
std::uint32_t highest_known_number(Arch arch);

// The first kernel that has the call on the architecture. kFirstVersion where it does not have the call.
KernelVersion since(SyscallId id, Arch arch);

// In register order, at most six. Empty for a call without parameters, for one whose signature is not known
// (has_known_parameters) and where the architecture does not have the call.
llvm::ArrayRef<Parameter> parameters(SyscallId id, Arch arch);
bool has_known_parameters(SyscallId id, Arch arch);

}  // namespace isola::kernel
