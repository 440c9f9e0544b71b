#include "compiler/ir/flatten.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/ir/coverage.h"
#include "compiler/ir/flatten_parts.h"

namespace isola::ir {

namespace {

// One rule outside `syscalls` serves all architectures at once: its clause must answer the same for each.
Truth evaluate_for_rule(const PolicyRule& candidate, const Policy& policy, const Target& target,
                        kernel::ArchSet arches) {
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
std::vector<Rule> settle_conditions(llvm::ArrayRef<PolicyRule> rules, const Policy& policy,
                                    const Target& target, kernel::ArchSet arches, Diagnostics& diagnostics) {
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

// The bits of a permission that rules on the same object may share out: modes, operations, signals. One word
// for all kinds; a kind without such bits has none.
std::uint64_t mode_bits(const Permission& permission) {
  return std::visit(Match{[](const FileAccess& use) { return std::uint64_t{use.modes.bits()}; },
                          [](const DeviceAccess& use) { return std::uint64_t{use.modes.bits()}; },
                          [](const NetworkAccess& use) { return std::uint64_t{use.operations.bits()}; },
                          [](const SignalUse& use) { return use.signals; },
                          [](const PtraceUse& use) { return std::uint64_t{use.modes.bits()}; },
                          [](const SharedObjectUse& use) { return std::uint64_t{use.modes.bits()}; },
                          [](const SyscallUse&) { return std::uint64_t{0}; },
                          [](const CapabilityUse&) { return std::uint64_t{0}; },
                          [](const DbusUse&) { return std::uint64_t{0}; }},
                    permission);
}

// Replaces those bits.
void set_mode_bits(Permission& permission, std::uint64_t bits) {
  std::visit(Match{[&](FileAccess& use) { use.modes = FileModes::from_bits(bits); },
                   [&](DeviceAccess& use) { use.modes = DeviceModes::from_bits(bits); },
                   [&](NetworkAccess& use) { use.operations = NetworkOperations::from_bits(bits); },
                   [&](SignalUse& use) { use.signals = bits; },
                   [&](PtraceUse& use) { use.modes = PtraceModes::from_bits(bits); },
                   [&](SharedObjectUse& use) { use.modes = SharedObjectModes::from_bits(bits); },
                   [](SyscallUse&) {}, [](CapabilityUse&) {}, [](DbusUse&) {}},
             permission);
}

// Rules on the same object with the same effect become one.
std::vector<Rule> merge_modes(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::map<std::pair<Effect, Permission>, std::size_t> place_of;  // by the permission without its modes
  std::vector<Rule> merged;
  for (Rule& rule : rules) {
    const std::uint64_t added = mode_bits(rule.permission);
    std::pair<Effect, Permission> object{rule.effect, rule.permission};
    set_mode_bits(object.second, 0);
    const auto [place, is_new] = place_of.try_emplace(std::move(object), merged.size());
    if (is_new) {
      merged.push_back(std::move(rule));
      continue;
    }
    Rule& partner = merged[place->second];
    const std::uint64_t present = mode_bits(partner.permission);
    if ((added & ~present) == 0) report_redundant(rule, written_rules(partner).front(), diagnostics);
    absorb(partner, std::move(rule));
    set_mode_bits(partner.permission, present | added);
  }
  return merged;
}

// The rules that may contain another: of its kind and, for paths, with a beginning that fits.
class RuleIndex {
 public:
  void add(const Permission& permission, std::size_t item) {
    const auto* access = std::get_if<FileAccess>(&permission);
    if (access != nullptr) {
      files_.add(access->path, item);
    } else {
      others_[permission.index()].push_back(item);
    }
  }
  std::vector<std::size_t> possible_containers(const Permission& inner) const {
    const auto* access = std::get_if<FileAccess>(&inner);
    if (access != nullptr) return files_.possible_containers(access->path);
    const auto found = others_.find(inner.index());
    return found == others_.end() ? std::vector<std::size_t>() : found->second;
  }

 private:
  PatternIndex files_;
  std::map<std::size_t, std::vector<std::size_t>> others_;  // by kind
};

// Drops rules that another of the same effect contains. Beyond the budget of comparisons they simply stay.
std::vector<Rule> drop_implied(std::vector<Rule> rules, Diagnostics& diagnostics) {
  RuleIndex index;
  for (std::size_t item = 0; item < rules.size(); ++item) index.add(rules[item].permission, item);
  std::vector<bool> is_dropped(rules.size(), false);
  PatternComparer paths;
  const auto container_of = [&](std::size_t inner) -> std::optional<std::size_t> {
    for (const std::size_t outer : index.possible_containers(rules[inner].permission)) {
      if (paths.is_spent()) return std::nullopt;
      if (inner == outer || is_dropped[outer] || rules[inner].effect != rules[outer].effect) continue;
      if (permission_contains(rules[outer].permission, rules[inner].permission, paths)) return outer;
    }
    return std::nullopt;
  };
  for (std::size_t inner = 0; inner < rules.size(); ++inner) {
    const auto outer = container_of(inner);
    if (!outer) continue;
    if (rules[inner].merged_from.empty()) report_redundant(rules[inner], rules[*outer], diagnostics);
    absorb(rules[*outer], rules[inner]);
    is_dropped[inner] = true;
  }
  std::vector<Rule> kept;
  for (std::size_t item = 0; item < rules.size(); ++item) {
    if (!is_dropped[item]) kept.push_back(std::move(rules[item]));
  }
  return kept;
}

// Reports allows that a deny contains.
void check_swallowed(llvm::ArrayRef<Rule> rules, Diagnostics& diagnostics) {
  RuleIndex denies;
  for (std::size_t item = 0; item < rules.size(); ++item) {
    if (rules[item].effect == Effect::Deny) denies.add(rules[item].permission, item);
  }
  PatternComparer paths;
  for (const Rule& allow : rules) {
    if (allow.effect != Effect::Allow) continue;
    for (const Rule& part : written_rules(allow)) {
      for (const std::size_t item : denies.possible_containers(part.permission)) {
        const Rule& deny = rules[item];
        if (permission_contains(deny.permission, part.permission, paths))
          report_swallowed(part, deny, diagnostics);
        if (!paths.is_spent()) continue;
        diagnostics.report<DiagnosticKind::TooComplex>(
            part.origin, "the denied paths are too many to be compared with the granted ones");
        return;
      }
    }
  }
}

// A written rule names many calls on several architectures: it is redundant only when all of them are.
void report_redundant_calls(llvm::ArrayRef<Rule> rules, llvm::ArrayRef<RedundantCall> redundant,
                            Diagnostics& diagnostics) {
  const auto place = [](const Rule& rule) {
    return std::tuple(rule.origin.file, rule.origin.begin, rule.origin.end);
  };
  std::map<decltype(place(rules.front())), std::size_t> written, repeated;
  for (const Rule& rule : rules) ++written[place(rule)];
  for (const RedundantCall& one : redundant) {
    if (++repeated[place(one.rule)] == written[place(one.rule)])
      report_redundant(one.rule, one.other, diagnostics);
  }
}

// For the conditions of all calls together. The examples need less than a twentieth.
constexpr std::size_t kMaxDiagramWork = 1'000'000;

std::vector<Rule> flatten_calls(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::map<std::pair<kernel::SyscallId, kernel::Arch>, std::vector<Rule>> by_call;
  for (const Rule& rule : rules) {
    const auto& use = std::get<SyscallUse>(rule.permission);
    by_call[{use.syscall, use.arch}].push_back(rule);
  }
  std::vector<Rule> flat;
  std::vector<RedundantCall> redundant;
  std::size_t diagram_work = kMaxDiagramWork;
  for (const auto& [call, written] : by_call) {
    std::vector<Rule> cases = flatten_one_call(written, redundant, diagram_work, diagnostics);
    std::move(cases.begin(), cases.end(), std::back_inserter(flat));
  }
  report_redundant_calls(rules, redundant, diagnostics);
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
  Profile profile{.name = policy.name,
                  .about = policy.about,
                  .world = policy.world,
                  .syscalls = policy.syscalls,
                  .rules = {},
                  .children = {}};
  if (target.arches) profile.syscalls.arches = policy.syscalls.arches & *target.arches;
  const kernel::ArchSet arches = profile.syscalls.arches;
  profile.rules =
      canonical_rules(settle_conditions(policy.rules, policy, target, arches, diagnostics), diagnostics);
  for (const ChildPolicy& child : policy.children) {
    profile.children.push_back(
        {.name = child.name,
         .rules = canonical_rules(settle_conditions(child.rules, policy, target, arches, diagnostics),
                                  diagnostics)});
  }
  std::sort(profile.children.begin(), profile.children.end(),
            [](const ChildProfile& a, const ChildProfile& b) { return a.name < b.name; });
  return profile;
}

}  // namespace isola::ir
