// The reference meaning: judges that each look at one section of the profile, and what they say together.

#include "compiler/ir/decide.h"

#include <cerrno>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/ir/coverage.h"
#include "compiler/ir/decision_diagram.h"
#include "compiler/ir/judges.h"

namespace isola::ir {

std::string_view name_of(Judge judge) {
  switch (judge) {
    case Judge::Syscalls:
      return "syscalls";
    case Judge::Files:
      return "files";
    case Judge::Devices:
      return "devices";
    case Judge::Network:
      return "network";
    case Judge::Ipc:
      return "ipc";
    case Judge::Capabilities:
      return "capabilities";
    case Judge::Mounts:
      return "mounts";
  }
  ISOLA_CHECK(false, "a known judge");
  return "";
}

std::string_view to_text(Reason reason) {
  switch (reason) {
    case Reason::RuleAllows:
      return "a rule allows it";
    case Reason::RuleDenies:
      return "a rule denies it";
    case Reason::NothingGrants:
      return "nothing grants it";
    case Reason::CallNotListed:
      return "the call is not listed";
    case Reason::ConditionsNotMet:
      return "the call is listed for other arguments only";
    case Reason::CallNotInVocabulary:
      return "the call is not in the policy's vocabulary";
    case Reason::ForeignArchitecture:
      return "the architecture is not among the policy's";
    case Reason::ReadOnlyMount:
      return "the mount is read-only";
    case Reason::NoExecMount:
      return "the mount is noexec";
  }
  ISOLA_CHECK(false, "a known reason");
  return "";
}

Decision by_rule(Judge judge, const Rule& rule, SyscallAction action) {
  const bool allows = rule.effect == Effect::Allow;
  return {.effect = action.lets_call_run() ? Effect::Allow : Effect::Deny,
          .action = action,
          .judge = judge,
          .reason = allows ? Reason::RuleAllows : Reason::RuleDenies,
          .because = &rule,
          .origin = rule.origin};
}

Decision without_rule(Judge judge, Reason reason, SyscallAction action) {
  return {.effect = action.lets_call_run() ? Effect::Allow : Effect::Deny,
          .action = action,
          .judge = judge,
          .reason = reason,
          .because = nullptr,
          .origin = {}};
}

namespace {

// Deny wins, then any allow, then the default refusal. `touches`: some of the operation; `covers`: all of it.
template <typename Touches, typename Covers>
Decision weigh(llvm::ArrayRef<Rule> rules, Judge judge, int error, const Touches& touches,
               const Covers& covers) {
  for (const Rule& rule : rules) {
    if (rule.effect == Effect::Deny && touches(rule)) {
      return by_rule(judge, written_rule(rule, touches), errno_action(error));
    }
  }
  for (const Rule& rule : rules) {
    if (rule.effect == Effect::Allow && covers(rule))
      return by_rule(judge, written_rule(rule, covers), kAllowed);
  }
  return without_rule(judge, Reason::NothingGrants, errno_action(error));
}

// `operation` is the request in the form of a permission of the same kind.
Decision weigh_permission(llvm::ArrayRef<Rule> rules, Judge judge, int error, const Permission& operation) {
  return weigh(
      rules, judge, error, [&](const Rule& rule) { return permissions_overlap(rule.permission, operation); },
      [&](const Rule& rule) { return permission_contains(rule.permission, operation); });
}

// ---- system calls

constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call

bool is_foreign(const Profile& profile, const SyscallRequest& request) {
  const kernel::ArchSet arches = profile.syscalls.arches;
  const bool is_x86_64_word = request.arch == kernel::Arch::X86_64 || request.arch == kernel::Arch::X32;
  if (!is_x86_64_word) return !arches.contains(request.arch);
  if (request.number == kNoCall) {
    return !arches.contains(kernel::Arch::X86_64) && !arches.contains(kernel::Arch::X32);
  }
  const bool is_x32 = (request.number & kernel::kX32Bit) != 0 || request.number >= kernel::kX32Bit;
  return !arches.contains(is_x32 ? kernel::Arch::X32 : kernel::Arch::X86_64);
}

// x86_64 and x32 share one audit architecture: the number says which of the two a call belongs to.
kernel::Arch arch_of(const SyscallRequest& request) {
  if (request.arch != kernel::Arch::X86_64 && request.arch != kernel::Arch::X32) return request.arch;
  return request.number >= kernel::kX32Bit && request.number != kNoCall ? kernel::Arch::X32
                                                                        : kernel::Arch::X86_64;
}

std::vector<const Rule*> rules_for_call(const Profile& profile, kernel::Arch arch, kernel::SyscallId call) {
  std::vector<const Rule*> found;
  for (const Rule& rule : profile.rules) {
    const auto* use = std::get_if<SyscallUse>(&rule.permission);
    if (use != nullptr && use->arch == arch && use->syscall == call) found.push_back(&rule);
  }
  return found;
}

// The decision when no rule speaks; nothing when the call is listed.
Opinion decide_unlisted(const Profile& profile, const SyscallRequest& request,
                        std::vector<const Rule*>& rules) {
  const SyscallDefaults& defaults = profile.syscalls;
  if (is_foreign(profile, request))
    return without_rule(Judge::Syscalls, Reason::ForeignArchitecture, defaults.foreign);
  const kernel::Arch arch = arch_of(request);
  const auto call = kernel::syscall_at(arch, request.number);
  if (call) rules = rules_for_call(profile, arch, *call);
  if (!rules.empty()) return std::nullopt;
  if (!call || kernel::since(*call, arch) > defaults.vocabulary) {
    return without_rule(Judge::Syscalls, Reason::CallNotInVocabulary, defaults.newer);
  }
  return without_rule(Judge::Syscalls, Reason::CallNotListed, defaults.otherwise);
}

const SyscallUse& use_of(const Rule& rule) {
  return std::get<SyscallUse>(rule.permission);
}

Decision decide_call(const Profile& profile, const SyscallRequest& request) {
  std::vector<const Rule*> rules;
  if (const Opinion unlisted = decide_unlisted(profile, request, rules)) return *unlisted;
  const auto holds = [&](const Rule& rule) { return use_of(rule).condition.holds(request.arguments); };
  for (const Rule* rule : rules) {
    if (holds(*rule)) return by_rule(Judge::Syscalls, written_rule(*rule, holds), use_of(*rule).action);
  }
  return without_rule(Judge::Syscalls, Reason::ConditionsNotMet, profile.syscalls.otherwise);
}

// Opening a socket is judged by `network` too: some rule there must be able to use such a socket.
Opinion judge_socket(llvm::ArrayRef<Rule> rules, const SyscallRequest& request) {
  const auto call = kernel::syscall_at(arch_of(request), request.number);
  if (!call || kernel::name(*call) != "socket") return std::nullopt;
  constexpr std::uint64_t kTypeMask =
      0xf;  // the rest are SOCK_NONBLOCK and SOCK_CLOEXEC; net.h, SOCK_TYPE_MASK
  const std::uint64_t family = request.arguments[0] & 0xffffffff;
  const std::uint64_t type = request.arguments[1] & kTypeMask;
  const std::uint64_t protocol = request.arguments[2] & 0xffffffff;
  const auto serves = [&](const Rule& rule) {
    const auto* access = std::get_if<NetworkAccess>(&rule.permission);
    return access != nullptr && serves_endpoint(family, type, protocol, access->endpoint);
  };
  // A deny is about endpoints, not about having a socket.
  return weigh(rules, Judge::Network, EACCES, [](const Rule&) { return false; }, serves);
}

// ---- everything else, in the form of a permission

Permission as_permission(const DeviceRequest& request) {
  return DeviceAccess{.node = request.numbers, .modes = request.modes};
}
Permission as_permission(const NetworkRequest& request) {
  return NetworkAccess{.operations = {request.operation}, .endpoint = request.endpoint};
}
Permission as_permission(const CapabilityRequest& request) {
  return CapabilityUse{request.capability};
}
Permission as_permission(const SignalRequest& request) {
  return SignalUse{.directions = {request.direction},
                   .signals = std::uint64_t{1} << (request.signal - 1),
                   .peer = request.peer};
}
Permission as_permission(const PtraceRequest& request) {
  return PtraceUse{.modes = {request.mode}, .direction = request.direction, .peer = request.peer};
}
Permission as_permission(const SharedObjectRequest& request) {
  SharedObjectUse use{.kind = request.kind, .flavour = request.flavour, .modes = {request.mode}, .name = {}};
  if (!request.name.empty()) use.name = PathPattern::literal(request.name);
  return use;
}
Permission as_permission(const DbusRequest& request) {
  return request.use;
}

// All judges that have a say must allow.
class Hearing {
 public:
  explicit Hearing(Judges judges) : judges_(judges) {}

  // `ask` runs only while nothing is refused and the judge is asked for.
  template <typename Ask>
  void ask(Judge judge, const Ask& ask) {
    if (!judges_.contains(judge) || (verdict_ && verdict_->effect == Effect::Deny)) return;
    if (const Opinion opinion = ask()) verdict_ = opinion;
  }

  // When nobody had a say, nothing grants it.
  Decision verdict(Judge fallback) const {
    return verdict_.value_or(without_rule(fallback, Reason::NothingGrants, errno_action(EPERM)));
  }

 private:
  Judges judges_;
  Opinion verdict_;
};

// A call whose open arguments may be anything: the decision that refuses most.
Decision decide_worst(const Profile& profile, const SyscallRequest& request) {
  if (request.any_arguments == 0) return decide_call(profile, request);
  const std::vector<PossibleDecision> possible = possible_decisions(profile, request);
  for (const PossibleDecision& candidate : possible) {
    if (candidate.decision.effect == Effect::Deny) return candidate.decision;
  }
  return possible.front().decision;
}

// Operations that are a system call plus a capability.
Decision decide_by_call(const Profile& profile, llvm::ArrayRef<Rule> rules, llvm::StringRef call_name,
                        SyscallRequest request, std::optional<kernel::Capability> needed, Judges judges) {
  ISOLA_CHECK(!profile.syscalls.arches.empty(), "a profile has architectures");
  request.arch = *profile.syscalls.arches.begin();
  const auto call = kernel::find_syscall(call_name);
  ISOLA_CHECK(call.has_value(), "a call of the table");
  request.number = kernel::number(*call, request.arch).value_or(kNoCall);
  Hearing hearing(judges);
  hearing.ask(Judge::Syscalls, [&] { return decide_worst(profile, request); });
  if (needed) {
    hearing.ask(Judge::Capabilities,
                [&] { return weigh_permission(rules, Judge::Capabilities, EPERM, CapabilityUse{*needed}); });
  }
  return hearing.verdict(Judge::Syscalls);
}

constexpr std::uint64_t kNewUser = 0x10000000;  // CLONE_NEWUSER, linux/sched.h

Decision decide_operation(const Profile& profile, llvm::ArrayRef<Rule> rules, const Request& request,
                          Judges judges) {
  const auto weighed = [&](Judge judge, int error, const auto& operation) {
    Hearing hearing(judges);
    hearing.ask(judge, [&] { return weigh_permission(rules, judge, error, as_permission(operation)); });
    return hearing.verdict(judge);
  };
  return std::visit(
      Match{[&](const SyscallRequest& call) {
              Hearing hearing(judges);
              hearing.ask(Judge::Syscalls, [&] { return decide_worst(profile, call); });
              hearing.ask(Judge::Network, [&] { return judge_socket(rules, call); });
              return hearing.verdict(Judge::Syscalls);
            },
            [&](const FileRequest& file) {
              Hearing hearing(judges);
              const Judge judge = judges.contains(Judge::Files) ? Judge::Files : Judge::Devices;
              hearing.ask(judge, [&] { return judge_path(rules, file, judges); });
              hearing.ask(Judge::Mounts, [&] { return judge_mount(profile, file); });
              return hearing.verdict(judge);
            },
            [&](const DeviceRequest& device) { return weighed(Judge::Devices, EPERM, device); },
            [&](const NetworkRequest& network) { return weighed(Judge::Network, EACCES, network); },
            [&](const CapabilityRequest& use) { return weighed(Judge::Capabilities, EPERM, use); },
            [&](const SignalRequest& signal) { return weighed(Judge::Ipc, EACCES, signal); },
            [&](const PtraceRequest& ptrace) { return weighed(Judge::Ipc, EACCES, ptrace); },
            [&](const SharedObjectRequest& object) { return weighed(Judge::Ipc, EACCES, object); },
            [&](const DbusRequest& dbus) { return weighed(Judge::Ipc, EACCES, dbus); },
            [&](const MountRequest& mount) {
              const SyscallRequest call{
                  .arch = {}, .number = 0, .arguments = {0, 0, 0, mount.flags}, .any_arguments = 0b10111};
              return decide_by_call(profile, rules, "mount", call, kernel::Capability::SysAdmin, judges);
            },
            [&](const UnshareRequest& unshare) {
              const SyscallRequest call{
                  .arch = {}, .number = 0, .arguments = {unshare.flags}, .any_arguments = 0};
              // A new user namespace brings the capability that the others need. Source: user_namespaces(7).
              const bool gains = (unshare.flags & kNewUser) != 0;
              const auto needed = gains ? std::nullopt : std::optional(kernel::Capability::SysAdmin);
              return decide_by_call(profile, rules, "unshare", call, needed, judges);
            }},
      request.operation);
}

}  // namespace

Decision decide(const Profile& profile, const Request& request, Judges judges) {
  llvm::ArrayRef<Rule> rules = profile.rules;
  if (!request.child.empty()) {
    const ChildProfile* child = profile.find_child(request.child);
    ISOLA_CHECK(child != nullptr, "resolve knows the children");
    rules = child->rules;
  }
  return decide_operation(profile, rules, request, judges);
}

std::vector<PossibleDecision> possible_decisions(const Profile& profile, const SyscallRequest& request) {
  std::vector<const Rule*> rules;
  if (const Opinion unlisted = decide_unlisted(profile, request, rules))
    return {{*unlisted, request.arguments}};

  // Outcome i is rule i; one more for when none holds.
  DecisionDiagrams diagrams;
  DecisionDiagrams::Node node = diagrams.outcome(static_cast<std::uint32_t>(rules.size()));
  for (std::size_t index = rules.size(); index-- > 0;) {
    const auto outcome = diagrams.outcome(static_cast<std::uint32_t>(index));
    node = diagrams.choose(diagrams.condition(use_of(*rules[index]).condition), outcome, node);
  }
  Arguments known{};
  for (std::size_t index = 0; index < kMaxArguments; ++index) {
    known[index] = ((request.any_arguments >> index) & 1) != 0 ? 0 : ~std::uint64_t{0};
  }
  const auto restricted = diagrams.restrict_to(node, known, request.arguments);
  std::vector<PossibleDecision> possible;
  for (const std::uint32_t outcome : diagrams.outcomes(restricted)) {
    SyscallRequest concrete = request;
    concrete.any_arguments = 0;
    const std::optional<Arguments> found = diagrams.witness(restricted, outcome);
    ISOLA_CHECK(found.has_value(), "an outcome of the diagram has a witness");
    for (std::size_t index = 0; index < kMaxArguments; ++index) {
      if (known[index] == 0) concrete.arguments[index] = (*found)[index];
    }
    possible.push_back({decide_call(profile, concrete), concrete.arguments});
  }
  return possible;
}

}  // namespace isola::ir
