// Profile to OCI rules: for each call one decision diagram, for each path of it one rule.

#include "backends/oci_seccomp.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backends/oci_loader.h"
#include "compiler/base/check.h"
#include "compiler/ir/decision_diagram.h"

namespace isola::backends {

namespace {

using Diagrams = ir::DecisionDiagrams;

// Rules of one call beyond which a table of arguments is no longer what people read, nor what libseccomp's
// filter of 4096 instructions has room for.
constexpr std::size_t kMaxRulesOfCall = 512;

// The function of a call: which action for which arguments. Outcome n + 2 is actions[n]; 0 and 1 are
// conditions'.
struct CallFunction {
  Diagrams::Node action;
  Diagrams::Node lets_run;  // 1 where the action does
  bool is_listed = false;
  SourceRange origin;  // of the first rule

  bool is_same(const CallFunction& other) const { return action == other.action; }
};

class Lowering {
 public:
  Lowering(const ir::Profile& profile, Diagnostics& diagnostics)
      : profile_(profile), diagnostics_(diagnostics) {
    for (const ir::Rule& rule : profile.rules) {
      const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
      if (use != nullptr) rules_[{use->syscall, use->arch}].push_back(&rule);
    }
  }

  OciSeccomp run();

 private:
  Diagrams::Node outcome_of(ir::SyscallAction action);
  CallFunction function_of(kernel::SyscallId call, kernel::Arch arch);
  std::optional<CallFunction> function_on_all(kernel::SyscallId call);
  void report_unknown_to_loader(kernel::SyscallId call, const CallFunction& function);
  void report_flags();
  void report_loading();
  void report_multiplexed();
  void add_rules(kernel::SyscallId call, const CallFunction& function);

  const ir::Profile& profile_;
  Diagnostics& diagnostics_;
  std::map<std::pair<kernel::SyscallId, kernel::Arch>, std::vector<const ir::Rule*>> rules_;
  Diagrams diagrams_;
  std::vector<ir::SyscallAction> actions_;
  // Names that share action and arguments share an entry.
  std::map<std::pair<ir::SyscallAction, std::vector<OciArgument>>, std::vector<std::string>> entries_;
};

Diagrams::Node Lowering::outcome_of(ir::SyscallAction action) {
  auto found = std::find(actions_.begin(), actions_.end(), action);
  if (found == actions_.end()) found = actions_.insert(actions_.end(), action);
  return diagrams_.outcome(static_cast<Diagrams::Outcome>(found - actions_.begin()) + 2);
}

CallFunction Lowering::function_of(kernel::SyscallId call, kernel::Arch arch) {
  const ir::SyscallDefaults& defaults = profile_.syscalls;
  const auto listed = rules_.find({call, arch});
  const bool is_known = listed != rules_.end() || kernel::since(call, arch) <= defaults.vocabulary;
  const ir::SyscallAction rest = is_known ? defaults.otherwise : defaults.newer;
  CallFunction function{.action = outcome_of(rest),
                        .lets_run = diagrams_.outcome(rest.lets_call_run() ? 1 : 0),
                        .is_listed = listed != rules_.end(),
                        .origin = {}};
  if (!function.is_listed) return function;
  function.origin = listed->second.front()->origin;
  // The first rule decides, so the last is put in first.
  for (auto rule = listed->second.rbegin(); rule != listed->second.rend(); ++rule) {
    const auto& use = std::get<ir::SyscallUse>((*rule)->permission);
    const Diagrams::Node condition = diagrams_.condition(use.condition);
    function.action = diagrams_.choose(condition, outcome_of(use.action), function.action);
    const Diagrams::Node runs = diagrams_.outcome(use.action.lets_call_run() ? 1 : 0);
    function.lets_run = diagrams_.choose(condition, runs, function.lets_run);
  }
  return function;
}

// The format has one list for all architectures. Where they differ, a call runs only where all of them let
// it.
std::optional<CallFunction> Lowering::function_on_all(kernel::SyscallId call) {
  std::optional<CallFunction> all;
  kernel::Arch first_arch{};
  for (const kernel::Arch arch : profile_.syscalls.arches) {
    if (!kernel::number(call, arch)) continue;
    const CallFunction function = function_of(call, arch);
    if (!all) {
      all = function;
      first_arch = arch;
    } else if (!all->is_same(function)) {
      diagnostics_.report<DiagnosticKind::OciRulesDifferByArch>(
          all->is_listed ? all->origin : function.origin, kernel::name(call), kernel::info(first_arch).name,
          kernel::info(arch).name);
      all->action = diagrams_.choose(function.lets_run, all->action, function.action);
      all->lets_run = diagrams_.both(all->lets_run, function.lets_run);
      all->is_listed = all->is_listed || function.is_listed;
    }
  }
  return all;
}

void Lowering::report_unknown_to_loader(kernel::SyscallId call, const CallFunction& function) {
  if (!function.is_listed || is_known_to_loader(call)) return;
  if (function.action == outcome_of(profile_.syscalls.newer)) return;
  diagnostics_.report<DiagnosticKind::OciCallUnknownToLoader>(function.origin, kernel::name(call),
                                                              ir::to_text(profile_.syscalls.newer));
}

// The format carries every flag; what differs is which runtime takes it.
void Lowering::report_flags() {
  std::string names;
  for (const kernel::FilterFlagInfo& flag : kernel::all_filter_flags()) {
    if (!profile_.syscalls.flags.contains(flag.flag)) continue;
    if (!names.empty()) names += ", ";
    names += flag.name;
  }
  if (!names.empty()) diagnostics_.report<DiagnosticKind::OciFlagsRefused>(SourceRange{}, names);
}

// What the runtimes do to any list, where that is not what the policy says.
void Lowering::report_loading() {
  using Kind = ir::SyscallAction::Kind;
  using kernel::Arch;
  const auto report = [&](llvm::StringRef what) {
    diagnostics_.report<DiagnosticKind::OciLoadedDifferently>(SourceRange{}, what);
  };
  constexpr std::uint16_t kEnosys = 38;
  const ir::SyscallDefaults& defaults = profile_.syscalls;
  if (defaults.newer != ir::SyscallAction{.kind = Kind::Errno, .value = kEnosys})
    report("runc answers ENOSYS to numbers above all that are listed");
  const auto stands_alone = [&](Arch beside, Arch own) {
    return defaults.arches.contains(beside) && !defaults.arches.contains(own);
  };
  if (stands_alone(Arch::X86, Arch::X86_64) || stands_alone(Arch::X32, Arch::X86_64))
    report("on an x86_64 machine the rules hold for x86_64, too");
  if (stands_alone(Arch::Arm, Arch::AArch64)) report("on an aarch64 machine the rules hold for aarch64, too");
  const auto is_notify = [](const ir::Rule* rule) {
    return std::get<ir::SyscallUse>(rule->permission).action.kind == Kind::Notify;
  };
  const auto uses = profile_.rules_of<ir::SyscallUse>();
  const bool asks = std::any_of(uses.begin(), uses.end(), is_notify) || defaults.newer.kind == Kind::Notify ||
                    defaults.otherwise.kind == Kind::Notify;
  if (asks) report("SCMP_ACT_NOTIFY needs a listener, and config.json names none");
  report_multiplexed();
}

// libseccomp lets a limited call pass through the multiplexer; only a rule on that one that it does not skip
// closes it.
void Lowering::report_multiplexed() {
  for (const ir::Rule* rule : profile_.rules_of<ir::SyscallUse>()) {
    const auto& use = std::get<ir::SyscallUse>(rule->permission);
    const auto through = multiplexer_of(use.syscall, use.arch);
    if (!through || use.condition.is_always()) continue;
    const CallFunction function = function_of(*through, use.arch);
    if (function.action != outcome_of(profile_.syscalls.newer)) continue;
    diagnostics_.report<DiagnosticKind::OciLoadedDifferently>(
        rule->origin,
        fmt::format("on {} `{}` can be made through `{}` without this limit", kernel::info(use.arch).name,
                    kernel::name(use.syscall).str(), kernel::name(*through).str()));
  }
}

void Lowering::add_rules(kernel::SyscallId call, const CallFunction& function) {
  const auto cubes = diagrams_.cubes(function.action, kMaxRulesOfCall);
  if (!cubes) {
    diagnostics_.report<DiagnosticKind::OciConditionTooLarge>(function.origin, kernel::name(call),
                                                              kMaxRulesOfCall);
    return;
  }
  for (const Diagrams::Cube& cube : *cubes) {
    const ir::SyscallAction action = actions_[cube.outcome - 2];
    if (action == profile_.syscalls.newer) continue;
    std::vector<OciArgument> arguments;
    for (std::uint8_t index = 0; index < ir::kMaxArguments; ++index) {
      if (cube.mask[index] == 0) continue;
      arguments.push_back({.index = index, .mask = cube.mask[index], .value = cube.value[index]});
    }
    entries_[{action, arguments}].push_back(kernel::name(call).str());
  }
}

OciSeccomp Lowering::run() {
  for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
    const auto call = static_cast<kernel::SyscallId>(index);
    const std::optional<CallFunction> function = function_on_all(call);
    if (!function) continue;
    report_unknown_to_loader(call, *function);
    add_rules(call, *function);
  }
  report_flags();
  report_loading();
  OciSeccomp seccomp{.default_action = profile_.syscalls.newer,
                     .arches = {},
                     .flags = profile_.syscalls.flags,
                     .syscalls = {}};
  for (const kernel::Arch arch : profile_.syscalls.arches) seccomp.arches.push_back(arch);
  for (auto& [key, names] : entries_) {
    seccomp.syscalls.push_back({.names = std::move(names), .action = key.first, .arguments = key.second});
  }
  // Allowed first, and of these the plain lists first: what a reader looks for.
  std::stable_sort(seccomp.syscalls.begin(), seccomp.syscalls.end(),
                   [](const OciSyscalls& a, const OciSyscalls& b) {
                     return std::tuple(a.action, !a.arguments.empty(), a.names) <
                            std::tuple(b.action, !b.arguments.empty(), b.names);
                   });
  return seccomp;
}

}  // namespace

OciSeccomp lower_oci_seccomp(const ir::Profile& profile, Diagnostics& diagnostics) {
  return Lowering(profile, diagnostics).run();
}

}  // namespace isola::backends
