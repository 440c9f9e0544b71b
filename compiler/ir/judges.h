// The judges behind decide, and the decisions they put together. Private to deciding.

#pragma once

#include <optional>

#include "compiler/ir/decide.h"

namespace isola::ir {

// What one judge says; nothing when it has no say in the operation.
using Opinion = std::optional<Decision>;

constexpr SyscallAction kAllowed{.kind = SyscallAction::Kind::Allow, .value = 0};
constexpr SyscallAction errno_action(int number) {
  return {.kind = SyscallAction::Kind::Errno, .value = static_cast<std::uint16_t>(number)};
}

Decision by_rule(Judge judge, const Rule& rule, SyscallAction action);
Decision without_rule(Judge judge, Reason reason, SyscallAction action);

// The written rule behind a merged one for which `matches` holds; the rule itself when none was merged.
template <typename Matches>
const Rule& written_rule(const Rule& rule, const Matches& matches) {
  for (const Rule& part : rule.merged_from) {
    if (matches(part)) return written_rule(part, matches);
  }
  return rule;
}

// Files and devices by path (judge_path.cpp).
Decision judge_path(llvm::ArrayRef<Rule> rules, const FileRequest& request, Judges judges);
// Writes below read-only mounts, execution below noexec ones (judge_path.cpp).
Opinion judge_mount(const Profile& profile, const FileRequest& request);

}  // namespace isola::ir
