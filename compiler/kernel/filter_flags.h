// The flags with which a seccomp filter is installed, under the kernel's names.

#pragma once

#include "compiler/kernel/kernel_version.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace isola::kernel {

// Expanded from filter_flags.def.
enum class FilterFlag : std::uint8_t {
#define ISOLA_FILTER_FLAG(Name, text, bit, release, patchlevel, what) Name,
#include "compiler/kernel/filter_flags.def"
};

constexpr std::size_t kFilterFlagCount = 4;

struct FilterFlagInfo {
  FilterFlag flag{};
  std::string_view name;  // "SECCOMP_FILTER_FLAG_LOG"
  std::uint32_t bit = 0;  // in the second argument of seccomp(2)
  KernelVersion since;
  std::string_view summary;
};

const FilterFlagInfo& info(FilterFlag flag);
// In the order of filter_flags.def.
llvm::ArrayRef<FilterFlagInfo> all_filter_flags();
// With the prefix SECCOMP_FILTER_FLAG_ or without.
std::optional<FilterFlag> find_filter_flag(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_filter_flag(llvm::StringRef name);

}  // namespace isola::kernel
