// W735 SiblingCall: a rule limits or denies a call, and another allowed call does the same without the limit.
// Why it matters: `socketcall`, `clone3` and io_uring carry the arguments of other calls where no filter can
// see them. Quiet when the sibling itself is denied, limited or absent on the architecture, and for denies of
// bundles.

#include <llvm/ADT/Twine.h>

#include <map>
#include <utility>

#include "compiler/lint/lint.h"

namespace isola::lint {

namespace {

struct Sibling {
  llvm::StringLiteral call, sibling, why;
};
constexpr Sibling kSiblings[] = {
#define ISOLA_SIBLING_CALL(call, sibling, why) {#call, #sibling, why},
#include "compiler/lint/sibling_calls.def"
};

// The rule that lets `call` run on `arch` whatever its arguments are, unless another denies it outright.
const ir::Rule* find_open_grant(const ir::Policy& policy, llvm::StringRef call, kernel::Arch arch) {
  const ir::Rule* grant = nullptr;
  for (const ir::PolicyRule& entry : policy.rules) {
    const auto* use = std::get_if<ir::SyscallUse>(&entry.rule.permission);
    if (use == nullptr || use->arch != arch || !use->condition.is_always() ||
        kernel::name(use->syscall) != call)
      continue;
    if (entry.rule.effect == ir::Effect::Deny) return nullptr;
    grant = &entry.rule;
  }
  return grant;
}

}  // namespace

void sibling_call(const ir::Policy& policy, Diagnostics& diagnostics) {
  std::map<std::pair<llvm::StringRef, kernel::Arch>, const ir::Rule*> grants;  // each looked for once
  for (const ir::PolicyRule& entry : policy.rules) {
    const auto* use = std::get_if<ir::SyscallUse>(&entry.rule.permission);
    if (use == nullptr || entry.rule.brought_by.is_known()) continue;
    const bool is_limit = entry.rule.effect == ir::Effect::Deny || !use->condition.is_always();
    if (!is_limit) continue;
    for (const Sibling& pair : kSiblings) {
      if (kernel::name(use->syscall) != pair.call) continue;
      const auto [place, is_new] = grants.try_emplace({pair.sibling, use->arch}, nullptr);
      if (is_new) place->second = find_open_grant(policy, pair.sibling, use->arch);
      const ir::Rule* const grant = place->second;
      if (grant == nullptr) continue;
      diagnostics.report<DiagnosticKind::SiblingCall>(entry.rule.origin, pair.sibling, pair.call)
          .label(grant->origin, ("`" + pair.sibling + "` is allowed here: " + pair.why).str())
          .help(("close it with `deny " + pair.sibling + " -> SCMP_ACT_ERRNO(ENOSYS)`").str());
    }
  }
}

}  // namespace isola::lint
