// The table of capabilities against linux/capability.h, and the set's arithmetic.

#include "compiler/kernel/capabilities.h"

#include <doctest/doctest.h>
#include <linux/capability.h>

#include <vector>

using namespace isola::kernel;

TEST_CASE("capabilities: the numbers are those of the kernel's header") {
  CHECK(number(Capability::Chown) == CAP_CHOWN);
  CHECK(number(Capability::Setpcap) == CAP_SETPCAP);
  CHECK(number(Capability::NetBindService) == CAP_NET_BIND_SERVICE);
  CHECK(number(Capability::SysAdmin) == CAP_SYS_ADMIN);
  CHECK(number(Capability::Setfcap) == CAP_SETFCAP);
  CHECK(number(Capability::Bpf) == CAP_BPF);
  CHECK(number(Capability::CheckpointRestore) == CAP_LAST_CAP);
  CHECK(kCapabilityCount == CAP_LAST_CAP + 1);
}

TEST_CASE("capabilities: found in any case, with and without the prefix") {
  CHECK(find_capability("CAP_NET_ADMIN") == Capability::NetAdmin);
  CHECK(find_capability("net_admin") == Capability::NetAdmin);
  CHECK(find_capability("cap_sys_boot") == Capability::SysBoot);
  CHECK_FALSE(find_capability("CAP_"));
  CHECK_FALSE(find_capability("CAP_NET"));
  CHECK_FALSE(find_capability(""));
  CHECK(nearest_capability("NET_ADMN") == llvm::StringRef("CAP_NET_ADMIN"));
  CHECK(nearest_capability("CAP_SYS_ADMN") == llvm::StringRef("CAP_SYS_ADMIN"));
  for (unsigned each = 0; each < kCapabilityCount; ++each) {
    CHECK(find_capability(name(*capability_at(each))) == capability_at(each));
  }
  CHECK_FALSE(capability_at(kCapabilityCount));
}

TEST_CASE("capabilities: first kernels") {
  CHECK(since(Capability::Chown) == kFirstVersion);
  CHECK(since(Capability::AuditRead) == KernelVersion{3, 16});
  CHECK(since(Capability::Bpf) == KernelVersion{5, 8});
  CHECK(since(Capability::CheckpointRestore) == KernelVersion{5, 9});
}

TEST_CASE("capabilities: a set iterates by number whatever the order of insertion") {
  const CapabilitySet set{Capability::SysAdmin, Capability::Chown, Capability::Kill};
  const std::vector<Capability> expected{Capability::Chown, Capability::Kill, Capability::SysAdmin};
  CHECK(std::vector<Capability>(set.begin(), set.end()) == expected);
  CHECK((set & CapabilitySet{Capability::Kill, Capability::Bpf}) == CapabilitySet{Capability::Kill});
  CHECK((set - set).empty());
  CHECK(CapabilitySet::all().size() == kCapabilityCount);
  CHECK(CapabilitySet::all().contains(set));
}
