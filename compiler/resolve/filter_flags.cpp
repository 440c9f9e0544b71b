// `flags` of the section `syscalls`: names to flags, and what they need of the rules.

#include "compiler/kernel/filter_flags.h"

#include <algorithm>

#include "compiler/resolve/context.h"

namespace isola::resolve {

ir::FilterFlags resolve_filter_flags(const grammar::SyscallsSyntax& section, Diagnostics& diagnostics) {
  ir::FilterFlags flags;
  for (const ScalarText& name : section.flags) {
    const auto flag = kernel::find_filter_flag(name.decoded());
    if (!flag) {
      auto draft = diagnostics.report<DiagnosticKind::UnknownFilterFlag>(name.range(), name.decoded());
      if (const auto near = kernel::nearest_filter_flag(name.decoded()))
        draft.suggest(name.range(), near->str());
      continue;
    }
    if (flags.contains(*flag)) diagnostics.report<DiagnosticKind::SaidTwice>(name.range(), name.decoded());
    flags.insert(*flag);
  }
  return flags;
}

static bool asks_supervisor(const ir::Policy& policy) {
  const auto is_notify = [](ir::SyscallAction action) {
    return action.kind == ir::SyscallAction::Kind::Notify;
  };
  if (is_notify(policy.syscalls.otherwise) || is_notify(policy.syscalls.newer)) return true;
  return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const ir::PolicyRule& rule) {
    const auto* use = std::get_if<ir::SyscallUse>(&rule.rule.permission);
    return use != nullptr && is_notify(use->action);
  });
}

void check_filter_flags(const grammar::SyscallsSyntax& section, const ir::Policy& policy,
                        Diagnostics& diagnostics) {
  if (asks_supervisor(policy)) return;
  for (const ScalarText& name : section.flags) {
    if (kernel::find_filter_flag(name.decoded()) != kernel::FilterFlag::WaitKillable) continue;
    diagnostics.report<DiagnosticKind::FilterFlagNeedsNotify>(name.range(), name.decoded());
  }
}

}  // namespace isola::resolve
