// Look-ups in resource_limits.def and cgroup_files.def.

#include "compiler/kernel/resource_limits.h"

#include "compiler/kernel/nearest.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include <string>

namespace isola::kernel {

static constexpr ResourceLimitInfo kResourceLimits[] = {
#define ISOLA_RESOURCE_LIMIT(Name, text, unit, what) {ResourceLimit::Name, text, LimitUnit::unit, what},
#include "compiler/kernel/resource_limits.def"
};

enum class MaxWord : bool { NoMax, Max };

static constexpr CgroupFile kCgroupFiles[] = {
#define ISOLA_CGROUP_FILE(name, controller, value, max, release, patchlevel, what) \
  {name, controller, CgroupValue::value, MaxWord::max == MaxWord::Max, {release, patchlevel}, what},
#include "compiler/kernel/cgroup_files.def"
};

static constexpr llvm::StringLiteral kPrefix = "RLIMIT_";
static constexpr llvm::StringLiteral kSizeMark = "<size>";

const ResourceLimitInfo& info(ResourceLimit limit) {
  return kResourceLimits[static_cast<std::size_t>(limit)];
}

llvm::ArrayRef<ResourceLimitInfo> all_resource_limits() {
  return kResourceLimits;
}

std::optional<ResourceLimit> find_resource_limit(llvm::StringRef name) {
  name.consume_front_insensitive(kPrefix);
  for (const ResourceLimitInfo& each : kResourceLimits) {
    if (name.equals_insensitive(llvm::StringRef(each.name).drop_front(kPrefix.size()))) return each.limit;
  }
  return std::nullopt;
}

std::optional<llvm::StringRef> nearest_resource_limit(llvm::StringRef name) {
  name.consume_front_insensitive(kPrefix);
  const std::string full = kPrefix.str() + name.str();
  NearestName nearest(full);
  for (const ResourceLimitInfo& each : kResourceLimits) {
    nearest.consider(each.name);
  }
  return nearest.found();
}

llvm::ArrayRef<CgroupFile> all_cgroup_files() {
  return kCgroupFiles;
}

// "2MB": what the kernel writes for a huge page size. Source: mm/hugetlb_cgroup.c, mem_fmt.
static bool is_huge_page_size(llvm::StringRef text) {
  const bool has_unit = text.consume_back("KB") || text.consume_back("MB") || text.consume_back("GB");
  return has_unit && !text.empty() && text.front() != '0' && llvm::all_of(text, llvm::isDigit);
}

static bool matches(llvm::StringRef pattern, llvm::StringRef name) {
  if (!pattern.contains(kSizeMark)) return pattern == name;
  const auto [before, after] = pattern.split(kSizeMark);
  return name.consume_front(before) && name.consume_back(after) && is_huge_page_size(name);
}

const CgroupFile* find_cgroup_file(llvm::StringRef name) {
  for (const CgroupFile& file : kCgroupFiles) {
    if (matches(file.name, name)) return &file;
  }
  return nullptr;
}

std::optional<llvm::StringRef> nearest_cgroup_file(llvm::StringRef name) {
  NearestName nearest(name);
  for (const CgroupFile& file : kCgroupFiles) {
    nearest.consider(file.name);
  }
  return nearest.found();
}

}  // namespace isola::kernel
