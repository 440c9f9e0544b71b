// Look-ups in the generated tables of system calls.
//
// A row has a column per architecture, so every question is one index or one binary search; nothing is built
// when the program starts.

#include "compiler/kernel/syscalls.h"

#include "compiler/base/check.h"
#include "compiler/kernel/nearest.h"

#include <algorithm>
#include <array>

namespace isola::kernel {

struct SyscallRow {
  std::string_view name;
  // -1 where the architecture does not have the call; x32 numbers without kX32Bit.
  std::array<std::int32_t, kArchCount> numbers;
  // release * 256 + patch level.
  std::array<std::uint16_t, kArchCount> first_kernels;
  // Indices into kSignatures.
  std::array<std::uint16_t, kArchCount> signatures;
};

struct SignatureRow {
  std::uint16_t begin;
  std::uint16_t length;
};

#include "compiler/kernel/syscalls.generated.inc"

// The row of kSignatures for "not known".
static constexpr std::uint16_t kUnknownSignature = 0;

// Numbers from here on are arm's private calls. Source: __ARM_NR_BASE, asm/unistd.h of arm.
static constexpr std::int32_t kArmPrivateBase = 0x0f0000;

static const SyscallRow& row(SyscallId id) {
  const auto index = static_cast<std::size_t>(id);
  ISOLA_CHECK(index < kSyscalls.size(), "a SyscallId comes from this table");
  return kSyscalls[index];
}

static std::int32_t raw_number(SyscallId id, Arch arch) {
  return row(id).numbers[static_cast<std::size_t>(arch)];
}

std::size_t syscall_count() {
  return kSyscalls.size();
}

llvm::StringRef name(SyscallId id) {
  return row(id).name;
}

std::optional<SyscallId> find_syscall(llvm::StringRef name) {
  const auto* found = std::lower_bound(
      kSyscalls.begin(), kSyscalls.end(), name,
      [](const SyscallRow& row, llvm::StringRef wanted) { return llvm::StringRef(row.name) < wanted; });
  if (found == kSyscalls.end() || llvm::StringRef(found->name) != name) return std::nullopt;
  return static_cast<SyscallId>(found - kSyscalls.begin());
}

std::optional<llvm::StringRef> nearest_syscall(llvm::StringRef name) {
  NearestName nearest(name);
  for (const SyscallRow& row : kSyscalls) {
    nearest.consider(row.name);
  }
  return nearest.found();
}

std::optional<std::uint32_t> number(SyscallId id, Arch arch) {
  const std::int32_t raw = raw_number(id, arch);
  if (raw < 0) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(raw);
  return arch == Arch::X32 ? number | kX32Bit : number;
}

std::optional<SyscallId> syscall_at(Arch arch, std::uint32_t number) {
  if (arch == Arch::X32) {
    if ((number & kX32Bit) == 0) return std::nullopt;
    number &= ~kX32Bit;
  }
  const llvm::ArrayRef<std::uint16_t> order = kOrders[static_cast<std::size_t>(arch)];
  const auto* found =
      std::lower_bound(order.begin(), order.end(), number, [arch](std::uint16_t index, std::uint32_t wanted) {
        return static_cast<std::uint32_t>(raw_number(SyscallId{index}, arch)) < wanted;
      });
  if (found == order.end()) return std::nullopt;
  const SyscallId id{*found};
  if (static_cast<std::uint32_t>(raw_number(id, arch)) != number) return std::nullopt;
  return id;
}

llvm::ArrayRef<std::uint16_t> calls_by_number(Arch arch) {
  return kOrders[static_cast<std::size_t>(arch)];
}

std::uint32_t highest_known_number(Arch arch) {
  llvm::ArrayRef<std::uint16_t> order = kOrders[static_cast<std::size_t>(arch)];
  while (arch == Arch::Arm && raw_number(SyscallId{order.back()}, arch) >= kArmPrivateBase) {
    order = order.drop_back();
  }
  return *number(SyscallId{order.back()}, arch);
}

KernelVersion since(SyscallId id, Arch arch) {
  const std::uint16_t packed = row(id).first_kernels[static_cast<std::size_t>(arch)];
  if (packed == 0) return kFirstVersion;
  return {static_cast<std::uint16_t>(packed / 256), static_cast<std::uint16_t>(packed % 256)};
}

llvm::ArrayRef<Parameter> parameters(SyscallId id, Arch arch) {
  const SignatureRow signature = kSignatures[row(id).signatures[static_cast<std::size_t>(arch)]];
  return llvm::ArrayRef(kParameters).slice(signature.begin, signature.length);
}

bool has_known_parameters(SyscallId id, Arch arch) {
  return row(id).signatures[static_cast<std::size_t>(arch)] != kUnknownSignature;
}

}  // namespace isola::kernel
