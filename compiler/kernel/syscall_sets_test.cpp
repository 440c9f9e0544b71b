// The named sets: complete, sorted, and as narrow as they claim.

#include "compiler/kernel/syscall_sets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace isola::kernel;

static llvm::ArrayRef<SyscallId> members(llvm::StringRef set) {
  const std::optional<llvm::ArrayRef<SyscallId>> found = find_set(set);
  REQUIRE_MESSAGE(found, set.str());
  return *found;
}

static bool contains(llvm::StringRef set, llvm::StringRef call) {
  const std::optional<SyscallId> id = find_syscall(call);
  REQUIRE_MESSAGE(id, call.str());
  return std::ranges::binary_search(members(set), *id);
}

TEST_CASE("syscall_sets: sorted, without doubles, described") {
  for (const SyscallSet& set : all_sets()) {
    const llvm::ArrayRef<SyscallId> all = members(set.name);
    CHECK_FALSE(all.empty());
    CHECK(std::ranges::adjacent_find(all, std::ranges::greater_equal()) == all.end());
    CHECK(set.name.front() == '@');
    CHECK_FALSE(set.summary.empty());
  }
}

TEST_CASE("syscall_sets: every call is in a set besides @known") {
  std::set<SyscallId> covered;
  for (const SyscallSet& set : all_sets()) {
    if (set.name != "@known") covered.insert(members(set.name).begin(), members(set.name).end());
  }
  for (std::size_t index = 0; index < syscall_count(); ++index) {
    const SyscallId id{static_cast<std::uint16_t>(index)};
    CHECK_MESSAGE(covered.contains(id), name(id).str());
  }
  CHECK(members("@known").size() == syscall_count());
}

TEST_CASE("syscall_sets: the variants of a call go together") {
  for (const SyscallSet& set : all_sets()) {
    for (const SyscallId id : members(set.name)) {
      for (const char* suffix : {"_time64", "32", "64"}) {
        const std::string variant = name(id).str() + suffix;
        if (find_syscall(variant)) CHECK_MESSAGE(contains(set.name, variant), variant);
      }
    }
  }
}

TEST_CASE("syscall_sets: a service's set leaves the machine alone") {
  for (const char* refused : {"@module", "@mount", "@raw-io", "@reboot", "@swap", "@clock", "@debug",
                              "@namespace", "@io-uring", "@cpu-emulation", "@obsolete"}) {
    for (const SyscallId id : members(refused)) {
      CHECK_MESSAGE(!contains("@system-service", name(id)), name(id).str());
    }
  }
  CHECK(contains("@system-service", "openat"));
  CHECK(contains("@privileged", "mount"));
  CHECK_FALSE(contains("@privileged", "read"));
}

TEST_CASE("syscall_sets: nothing for an unknown name, and the nearest one") {
  CHECK_FALSE(find_set("@nonsense"));
  CHECK_FALSE(find_set("basic-io"));
  CHECK(nearest_set("@basicio") == llvm::StringRef("@basic-io"));
}
