// Look-ups in filter_flags.def.

#include "compiler/kernel/filter_flags.h"

#include "compiler/kernel/nearest.h"

#include <array>

namespace isola::kernel {

static constexpr std::array<FilterFlagInfo, kFilterFlagCount> kFilterFlags = {{
#define ISOLA_FILTER_FLAG(Name, text, bit, release, patchlevel, what) \
  {FilterFlag::Name, text, bit, {release, patchlevel}, what},
#include "compiler/kernel/filter_flags.def"
}};

constexpr llvm::StringLiteral kPrefix = "SECCOMP_FILTER_FLAG_";

const FilterFlagInfo& info(FilterFlag flag) {
  return kFilterFlags[static_cast<std::size_t>(flag)];
}

llvm::ArrayRef<FilterFlagInfo> all_filter_flags() {
  return kFilterFlags;
}

std::optional<FilterFlag> find_filter_flag(llvm::StringRef name) {
  name.consume_front(kPrefix);
  for (const FilterFlagInfo& flag : kFilterFlags) {
    if (llvm::StringRef(flag.name).substr(kPrefix.size()) == name) return flag.flag;
  }
  return std::nullopt;
}

std::optional<llvm::StringRef> nearest_filter_flag(llvm::StringRef name) {
  const std::string whole = name.starts_with(kPrefix) ? name.str() : kPrefix.str() + name.upper();
  NearestName nearest(whole);
  for (const FilterFlagInfo& flag : kFilterFlags) nearest.consider(flag.name);
  return nearest.found();
}

}  // namespace isola::kernel
