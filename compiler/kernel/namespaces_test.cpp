// The tables of namespaces and namespaced sysctls.

#include "compiler/kernel/namespaces.h"

#include "compiler/kernel/sysctls.h"

#include <doctest/doctest.h>
#include <linux/sched.h>

using namespace isola::kernel;

TEST_CASE("namespaces: found by both names, with the kernel's flags") {
  CHECK(all_namespaces().size() == kNamespaceCount);
  for (const NamespaceInfo& each : all_namespaces()) {
    CHECK(find_namespace(each.name) == each.kind);
    CHECK(find_namespace(each.short_name) == each.kind);
    CHECK(info(each.kind).name == each.name);
  }
  CHECK(info(Namespace::Mount).clone_flag == CLONE_NEWNS);
  CHECK(info(Namespace::Uts).clone_flag == CLONE_NEWUTS);
  CHECK(info(Namespace::Ipc).clone_flag == CLONE_NEWIPC);
  CHECK(info(Namespace::Pid).clone_flag == CLONE_NEWPID);
  CHECK(info(Namespace::Network).clone_flag == CLONE_NEWNET);
  CHECK(info(Namespace::User).clone_flag == CLONE_NEWUSER);
  CHECK(info(Namespace::Cgroup).clone_flag == CLONE_NEWCGROUP);
  CHECK(info(Namespace::Time).clone_flag == CLONE_NEWTIME);
  CHECK(nearest_namespace("netwrk") == llvm::StringRef("network"));
}

TEST_CASE("sysctls: the namespace that has a sysctl of its own") {
  CHECK(sysctl_namespace("net.ipv4.ip_forward") == Namespace::Network);
  CHECK(sysctl_namespace("net/ipv4/conf/eth0.100/forwarding") == Namespace::Network);
  CHECK(sysctl_namespace("net.core.somaxconn") == Namespace::Network);
  CHECK(sysctl_namespace("kernel.shmmax") == Namespace::Ipc);
  CHECK(sysctl_namespace("kernel.sem") == Namespace::Ipc);
  CHECK(sysctl_namespace("fs.mqueue.msg_max") == Namespace::Ipc);
  CHECK(sysctl_namespace("kernel.domainname") == Namespace::Uts);
  CHECK(sysctl_namespace("user.max_user_namespaces") == Namespace::User);
}

TEST_CASE("sysctls: what changes the whole machine belongs to no namespace") {
  for (const char* name :
       {"kernel.core_pattern", "vm.overcommit_memory", "kernel.semantics", "network.x", "net", "fs.mqueue",
        "net.core.rmem_max", "net.ipv4.tcp_mem", "net.core.bpf_jit_enable", ""}) {
    CHECK_MESSAGE(!sysctl_namespace(name), name);
  }
}
