#include "compiler/driver/decision_text.h"

#include <fmt/format.h>

#include "compiler/base/match.h"

namespace isola::driver {

// Longest piece of a rule's text that one line of output shows, in bytes.
constexpr std::size_t kMaxShownRule = 100;

std::vector<Answer> answers(const ir::Profile& profile, const ir::Request& request) {
  const auto* call = std::get_if<ir::SyscallRequest>(&request.operation);
  if (!call || call->any_arguments == 0)
    return {{.request = to_text(request), .decision = decide(profile, request)}};
  const std::vector<ir::PossibleDecision> possible = possible_decisions(profile, *call);
  std::vector<Answer> found;
  for (const ir::PossibleDecision& one : possible) {
    ir::Request concrete = request;
    auto& filled = std::get<ir::SyscallRequest>(concrete.operation);
    filled.arguments = one.arguments;
    filled.any_arguments = 0;
    found.push_back({.request = to_text(possible.size() > 1 ? concrete : request), .decision = one.decision});
  }
  return found;
}

// `EPERM` out of `SCMP_ACT_ERRNO(EPERM)`: the text of an action's value.
static std::string value_text(ir::SyscallAction action) {
  const std::string text = ir::to_text(action);
  return llvm::StringRef(text).split('(').second.split(')').first.str();
}

std::string verdict_text(const ir::Decision& decision) {
  if (decision.effect == ir::Effect::Allow) {
    return decision.action.kind == ir::SyscallAction::Kind::Log ? "allow (logged)" : "allow";
  }
  switch (decision.action.kind) {
    case ir::SyscallAction::Kind::Allow:
    case ir::SyscallAction::Kind::Log:
      return "deny";
    case ir::SyscallAction::Kind::Errno:
      return "deny " + value_text(decision.action);
    case ir::SyscallAction::Kind::Trace:
      return "trace " + value_text(decision.action);
    case ir::SyscallAction::Kind::Trap:
      return "trap";
    case ir::SyscallAction::Kind::KillThread:
      return "kill thread";
    case ir::SyscallAction::Kind::KillProcess:
      return "kill";
    case ir::SyscallAction::Kind::Notify:
      return "notify";
  }
  return "deny";
}

// The mount that refused: the one whose line the decision names.
static std::string mount_text(const ir::Profile& profile, const ir::Decision& decision,
                              std::string_view property) {
  for (const ir::Mount& mount : profile.world.mounts) {
    if (mount.origin == decision.origin) return fmt::format("mount {} is {}", mount.destination, property);
  }
  return fmt::format("the mount is {}", property);
}

std::string reason_text(const ir::Profile& profile, const ir::Decision& decision) {
  switch (decision.reason) {
    case ir::Reason::RuleAllows:
      return "this rule allows it";
    case ir::Reason::RuleDenies:
      return "this rule denies it";
    case ir::Reason::ReadOnlyMount:
      return mount_text(profile, decision, "read-only");
    case ir::Reason::NoExecMount:
      return mount_text(profile, decision, "noexec");
    case ir::Reason::NothingGrants:
    case ir::Reason::CallNotListed:
    case ir::Reason::ConditionsNotMet:
    case ir::Reason::CallNotInVocabulary:
    case ir::Reason::ForeignArchitecture:
      return fmt::format("{}: {}", ir::name_of(decision.judge), ir::to_text(decision.reason));
  }
  return "";
}

// A rule may be folded over several lines; one line of output shows its beginning.
static std::string on_one_line(llvm::StringRef text) {
  std::string line;
  llvm::SmallVector<llvm::StringRef, 16> words;
  text.split(words, ' ', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (const llvm::StringRef word : words) {
    if (word.trim().empty()) continue;
    line += (line.empty() ? "" : " ") + word.trim().str();
  }
  if (line.size() > kMaxShownRule) line = line.substr(0, kMaxShownRule) + "...";
  return line;
}

std::string deciding_line(const SourceManager& sources, const ir::Profile& profile,
                          const ir::Decision& decision) {
  if (!decision.origin.is_known()) return reason_text(profile, decision);
  const bool is_rule = decision.reason == ir::Reason::RuleAllows || decision.reason == ir::Reason::RuleDenies;
  return fmt::format("{}:{}: {}", sources.name(decision.origin.file).str(),
                     sources.line_column(decision.origin.file, decision.origin.begin).line,
                     is_rule ? on_one_line(sources.text(decision.origin)) : reason_text(profile, decision));
}

}  // namespace isola::driver
