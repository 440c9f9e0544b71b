#include "backends/seccomp/policy_function.h"

#include "backends/seccomp/action_code.h"
#include "compiler/base/check.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

using kernel::Arch;
using Diagram = PolicyFunction::Diagram;

static constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call

PolicyFunction::PolicyFunction(const ir::Profile& profile, kernel::ArchSet arches,
                               ir::DecisionDiagrams& diagrams)
    : profile_(profile), arches_(arches), diagrams_(diagrams) {
  for (const ir::Rule& rule : profile.rules) {
    const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
    if (use != nullptr) rules_[{use->arch, use->syscall}].push_back(use);
  }
}

Diagram PolicyFunction::answer(ir::SyscallAction action) {
  return diagrams_.outcome(encode_action(action));
}

// The first rule whose condition holds decides.
Diagram PolicyFunction::listed(const std::vector<const ir::SyscallUse*>& rules) {
  Diagram function = answer(profile_.syscalls.otherwise);
  for (auto use = rules.rbegin(); use != rules.rend(); ++use) {
    function = diagrams_.choose(diagrams_.condition((*use)->condition), answer((*use)->action), function);
  }
  return function;
}

Diagram PolicyFunction::fate(Arch arch, kernel::SyscallId call) {
  const auto rules = rules_.find({arch, call});
  if (rules != rules_.end()) return listed(rules->second);
  const bool is_known = kernel::since(call, arch) <= profile_.syscalls.vocabulary;
  return is_known ? answer(profile_.syscalls.otherwise) : newer();
}

void PolicyFunction::add_table(Arch arch, ByNumber& functions) {
  for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
    const auto number = kernel::number(static_cast<kernel::SyscallId>(index), arch);
    if (!number) continue;
    const auto call = kernel::syscall_at(arch, *number);
    ISOLA_CHECK(call, "a number of the table has a call");
    functions[*number] = fate(arch, *call);
    functions.try_emplace(*number + 1, newer());
  }
}

PolicyFunction::ByNumber PolicyFunction::by_number(Arch arch) {
  ByNumber functions{{0, newer()}};
  if (arch != Arch::X86_64 && arch != Arch::X32) {
    add_table(arch, functions);
    return functions;
  }
  const bool has_native = arches_.contains(Arch::X86_64);
  const bool has_x32 = arches_.contains(Arch::X32);
  functions[0] = has_native ? newer() : foreign();
  functions[kernel::kX32Bit] = has_x32 ? newer() : foreign();
  functions[kNoCall] = newer();
  if (has_native) add_table(Arch::X86_64, functions);
  if (has_x32) add_table(Arch::X32, functions);
  return functions;
}

}  // namespace isola::backends::seccomp
