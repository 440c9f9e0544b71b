#include "compiler/ir/flatten.h"

#include <algorithm>
#include <map>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/ir/coverage.h"
#include "compiler/ir/flatten_parts.h"

namespace isola::ir {

namespace {

// One rule outside `syscalls` serves all architectures at once: its clause must answer the same for each.
Truth evaluate_for_rule(const PolicyRule& candidate, const Policy& policy, const Target& target, kernel::ArchSet arches) {
  if (const auto* use = std::get_if<SyscallUse>(&candidate.rule.permission)) {
    return evaluate(candidate.when, policy, target, use->arch);
  }
  std::optional<Truth> common;
  for (const kernel::Arch arch : arches) {
    const Truth truth = evaluate(candidate.when, policy, target, arch);
    if (common && *common != truth) return Truth::Unknown;
    common = truth;
  }
  return common.value_or(Truth::Unknown);
}

// The rules that hold on this target, in the order written.
std::vector<Rule> settle_conditions(llvm::ArrayRef<PolicyRule> rules, const Policy& policy, const Target& target,
                                    kernel::ArchSet arches, Diagnostics& diagnostics) {
  std::vector<Rule> settled;
  for (const PolicyRule& candidate : rules) {
    const auto* use = std::get_if<SyscallUse>(&candidate.rule.permission);
    if (use != nullptr && !arches.contains(use->arch)) continue;
    Truth truth = evaluate_for_rule(candidate, policy, target, arches);
    if (truth == Truth::Unknown) {
      const bool is_deny = candidate.rule.effect == Effect::Deny;
      diagnostics.report<DiagnosticKind::UndecidedCondition>(
          candidate.when.origin, is_deny ? "the deny is kept" : "the grant is left out");
      truth = is_deny ? Truth::True : Truth::False;
    }
    if (truth == Truth::True) settled.push_back(candidate.rule);
  }
  return settled;
}

// ---- rules that are not about system calls

// Joins two permissions that differ in their modes only. Nothing when they differ in more.
std::optional<Permission> join_modes(const Permission& a, const Permission& b) {
  if (a.index() != b.index()) return std::nullopt;
  return std::visit(
      Match{[&](FileAccess joined) -> std::optional<Permission> {
              const auto& other = std::get<FileAccess>(b);
              if (joined.path != other.path || joined.owner_only != other.owner_only || joined.child != other.child) {
                return std::nullopt;
              }
              joined.modes = joined.modes | other.modes;
              return joined;
            },
            [&](DeviceAccess joined) -> std::optional<Permission> {
              const auto& other = std::get<DeviceAccess>(b);
              if (joined.node != other.node) return std::nullopt;
              joined.modes = joined.modes | other.modes;
              return joined;
            },
            [&](NetworkAccess joined) -> std::optional<Permission> {
              const auto& other = std::get<NetworkAccess>(b);
              if (joined.endpoint != other.endpoint) return std::nullopt;
              joined.operations = joined.operations | other.operations;
              return joined;
            },
            [&](SignalUse joined) -> std::optional<Permission> {
              const auto& other = std::get<SignalUse>(b);
              if (joined.peer != other.peer || joined.directions != other.directions) return std::nullopt;
              joined.signals |= other.signals;
              return joined;
            },
            [&](PtraceUse joined) -> std::optional<Permission> {
              const auto& other = std::get<PtraceUse>(b);
              if (joined.peer != other.peer || joined.direction != other.direction) return std::nullopt;
              joined.modes = joined.modes | other.modes;
              return joined;
            },
            [&](SharedObjectUse joined) -> std::optional<Permission> {
              const auto& other = std::get<SharedObjectUse>(b);
              if (joined.kind != other.kind || joined.flavour != other.flavour || joined.name != other.name) {
                return std::nullopt;
              }
              joined.modes = joined.modes | other.modes;
              return joined;
            },
            [](const SyscallUse&) -> std::optional<Permission> { return std::nullopt; },
            [](const CapabilityUse&) -> std::optional<Permission> { return std::nullopt; },
            [](const DbusUse&) -> std::optional<Permission> { return std::nullopt; }},
      a);
}

std::vector<Rule> merge_modes(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::stable_sort(rules.begin(), rules.end());
  std::vector<Rule> merged;
  for (Rule& rule : rules) {
    Rule* partner = nullptr;
    std::optional<Permission> joined;
    // Rules that differ only in their modes may be sorted apart: look back over all of the kind.
    for (auto at = merged.rbegin(); at != merged.rend() && at->permission.index() == rule.permission.index(); ++at) {
      if (at->effect != rule.effect) continue;
      joined = at->permission == rule.permission ? at->permission : join_modes(at->permission, rule.permission);
      if (!joined) continue;
      partner = &*at;
      break;
    }
    if (partner == nullptr) {
      merged.push_back(std::move(rule));
      continue;
    }
    if (partner->permission == *joined && partner->merged_from.empty()) report_redundant(rule, *partner, diagnostics);
    absorb(*partner, std::move(rule));
    partner->permission = *joined;
  }
  return merged;
}

// Drops rules that another of the same effect contains.
std::vector<Rule> drop_implied(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::vector<bool> is_dropped(rules.size(), false);
  for (std::size_t inner = 0; inner < rules.size(); ++inner) {
    for (std::size_t outer = 0; outer < rules.size(); ++outer) {
      if (inner == outer || is_dropped[outer] || rules[inner].effect != rules[outer].effect) continue;
      if (!permission_contains(rules[outer].permission, rules[inner].permission)) continue;
      if (rules[inner].merged_from.empty()) report_redundant(rules[inner], rules[outer], diagnostics);
      absorb(rules[outer], rules[inner]);
      is_dropped[inner] = true;
      break;
    }
  }
  std::vector<Rule> kept;
  for (std::size_t index = 0; index < rules.size(); ++index) {
    if (!is_dropped[index]) kept.push_back(std::move(rules[index]));
  }
  return kept;
}

void check_swallowed(llvm::ArrayRef<Rule> rules, Diagnostics& diagnostics) {
  for (const Rule& deny : rules) {
    if (deny.effect != Effect::Deny) continue;
    for (const Rule& allow : rules) {
      if (allow.effect != Effect::Allow) continue;
      for (const Rule& part : written_rules(allow)) {
        if (permission_contains(deny.permission, part.permission)) report_swallowed(part, deny, diagnostics);
      }
    }
  }
}

std::vector<Rule> flatten_calls(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::map<std::pair<kernel::SyscallId, kernel::Arch>, std::vector<Rule>> by_call;
  for (Rule& rule : rules) {
    const auto& use = std::get<SyscallUse>(rule.permission);
    by_call[{use.syscall, use.arch}].push_back(std::move(rule));
  }
  std::vector<Rule> flat;
  for (auto& [call, written] : by_call) {
    std::vector<Rule> cases = flatten_one_call(written, diagnostics);
    std::move(cases.begin(), cases.end(), std::back_inserter(flat));
  }
  return flat;
}

std::vector<Rule> canonical_rules(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::vector<Rule> calls;
  std::vector<Rule> others;
  for (Rule& rule : rules) {
    (std::holds_alternative<SyscallUse>(rule.permission) ? calls : others).push_back(std::move(rule));
  }
  std::vector<Rule> flat = flatten_calls(std::move(calls), diagnostics);
  others = drop_implied(merge_modes(std::move(others), diagnostics), diagnostics);
  check_swallowed(others, diagnostics);
  std::stable_sort(others.begin(), others.end());
  std::move(others.begin(), others.end(), std::back_inserter(flat));
  return flat;
}

}  // namespace

Profile flatten(const Policy& policy, const Target& target, Diagnostics& diagnostics) {
  Profile profile{.name = policy.name, .about = policy.about, .world = policy.world, .syscalls = policy.syscalls,
                  .rules = {}, .children = {}};
  if (target.arches) profile.syscalls.arches = policy.syscalls.arches & *target.arches;
  const kernel::ArchSet arches = profile.syscalls.arches;
  profile.rules =
      canonical_rules(settle_conditions(policy.rules, policy, target, arches, diagnostics), diagnostics);
  for (const ChildPolicy& child : policy.children) {
    profile.children.push_back(
        {.name = child.name,
         .rules = canonical_rules(settle_conditions(child.rules, policy, target, arches, diagnostics), diagnostics)});
  }
  std::sort(profile.children.begin(), profile.children.end(),
            [](const ChildProfile& a, const ChildProfile& b) { return a.name < b.name; });
  return profile;
}

}  // namespace isola::ir
