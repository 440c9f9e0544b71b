// A Linux version as far as facts depend on it: release and patch level ("6.12").
//
// The members are not called major and minor: glibc's <sys/sysmacros.h> defines macros of those names.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace isola::kernel {

struct KernelVersion {
  std::uint16_t release = 0;
  std::uint16_t patchlevel = 0;

  friend constexpr auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

// Everything before 2.6.0 counts as the beginning: nobody runs it, and its numbers had another shape.
// 2.6.x is written 2.6 with the sublevel lost: no policy tells 2.6.16 from 2.6.27.
constexpr KernelVersion kFirstVersion{2, 6};

// "6.12", "6.12.95", "6.12-rc3", "6.12.95-amd64": what follows the patch level is read over when it begins
// with '.' or '-'. Nothing for any other text.
std::optional<KernelVersion> parse_kernel_version(llvm::StringRef text);

std::string text(KernelVersion version);

}  // namespace isola::kernel
