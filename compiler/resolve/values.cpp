// Names of the kernel to numbers: architectures, versions, actions, constants, capabilities.

#include <fmt/format.h>
#include <llvm/ADT/StringSwitch.h>

#include "compiler/kernel/constants.h"
#include "compiler/kernel/nearest.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

std::optional<kernel::Arch> resolve_arch(const ScalarText& name, Diagnostics& diagnostics) {
  if (const auto arch = kernel::find_arch(name.decoded())) return arch;
  auto draft = diagnostics.report<DiagnosticKind::UnknownArchitecture>(name.range(), name.decoded());
  if (const auto near = kernel::nearest_arch(name.decoded())) draft.suggest(name.range(), near->str());
  return std::nullopt;
}

std::optional<kernel::KernelVersion> resolve_kernel_version(const ScalarText& text,
                                                            Diagnostics& diagnostics) {
  if (const auto version = kernel::parse_kernel_version(text.decoded())) return version;
  diagnostics.report<DiagnosticKind::BadKernelVersion>(text.range(), text.decoded());
  return std::nullopt;
}

std::optional<kernel::Capability> resolve_capability(const ScalarText& name, Diagnostics& diagnostics) {
  if (const auto capability = kernel::find_capability(name.decoded())) return capability;
  auto draft = diagnostics.report<DiagnosticKind::UnknownCapability>(name.range(), name.decoded());
  if (const auto near = kernel::nearest_capability(name.decoded())) draft.suggest(name.range(), near->str());
  return std::nullopt;
}

namespace {

constexpr unsigned kMaxErrno = 4095;   // MAX_ERRNO, linux/err.h: the kernel clamps larger ones
constexpr unsigned kMaxTrace = 65535;  // SECCOMP_RET_DATA, linux/seccomp.h

struct ActionName {
  llvm::StringLiteral name;
  ir::SyscallAction::Kind kind;
};
constexpr ActionName kActions[] = {
    {"SCMP_ACT_ALLOW", ir::SyscallAction::Kind::Allow},
    {"SCMP_ACT_LOG", ir::SyscallAction::Kind::Log},
    {"SCMP_ACT_ERRNO", ir::SyscallAction::Kind::Errno},
    {"SCMP_ACT_TRACE", ir::SyscallAction::Kind::Trace},
    {"SCMP_ACT_TRAP", ir::SyscallAction::Kind::Trap},
    {"SCMP_ACT_KILL", ir::SyscallAction::Kind::KillThread},
    {"SCMP_ACT_KILL_THREAD", ir::SyscallAction::Kind::KillThread},
    {"SCMP_ACT_KILL_PROCESS", ir::SyscallAction::Kind::KillProcess},
    {"SCMP_ACT_NOTIFY", ir::SyscallAction::Kind::Notify},
};

const ActionName* find_action(const ScalarText& name, Diagnostics& diagnostics) {
  kernel::NearestName nearest(name.decoded());
  for (const ActionName& action : kActions) {
    if (name.decoded() == action.name) return &action;
    nearest.consider(action.name);
  }
  auto draft = diagnostics.report<DiagnosticKind::UnknownAction>(name.range(), name.decoded());
  const std::string with_prefix = "SCMP_ACT_" + name.decoded().upper();
  for (const ActionName& action : kActions) {
    if (action.name == with_prefix) {
      draft.suggest(name.range(), with_prefix);
      return nullptr;
    }
  }
  if (const auto near = nearest.found()) draft.suggest(name.range(), near->str());
  return nullptr;
}

std::optional<std::uint16_t> resolve_action_argument(const grammar::ActionSyntax& action, bool is_errno,
                                                     Diagnostics& diagnostics) {
  const grammar::ValueSyntax& argument = *action.argument;
  const ScalarText& text = argument.parts.front();
  if (argument.parts.size() == 1 && is_errno) {
    if (const auto number = kernel::errno_number(text.decoded(), kernel::Arch::X86_64)) {
      return static_cast<std::uint16_t>(*number);
    }
  }
  const auto number = argument.parts.size() == 1 ? parse_unsigned(text.decoded()) : std::nullopt;
  const unsigned limit = is_errno ? kMaxErrno : kMaxTrace;
  if (number && *number <= limit) return static_cast<std::uint16_t>(*number);
  auto draft = diagnostics.report<DiagnosticKind::BadActionArgument>(
      argument.range, text.decoded(), is_errno ? "an errno" : "a datum", limit);
  const auto near = kernel::nearest_constant(text.decoded(), kernel::ConstantGroup::Errno);
  if (is_errno && near) draft.suggest(argument.range, near->str());
  return std::nullopt;
}

}  // namespace

std::optional<ir::SyscallAction> resolve_action(const grammar::ActionSyntax& action,
                                                Diagnostics& diagnostics) {
  const ActionName* found = find_action(action.name, diagnostics);
  if (found == nullptr) return std::nullopt;
  const bool is_errno = found->kind == ir::SyscallAction::Kind::Errno;
  const bool takes_argument = is_errno || found->kind == ir::SyscallAction::Kind::Trace;
  if (takes_argument != action.argument.has_value()) {
    diagnostics.report<DiagnosticKind::ActionArgumentCount>(
        action.range, found->name, takes_argument ? "needs a value" : "takes no value");
    return std::nullopt;
  }
  if (!takes_argument) return ir::SyscallAction{.kind = found->kind, .value = 0};
  const auto argument = resolve_action_argument(action, is_errno, diagnostics);
  if (!argument) return std::nullopt;
  return ir::SyscallAction{.kind = found->kind, .value = *argument};
}

// One part of a value: a constant, or a number with a sign.
static std::optional<ResolvedValue> resolve_part(const ScalarText& part, kernel::Arch arch,
                                                 Diagnostics& diagnostics) {
  llvm::StringRef text = part.decoded();
  if (const auto constant = kernel::find_constant(text, arch)) {
    return ResolvedValue{.bits = *constant, .is_negative = false};
  }
  const bool is_negative = text.consume_front("-");
  if (const auto number = parse_unsigned(text)) {
    return ResolvedValue{.bits = is_negative ? 0 - *number : *number,
                         .is_negative = is_negative && *number != 0};
  }
  auto draft = diagnostics.report<DiagnosticKind::UnknownConstant>(part.range(), part.decoded());
  if (kernel::constant_group(text)) {
    draft.help(fmt::format("it exists, but not on {}: add a `when arch == ...`", kernel::info(arch).name));
  } else if (const auto near = kernel::nearest_constant(text)) {
    draft.suggest(part.range(), near->str());
  }
  return std::nullopt;
}

std::optional<ResolvedValue> resolve_value(const grammar::ValueSyntax& value, kernel::Arch arch,
                                           const Context& context) {
  ResolvedValue combined;
  for (const ScalarText& written : value.parts) {
    const auto part = resolve_part(context.expand(written), arch, context.diagnostics);
    if (!part) return std::nullopt;
    combined.bits |= part->bits;
    combined.is_negative |= part->is_negative;
  }
  return combined;
}

}  // namespace isola::resolve
