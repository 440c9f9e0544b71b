#include "compiler/ir/flatten.h"

#include <algorithm>
#include <map>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/ir/coverage.h"
#include "compiler/ir/decision_diagram.h"

namespace isola::ir {

namespace {

Truth negate(Truth truth) {
  switch (truth) {
    case Truth::False: return Truth::True;
    case Truth::Unknown: return Truth::Unknown;
    case Truth::True: return Truth::False;
  }
  ISOLA_CHECK(false, "a truth value");
  return Truth::Unknown;
}

Truth from_bool(bool value) { return value ? Truth::True : Truth::False; }

// What was not said about the target cannot be decided.
Truth compare_name(const std::string& said, const std::string& asked) {
  return said.empty() ? Truth::Unknown : from_bool(said == asked);
}

// Granted without a `when` of its own: conditions on conditional grants would go in circles.
bool grants_always(const Policy& policy, kernel::Capability capability) {
  return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const PolicyRule& candidate) {
    const auto* use = std::get_if<CapabilityUse>(&candidate.rule.permission);
    return use != nullptr && use->capability == capability && candidate.rule.effect == Effect::Allow &&
           candidate.when.kind == TargetCondition::Kind::Always;
  });
}

}  // namespace

Truth evaluate(const TargetCondition& condition, const Policy& policy, const Target& target, kernel::Arch arch) {
  const auto operand = [&](const TargetCondition& inner) { return evaluate(inner, policy, target, arch); };
  switch (condition.kind) {
    case TargetCondition::Kind::Always: return Truth::True;
    case TargetCondition::Kind::Arch: return from_bool(condition.arches.contains(arch));
    case TargetCondition::Kind::Kernel: {
      const kernel::KernelVersion version = target.kernel.value_or(policy.syscalls.vocabulary);
      return from_bool(condition.from <= version && version <= condition.to);
    }
    case TargetCondition::Kind::Lsm: return compare_name(target.lsm, condition.name);
    case TargetCondition::Kind::Engine: return compare_name(target.engine, condition.name);
    case TargetCondition::Kind::Capability: return from_bool(grants_always(policy, condition.capability));
    case TargetCondition::Kind::Feature: return from_bool(target.features.count(condition.name) > 0);
    case TargetCondition::Kind::Not: return negate(operand(condition.operands.front()));
    case TargetCondition::Kind::All: {
      Truth truth = Truth::True;
      for (const TargetCondition& inner : condition.operands) truth = std::min(truth, operand(inner));
      return truth;
    }
    case TargetCondition::Kind::Any: {
      Truth truth = Truth::False;
      for (const TargetCondition& inner : condition.operands) truth = std::max(truth, operand(inner));
      return truth;
    }
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return Truth::Unknown;
}

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
      truth = from_bool(is_deny);
    }
    if (truth == Truth::True) settled.push_back(candidate.rule);
  }
  return settled;
}

// Puts `added` into `rule`, remembering both written rules.
void absorb(Rule& rule, Rule added) {
  if (rule.merged_from.empty()) {
    Rule itself = rule;
    rule.merged_from.push_back(std::move(itself));
  }
  if (added.merged_from.empty()) {
    rule.merged_from.push_back(std::move(added));
  } else {
    std::move(added.merged_from.begin(), added.merged_from.end(), std::back_inserter(rule.merged_from));
  }
}

// Two written rules of the policy's own file; what bundles repeat is nobody's mistake.
void report_redundant(const Rule& redundant, const Rule& other, Diagnostics& diagnostics) {
  if (redundant.brought_by.is_known() || other.brought_by.is_known()) return;
  if (redundant.origin == other.origin) return;
  diagnostics.report<DiagnosticKind::RedundantRule>(redundant.origin)
      .label(other.origin, "this rule already says it")
      .suggest(redundant.origin, "");
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

void report_swallowed(const Rule& allow, const Rule& deny, Diagnostics& diagnostics) {
  auto draft = diagnostics.report<DiagnosticKind::SwallowedAllow>(allow.origin);
  draft.label(deny.origin, "this `deny` wins");
  if (allow.brought_by.is_known()) draft.label(allow.brought_by, "the grant comes from here");
}

void check_swallowed(llvm::ArrayRef<Rule> rules, Diagnostics& diagnostics) {
  for (const Rule& deny : rules) {
    if (deny.effect != Effect::Deny) continue;
    for (const Rule& allow : rules) {
      if (allow.effect != Effect::Allow) continue;
      llvm::ArrayRef<Rule> written = allow.merged_from;
      if (written.empty()) written = allow;
      for (const Rule& part : written) {
        if (permission_contains(deny.permission, part.permission)) report_swallowed(part, deny, diagnostics);
      }
    }
  }
}

// ---- rules about one system call on one architecture

const SyscallUse& use_of(const Rule& rule) { return std::get<SyscallUse>(rule.permission); }

// The rules of one call with one effect and one action, as one rule.
struct CallCase {
  Rule rule;
  DecisionDiagrams::Node node{};
  std::size_t wider_cases = 0;  // how many cases of the same effect contain this one
};

class CallFlattener {
 public:
  CallFlattener(llvm::ArrayRef<Rule> written, Diagnostics& diagnostics)
      : written_(written), diagnostics_(diagnostics) {}

  std::vector<Rule> run() {
    if (written_.size() == 1) return {written_.front()};
    for (const Rule& rule : written_) add(rule);
    for (CallCase& one : cases_) one.node = diagrams_.condition(use_of(one.rule).condition);
    check_contradictions();
    check_swallowed_calls();
    std::stable_sort(cases_.begin(), cases_.end(), [](const CallCase& a, const CallCase& b) {
      if (a.rule.effect != b.rule.effect) return a.rule.effect == Effect::Deny;
      if (a.wider_cases != b.wider_cases) return a.wider_cases > b.wider_cases;
      return use_of(a.rule).action > use_of(b.rule).action;
    });
    std::vector<Rule> rules;
    for (CallCase& one : cases_) rules.push_back(std::move(one.rule));
    return rules;
  }

 private:
  void add(const Rule& rule) {
    const auto same = std::find_if(cases_.begin(), cases_.end(), [&](const CallCase& one) {
      return one.rule.effect == rule.effect && use_of(one.rule).action == use_of(rule).action;
    });
    if (same == cases_.end()) {
      cases_.push_back({.rule = rule});
      return;
    }
    check_redundant(same->rule, rule);
    SyscallUse joined = use_of(same->rule);
    joined.condition = ArgumentCondition::any({joined.condition, use_of(rule).condition});
    absorb(same->rule, rule);
    same->rule.permission = std::move(joined);
  }

  // Of the written rules of a case, one that another contains.
  void check_redundant(const Rule& earlier_case, const Rule& added) {
    llvm::ArrayRef<Rule> earlier = earlier_case.merged_from;
    if (earlier.empty()) earlier = earlier_case;
    const auto added_node = diagrams_.condition(use_of(added).condition);
    for (const Rule& other : earlier) {
      const auto node = diagrams_.condition(use_of(other).condition);
      if (diagrams_.contains(node, added_node)) return report_redundant(added, other, diagnostics_);
      if (diagrams_.contains(added_node, node)) report_redundant(other, added, diagnostics_);
    }
  }

  void check_contradictions() {
    for (CallCase& narrow : cases_) {
      for (CallCase& wide : cases_) {
        if (&narrow == &wide || narrow.rule.effect != wide.rule.effect) continue;
        if (!diagrams_.overlaps(narrow.node, wide.node)) continue;
        if (diagrams_.contains(wide.node, narrow.node) && narrow.node != wide.node) {
          ++narrow.wider_cases;
        } else if (!diagrams_.contains(narrow.node, wide.node) || narrow.node == wide.node) {
          report_contradiction(narrow, wide);
        }
      }
    }
  }

  // Each pair is met twice: it is reported where the later written rule is looked at.
  void report_contradiction(const CallCase& a, const CallCase& b) {
    if (a.rule.origin.begin < b.rule.origin.begin && a.rule.origin.file == b.rule.origin.file) return;
    const auto where = diagrams_.witness(diagrams_.both(a.node, b.node), 1);
    ISOLA_CHECK(where.has_value(), "overlapping conditions have a witness");
    diagnostics_.report<DiagnosticKind::ContradictoryActions>(a.rule.origin, kernel::name(use_of(a.rule).syscall))
        .label(b.rule.origin, "the other rule: " + to_text(use_of(b.rule).action))
        .help("both hold for " + call_text(use_of(a.rule), *where));
  }

  static std::string call_text(const SyscallUse& use, const Arguments& arguments) {
    std::string text = kernel::name(use.syscall).str() + "(";
    const std::size_t count = kernel::parameters(use.syscall, use.arch).size();
    for (std::size_t index = 0; index < count; ++index) {
      text += (index > 0 ? ", " : "") + std::to_string(arguments[index]);
    }
    return text + ")";
  }

  void check_swallowed_calls() {
    for (const CallCase& deny : cases_) {
      if (deny.rule.effect != Effect::Deny) continue;
      for (const CallCase& allow : cases_) {
        if (allow.rule.effect != Effect::Allow) continue;
        llvm::ArrayRef<Rule> written = allow.rule.merged_from;
        if (written.empty()) written = allow.rule;
        for (const Rule& part : written) {
          if (!diagrams_.contains(deny.node, diagrams_.condition(use_of(part).condition))) continue;
          // A bundle or a set minus a few calls is how exceptions are written; a call named by itself is a mistake.
          if (!part.brought_by.is_known() && !part.from_set) report_swallowed(part, deny.rule, diagnostics_);
        }
      }
    }
  }

  llvm::ArrayRef<Rule> written_;
  Diagnostics& diagnostics_;
  DecisionDiagrams diagrams_;
  std::vector<CallCase> cases_;
};

std::vector<Rule> flatten_calls(std::vector<Rule> rules, Diagnostics& diagnostics) {
  std::map<std::pair<kernel::SyscallId, kernel::Arch>, std::vector<Rule>> by_call;
  for (Rule& rule : rules) {
    const SyscallUse& use = use_of(rule);
    by_call[{use.syscall, use.arch}].push_back(std::move(rule));
  }
  std::vector<Rule> flat;
  for (auto& [call, written] : by_call) {
    std::vector<Rule> cases = CallFlattener(written, diagnostics).run();
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
