// What a profile answers to calls, as functions of their arguments: the policy's side of every proof.
//
// NOTE: what a call's fate is stands here a second time, in the words of decide.cpp, and on purpose: a proof
// that asked the lowering what the policy means would prove little.

#pragma once

#include <map>
#include <utility>
#include <vector>

#include "compiler/ir/decision_diagram.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

class PolicyFunction {
 public:
  using Diagram = ir::DecisionDiagrams::Node;
  // From this number to the next one's: this function of the arguments, whose outcomes are SECCOMP_RET_*
  // values. INVARIANT: there is an entry for 0.
  using ByNumber = std::map<std::uint32_t, Diagram>;

  // `arches`: those of the profile that the filter in question is for. Both references outlive this object.
  PolicyFunction(const ir::Profile& profile, kernel::ArchSet arches, ir::DecisionDiagrams& diagrams);

  // Of all numbers that come with the architecture's AUDIT_ARCH value; x86_64 and x32 share one.
  ByNumber by_number(kernel::Arch arch);
  // Of every architecture that is none of `arches`.
  Diagram foreign() { return answer(profile_.syscalls.foreign); }

 private:
  Diagram answer(ir::SyscallAction action);
  Diagram newer() { return answer(profile_.syscalls.newer); }
  Diagram listed(const std::vector<const ir::SyscallUse*>& rules);
  Diagram fate(kernel::Arch arch, kernel::SyscallId call);
  void add_table(kernel::Arch arch, ByNumber& functions);

  const ir::Profile& profile_;
  kernel::ArchSet arches_;
  ir::DecisionDiagrams& diagrams_;
  std::map<std::pair<kernel::Arch, kernel::SyscallId>, std::vector<const ir::SyscallUse*>> rules_;
};

}  // namespace isola::backends::seccomp
