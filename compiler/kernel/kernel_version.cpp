// Reading and writing of kernel versions.

#include "compiler/kernel/kernel_version.h"

#include <fmt/format.h>

namespace isola::kernel {

// "12" of "12.95-amd64"; nothing when the digits are followed by something else than '.' or '-'.
static std::optional<std::uint16_t> parse_patchlevel(llvm::StringRef rest) {
  std::uint16_t patchlevel = 0;
  if (rest.consumeInteger(10, patchlevel)) return std::nullopt;
  if (!rest.empty() && rest.front() != '.' && rest.front() != '-') return std::nullopt;
  return patchlevel;
}

std::optional<KernelVersion> parse_kernel_version(llvm::StringRef text) {
  const auto [head, rest] = text.split('.');
  std::uint16_t release = 0;
  if (head.getAsInteger(10, release)) return std::nullopt;
  const std::optional<std::uint16_t> patchlevel = parse_patchlevel(rest);
  if (!patchlevel) return std::nullopt;
  return KernelVersion{release, *patchlevel};
}

std::string text(KernelVersion version) {
  return fmt::format("{}.{}", version.release, version.patchlevel);
}

}  // namespace isola::kernel
