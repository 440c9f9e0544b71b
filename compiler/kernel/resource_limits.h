// The resource limits of a process (setrlimit(2)) and the files of cgroup v2 that a policy may set.

#pragma once

#include "compiler/kernel/kernel_version.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace isola::kernel {

// Expanded from resource_limits.def.
enum class ResourceLimit : std::uint8_t {
#define ISOLA_RESOURCE_LIMIT(Name, text, unit, what) Name,
#include "compiler/kernel/resource_limits.def"
};

enum class LimitUnit : std::uint8_t { Bytes, Count, Seconds, Microseconds, Level };

struct ResourceLimitInfo {
  ResourceLimit limit{};
  std::string_view name;  // "RLIMIT_NOFILE"
  LimitUnit unit{};
  std::string_view summary;
};

const ResourceLimitInfo& info(ResourceLimit limit);
// By name.
llvm::ArrayRef<ResourceLimitInfo> all_resource_limits();
// With or without RLIMIT_, in any case.
std::optional<ResourceLimit> find_resource_limit(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_resource_limit(llvm::StringRef name);

// What may be written into a cgroup file.
enum class CgroupValue : std::uint8_t {
  Bytes,            // bytes, or "max"
  Count,            // a number, or "max"
  Weight,           // 1..10000
  WeightOrDevices,  // "default 100" and lines "8:16 200"
  NiceLevel,        // -20..19
  Quota,            // "50000 100000": microseconds per period, or "max 100000"
  Microseconds,
  Percent,        // "12.34", or "max"
  CpuList,        // "0-3,8"
  NodeList,       // "0-1"
  DeviceLimits,   // lines "8:16 rbps=1048576 wiops=max"
  DeviceLatency,  // lines "8:16 target=50"
  KeyedCount,     // lines "mlx4_0 hca_handle=2 hca_object=2000", "gpu0 1024"
  Switch,         // 0 or 1
  Choice,         // one of the words of the file
};

struct CgroupFile {
  std::string_view name;        // "memory.max"; "<size>" stands for 64KB, 2MB, 1GB, ...
  std::string_view controller;  // "memory"; "cgroup" for the core's own files
  CgroupValue value{};
  bool allows_max = false;  // the word "max" is a value: no limit
  KernelVersion since;
  std::string_view summary;
};

// In the order of cgroup_files.def.
llvm::ArrayRef<CgroupFile> all_cgroup_files();
// "hugetlb.2MB.max" finds the row "hugetlb.<size>.max".
const CgroupFile* find_cgroup_file(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_cgroup_file(llvm::StringRef name);

}  // namespace isola::kernel
