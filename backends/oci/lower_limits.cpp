// cgroup v2 files to the specification's fields.
//
// The fields work on version 1 and version 2 hosts alike, `unified` on version 2 only: so a file with a field
// of its own uses it, and `unified` takes the rest.

#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

#include "backends/oci/oci.h"

namespace isola::backends::oci {

// `max` is -1. Resolve has checked the number.
static std::int64_t amount(llvm::StringRef value) {
  std::int64_t number = -1;
  if (value != "max") value.getAsInteger(10, number);
  return number;
}

// The shares from which runtimes compute exactly this weight; nothing when there are none.
// Source: ConvertCPUSharesToCgroupV2Value, runc 1.1.5: weight = 1 + (shares - 2) * 9999 / 262142.
static std::optional<std::uint64_t> shares_of_weight(std::uint64_t weight) {
  const std::uint64_t shares = 2 + ((weight - 1) * 262142 + 9998) / 9999;
  if (1 + (shares - 2) * 9999 / 262142 != weight) return std::nullopt;
  return shares;
}

static void lower_cpu_max(llvm::StringRef value, Resources& resources) {
  const auto [quota, period] = value.split(' ');
  resources.cpu_quota = amount(quota);
  std::uint64_t microseconds = 100000;  // the kernel's default
  if (!period.empty()) period.getAsInteger(10, microseconds);
  resources.cpu_period = microseconds;
}

static bool lower_cpu_weight(llvm::StringRef value, Resources& resources) {
  std::uint64_t weight = 0;
  if (value.getAsInteger(10, weight)) return false;
  resources.cpu_shares = shares_of_weight(weight);
  return resources.cpu_shares.has_value();
}

static bool lower_huge_pages(llvm::StringRef file, llvm::StringRef value, Resources& resources) {
  if (!file.consume_front("hugetlb.") || !file.consume_back(".max") || file.ends_with(".rsvd")) return false;
  resources.huge_pages.push_back({.page_size = file.str(), .bytes = amount(value)});
  return true;
}

// Whether the file has a field; `memory.swap.max` is settled when all are read.
static bool lower_limit(llvm::StringRef file, llvm::StringRef value, Resources& resources) {
  if (file == "memory.max") {
    resources.memory_limit = amount(value);
  } else if (file == "memory.low") {
    resources.memory_reservation = amount(value);
  } else if (file == "memory.swap.max") {
    resources.memory_and_swap = amount(value);
  } else if (file == "pids.max") {
    resources.pids_limit = amount(value);
  } else if (file == "cpu.max") {
    lower_cpu_max(value, resources);
  } else if (file == "cpuset.cpus") {
    resources.cpus = value.str();
  } else if (file == "cpuset.mems") {
    resources.memory_nodes = value.str();
  } else if (file == "cpu.weight") {
    return lower_cpu_weight(value, resources);
  } else {
    return lower_huge_pages(file, value, resources);
  }
  return true;
}

Resources lower_limits(const ir::World& world) {
  Resources resources;
  for (const ir::CgroupLimit& limit : world.cgroup_limits) {
    if (!lower_limit(limit.file, limit.value, resources))
      resources.unified.emplace_back(limit.file, limit.value);
  }
  // The specification counts memory and swap together; a swap limit without a memory limit has no such sum.
  if (resources.memory_and_swap && *resources.memory_and_swap >= 0) {
    const std::int64_t swap = *resources.memory_and_swap;
    if (resources.memory_limit && *resources.memory_limit >= 0) {
      resources.memory_and_swap = swap + *resources.memory_limit;
    } else {
      resources.memory_and_swap.reset();
      resources.unified.emplace_back("memory.swap.max", std::to_string(swap));
    }
  }
  return resources;
}

}  // namespace isola::backends::oci
