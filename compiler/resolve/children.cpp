// A child is a subset of its parent: under no_new_privs an execve can only lose rights, so a wider child
// would be a promise that the kernel does not keep.

#include <llvm/ADT/StringMap.h>

#include "compiler/ir/coverage.h"
#include "compiler/ir/path_language.h"
#include "compiler/resolve/context.h"

namespace isola::resolve {

namespace {

// The paths on which the parent grants `mode`; rules that need ownership count only for rules that need it
// too.
std::optional<ir::PathLanguage> granted_paths(const std::vector<ir::PolicyRule>& rules, ir::FileMode mode,
                                              bool owner_only) {
  std::vector<ir::PathPattern> allowed, denied;
  for (const ir::PolicyRule& candidate : rules) {
    const auto* access = std::get_if<ir::FileAccess>(&candidate.rule.permission);
    if (access == nullptr || !ir::with_implied(access->modes).contains(mode)) continue;
    if (candidate.rule.effect == ir::Effect::Deny) denied.push_back(access->path);
    if (candidate.rule.effect == ir::Effect::Allow && (!access->owner_only || owner_only))
      allowed.push_back(access->path);
  }
  const auto wide = ir::PathLanguage::of(allowed);
  const auto narrow = ir::PathLanguage::of(denied);
  if (!wide || !narrow) return std::nullopt;
  return wide->subtract(*narrow);
}

// The parent's grants by mode and ownership, and the paths of single rules, each found once.
class GrantedPaths {
 public:
  explicit GrantedPaths(const ir::Policy& parent) : parent_(parent) {}
  const std::optional<ir::PathLanguage>& of(ir::FileMode mode, bool owner_only) {
    const auto [place, is_new] = known_.try_emplace({mode, owner_only});
    if (is_new) place->second = granted_paths(parent_.rules, mode, owner_only);
    return place->second;
  }

  const ir::PathLanguage& language_of(const ir::PathPattern& pattern) {
    const auto [place, is_new] = languages_.try_emplace(pattern.text());
    if (is_new) place->second = ir::PathLanguage::of(pattern);
    return place->second;
  }

 private:
  const ir::Policy& parent_;
  llvm::StringMap<ir::PathLanguage> languages_;  // by the text of the pattern; looked up only
  std::map<std::pair<ir::FileMode, bool>, std::optional<ir::PathLanguage>> known_;
};

void check_file_rule(const ir::PolicyRule& rule, const ir::FileAccess& access, GrantedPaths& parent,
                     Diagnostics& diagnostics) {
  const ir::PathLanguage& wanted = parent.language_of(access.path);
  for (std::size_t index = 0; index < ir::kFileModeCount; ++index) {
    const auto mode = static_cast<ir::FileMode>(index);
    if (!access.modes.contains(mode)) continue;
    const auto& granted = parent.of(mode, access.owner_only);
    if (granted && granted->contains(wanted)) continue;
    const auto path = granted ? ir::witness_of_difference(wanted, *granted) : std::nullopt;
    const ir::FileAccess missing{
        .path = access.path, .modes = {mode}, .owner_only = access.owner_only, .child = {}};
    auto draft = diagnostics.report<DiagnosticKind::ChildWiderThanParent>(
        rule.rule.origin, ir::to_text(ir::Permission(missing)));
    if (path) draft.help("for example `" + *path + "`");
    if (!granted) draft.help("the paths of the parent are too many and too different to be compared");
  }
}

}  // namespace

void check_children(const ir::Policy& policy, Diagnostics& diagnostics) {
  GrantedPaths granted(policy);
  ir::PatternComparer paths;
  for (const ir::ChildPolicy& child : policy.children) {
    for (const ir::PolicyRule& rule : child.rules) {
      if (rule.rule.effect == ir::Effect::Deny) continue;
      if (const auto* access = std::get_if<ir::FileAccess>(&rule.rule.permission)) {
        check_file_rule(rule, *access, granted, diagnostics);
        continue;
      }
      const bool is_granted =
          std::any_of(policy.rules.begin(), policy.rules.end(), [&](const ir::PolicyRule& own) {
            return own.rule.effect == ir::Effect::Allow &&
                   ir::permission_contains(own.rule.permission, rule.rule.permission, paths);
          });
      if (paths.is_spent()) {
        diagnostics.report<DiagnosticKind::TooComplex>(
            rule.rule.origin, "the paths of `children` are too many to be compared with the parent's");
        return;
      }
      if (!is_granted) {
        diagnostics.report<DiagnosticKind::ChildWiderThanParent>(rule.rule.origin,
                                                                 ir::to_text(rule.rule.permission));
      }
    }
  }
}

}  // namespace isola::resolve
