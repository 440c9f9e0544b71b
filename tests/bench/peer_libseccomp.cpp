// NOTE: seccomp_export_bpf_mem came with libseccomp 2.6; Debian 12 has 2.5.4, whose export goes to a
// descriptor. A file in memory is as near to it as there is: a few microseconds of the times measured are its
// system calls.

#include "tests/bench/peer_libseccomp.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/seccomp/action_code.h"
#include "compiler/base/check.h"

namespace isola::bench {

namespace {

scmp_compare compare_of(llvm::StringRef name) {
  if (name == "EQ") return SCMP_CMP_EQ;
  if (name == "NE") return SCMP_CMP_NE;
  if (name == "LT") return SCMP_CMP_LT;
  if (name == "LE") return SCMP_CMP_LE;
  if (name == "GT") return SCMP_CMP_GT;
  if (name == "GE") return SCMP_CMP_GE;
  ISOLA_CHECK(name == "MASKED_EQ", "an operator of the OCI specification");
  return SCMP_CMP_MASKED_EQ;
}

void add_rule(scmp_filter_ctx context, const PeerRule& rule) {
  const int number = seccomp_syscall_resolve_name(rule.call.c_str());
  if (number == __NR_SCMP_ERROR) return;
  std::vector<scmp_arg_cmp> conditions;
  for (const PeerCondition& condition : rule.conditions) {
    conditions.push_back({condition.argument, compare_of(condition.comparison), condition.a, condition.b});
  }
  const auto count = static_cast<unsigned>(conditions.size());
  ISOLA_CHECK(seccomp_rule_add_array(context, rule.action, number, count, conditions.data()) == 0,
              "libseccomp takes the rule");
}

std::vector<sock_filter> export_program(scmp_filter_ctx context) {
  const int file = memfd_create("filter", MFD_CLOEXEC);
  ISOLA_CHECK(file >= 0 && seccomp_export_bpf(context, file) == 0, "libseccomp writes the filter");
  struct stat status{};
  ISOLA_CHECK(fstat(file, &status) == 0, "the file has a size");
  std::vector<sock_filter> program(static_cast<std::size_t>(status.st_size) / sizeof(sock_filter));
  const ssize_t read = pread(file, program.data(), static_cast<std::size_t>(status.st_size), 0);
  ISOLA_CHECK(read == status.st_size, "the filter is read whole");
  close(file);
  return program;
}

}  // namespace

PeerPolicy peer_policy(const llvm::json::Object& workload) {
  PeerPolicy policy{.otherwise = static_cast<std::uint32_t>(*workload.getInteger("default")),
                    .foreign = static_cast<std::uint32_t>(*workload.getInteger("badarch")),
                    .arches = {},
                    .rules = {}};
  for (const llvm::json::Value& arch : *workload.getArray("archs")) {
    policy.arches.push_back(arch.getAsString()->str());
  }
  for (const llvm::json::Value& value : *workload.getArray("rules")) {
    const llvm::json::Array& rule = *value.getAsArray();
    PeerRule made{.call = rule[0].getAsString()->str(),
                  .action = static_cast<std::uint32_t>(*rule[1].getAsUINT64()),
                  .conditions = {}};
    for (const llvm::json::Value& part : *rule[2].getAsArray()) {
      const llvm::json::Array& parts = *part.getAsArray();
      made.conditions.push_back({static_cast<unsigned>(*parts[0].getAsUINT64()),
                                 parts[1].getAsString()->str(), *parts[2].getAsUINT64(),
                                 *parts[3].getAsUINT64()});
    }
    policy.rules.push_back(std::move(made));
  }
  return policy;
}

PeerPolicy peer_policy(const backends::OciSeccomp& seccomp) {
  using backends::seccomp::encode_action;
  PeerPolicy policy{.otherwise = encode_action(seccomp.default_action),
                    .foreign = SECCOMP_RET_KILL_PROCESS,
                    .arches = {},
                    .rules = {}};
  for (const kernel::Arch arch : seccomp.arches) policy.arches.emplace_back(kernel::info(arch).name);
  for (const backends::OciSyscalls& entry : seccomp.syscalls) {
    std::vector<PeerCondition> conditions;
    for (const backends::OciArgument& argument : entry.arguments) {
      conditions.push_back({argument.index, "MASKED_EQ", argument.mask, argument.value});
    }
    for (const std::string& name : entry.names) {
      policy.rules.push_back({.call = name, .action = encode_action(entry.action), .conditions = conditions});
    }
  }
  return policy;
}

backends::seccomp::Program compile_with_libseccomp(const PeerPolicy& policy, PeerOrder order) {
  const scmp_filter_ctx context = seccomp_init(policy.otherwise);
  ISOLA_CHECK(context != nullptr, "libseccomp begins a filter");
  seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, policy.foreign);
  seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, static_cast<std::uint32_t>(order));
  for (const std::string& name : policy.arches) {
    const std::uint32_t arch = seccomp_arch_resolve_name(name.c_str());
    if (seccomp_arch_exist(context, arch) != 0) seccomp_arch_add(context, arch);
  }
  for (const PeerRule& rule : policy.rules) add_rule(context, rule);
  std::vector<sock_filter> instructions = export_program(context);
  seccomp_release(context);
  return {backends::seccomp::ByteOrder::Little, std::move(instructions)};
}

}  // namespace isola::bench
