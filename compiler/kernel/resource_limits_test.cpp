// Resource limits and the files of cgroup v2.

#include "compiler/kernel/resource_limits.h"

#include "compiler/kernel/constants.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace isola::kernel;

TEST_CASE("resource_limits: the sixteen of the kernel, found in any case") {
  CHECK(all_resource_limits().size() == 16);
  for (const ResourceLimitInfo& each : all_resource_limits()) {
    CHECK(find_resource_limit(each.name) == each.limit);
    CHECK(info(each.limit).name == each.name);
    CHECK(find_constant(each.name, Arch::X86_64));
  }
  CHECK(find_resource_limit("nofile") == ResourceLimit::Files);
  CHECK(find_resource_limit("rlimit_core") == ResourceLimit::Core);
  CHECK_FALSE(find_resource_limit("RLIMIT_"));
  CHECK(nearest_resource_limit("NOFILES") == llvm::StringRef("RLIMIT_NOFILE"));
}

TEST_CASE("cgroup_files: found by name, huge page sizes by pattern") {
  for (const CgroupFile& file : all_cgroup_files()) {
    if (file.name.find('<') == std::string_view::npos) CHECK(find_cgroup_file(file.name) == &file);
  }
  REQUIRE(find_cgroup_file("hugetlb.2MB.max"));
  CHECK(find_cgroup_file("hugetlb.2MB.max")->name == "hugetlb.<size>.max");
  CHECK(find_cgroup_file("hugetlb.1GB.rsvd.max")->name == "hugetlb.<size>.rsvd.max");
  for (const char* wrong : {"hugetlb.2mb.max", "hugetlb.MB.max", "hugetlb..max", "hugetlb.<size>.max",
                            "hugetlb.2MB", "memory.limit_in_bytes", "memory.current", ""}) {
    CHECK_MESSAGE(find_cgroup_file(wrong) == nullptr, wrong);
  }
  CHECK(nearest_cgroup_file("memory.maxx") == llvm::StringRef("memory.max"));
}

TEST_CASE("cgroup_files: sorted, and named after their controller") {
  std::string_view previous;
  for (const CgroupFile& file : all_cgroup_files()) {
    CHECK(previous < file.name);
    CHECK(file.name.starts_with(file.controller));
    previous = file.name;
  }
  CHECK(find_cgroup_file("memory.max")->allows_max);
  CHECK_FALSE(find_cgroup_file("cpu.weight")->allows_max);
}
