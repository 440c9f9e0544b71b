// OCI rules to JSON and back, and what they mean once loaded.

#include <algorithm>

#include "backends/oci_loader.h"
#include "backends/oci_seccomp.h"
#include "compiler/base/check.h"

namespace isola::backends {

namespace {

using ActionKind = ir::SyscallAction::Kind;

struct ActionName {
  ActionKind kind;
  std::string_view name;
};
constexpr ActionName kActionNames[] = {
    {ActionKind::Allow, "SCMP_ACT_ALLOW"},
    {ActionKind::Log, "SCMP_ACT_LOG"},
    {ActionKind::Errno, "SCMP_ACT_ERRNO"},
    {ActionKind::Trace, "SCMP_ACT_TRACE"},
    {ActionKind::Trap, "SCMP_ACT_TRAP"},
    {ActionKind::KillThread, "SCMP_ACT_KILL_THREAD"},
    {ActionKind::KillProcess, "SCMP_ACT_KILL_PROCESS"},
    {ActionKind::Notify, "SCMP_ACT_NOTIFY"},
};

llvm::StringRef name_of(ActionKind kind) {
  for (const ActionName& action : kActionNames) {
    if (action.kind == kind) return action.name;
  }
  ISOLA_CHECK(false, "every action has a name");
  return "";
}

// Only these carry a number; errnoRet with another action is refused by crun.
bool has_value(ActionKind kind) {
  return kind == ActionKind::Errno || kind == ActionKind::Trace;
}

void print_arguments(llvm::ArrayRef<OciArgument> arguments, llvm::json::OStream& json) {
  json.attributeArray("args", [&] {
    for (const OciArgument& argument : arguments) {
      json.object([&] {
        json.attribute("index", argument.index);
        json.attribute("value", argument.mask);
        json.attribute("valueTwo", argument.value);
        json.attribute("op", "SCMP_CMP_MASKED_EQ");
      });
    }
  });
}

std::optional<ir::SyscallAction> read_action(const llvm::json::Object& object, llvm::StringRef action_key,
                                             llvm::StringRef value_key) {
  const auto name = object.getString(action_key);
  if (!name) return std::nullopt;
  for (const ActionName& action : kActionNames) {
    if (llvm::StringRef(action.name) != *name) continue;
    const auto value = object.getInteger(value_key).value_or(1);  // EPERM, the specification's default
    return ir::SyscallAction{.kind = action.kind,
                             .value = static_cast<std::uint16_t>(has_value(action.kind) ? value : 0)};
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_number(const llvm::json::Object& object, llvm::StringRef key) {
  const llvm::json::Value* value = object.get(key);
  return value == nullptr ? std::nullopt : value->getAsUINT64();
}

std::optional<OciArgument> read_argument(const llvm::json::Value& value) {
  const llvm::json::Object* object = value.getAsObject();
  if (object == nullptr || object->getString("op") != llvm::StringRef("SCMP_CMP_MASKED_EQ"))
    return std::nullopt;
  const auto index = read_number(*object, "index");
  const auto mask = read_number(*object, "value");
  const auto wanted = read_number(*object, "valueTwo");
  if (!index || *index >= ir::kMaxArguments || !mask || !wanted) return std::nullopt;
  return OciArgument{.index = static_cast<std::uint8_t>(*index), .mask = *mask, .value = *wanted};
}

std::optional<OciSyscalls> read_syscalls(const llvm::json::Value& value) {
  const llvm::json::Object* object = value.getAsObject();
  if (object == nullptr) return std::nullopt;
  const llvm::json::Array* names = object->getArray("names");
  const auto action = read_action(*object, "action", "errnoRet");
  if (names == nullptr || !action) return std::nullopt;
  OciSyscalls entry{.names = {}, .action = *action, .arguments = {}};
  for (const llvm::json::Value& name : *names) {
    const auto text = name.getAsString();
    if (!text) return std::nullopt;
    entry.names.push_back(text->str());
  }
  const llvm::json::Array* arguments = object->getArray("args");
  if (arguments == nullptr) return entry;
  for (const llvm::json::Value& element : *arguments) {
    const auto argument = read_argument(element);
    if (!argument) return std::nullopt;
    entry.arguments.push_back(*argument);
  }
  return entry;
}

bool matches(const OciSyscalls& entry, llvm::StringRef name, const ir::Arguments& arguments) {
  const auto holds = [&](const OciArgument& test) {
    return (arguments[test.index] & test.mask) == test.value;
  };
  return std::binary_search(entry.names.begin(), entry.names.end(), name) &&
         std::all_of(entry.arguments.begin(), entry.arguments.end(), holds);
}

ir::Decision decision(ir::SyscallAction action, ir::Reason reason) {
  return {.effect = action.lets_call_run() ? ir::Effect::Allow : ir::Effect::Deny,
          .action = action,
          .judge = ir::Judge::Syscalls,
          .reason = reason,
          .because = nullptr,
          .origin = {}};
}

}  // namespace

void print_oci_seccomp(const OciSeccomp& seccomp, llvm::json::OStream& json) {
  json.object([&] {
    json.attribute("defaultAction", name_of(seccomp.default_action.kind));
    if (has_value(seccomp.default_action.kind))
      json.attribute("defaultErrnoRet", seccomp.default_action.value);
    json.attributeArray("architectures", [&] {
      for (const kernel::Arch arch : seccomp.arches)
        json.value(llvm::StringRef(kernel::info(arch).scmp_name));
    });
    // Also when there is none: without the key, runtimes choose SPEC_ALLOW.
    json.attributeArray("flags", [&] {
      for (const kernel::FilterFlagInfo& flag : kernel::all_filter_flags()) {
        if (seccomp.flags.contains(flag.flag)) json.value(llvm::StringRef(flag.name));
      }
    });
    json.attributeArray("syscalls", [&] {
      for (const OciSyscalls& entry : seccomp.syscalls) {
        json.object([&] {
          json.attributeArray("names", [&] {
            for (const std::string& name : entry.names) json.value(name);
          });
          json.attribute("action", name_of(entry.action.kind));
          if (has_value(entry.action.kind)) json.attribute("errnoRet", entry.action.value);
          if (!entry.arguments.empty()) print_arguments(entry.arguments, json);
        });
      }
    });
  });
}

std::optional<OciSeccomp> read_oci_seccomp(const llvm::json::Object& object) {
  const auto default_action = read_action(object, "defaultAction", "defaultErrnoRet");
  const llvm::json::Array* arches = object.getArray("architectures");
  const llvm::json::Array* syscalls = object.getArray("syscalls");
  if (!default_action || arches == nullptr || syscalls == nullptr) return std::nullopt;
  OciSeccomp seccomp{.default_action = *default_action, .arches = {}, .flags = {}, .syscalls = {}};
  if (const llvm::json::Array* flags = object.getArray("flags")) {
    for (const llvm::json::Value& value : *flags) {
      const auto flag = kernel::find_filter_flag(value.getAsString().value_or(""));
      if (!flag) return std::nullopt;
      seccomp.flags.insert(*flag);
    }
  }
  for (const llvm::json::Value& value : *arches) {
    const auto arch = kernel::find_arch(value.getAsString().value_or(""));
    if (!arch) return std::nullopt;
    seccomp.arches.push_back(*arch);
  }
  for (const llvm::json::Value& value : *syscalls) {
    const auto entry = read_syscalls(value);
    if (!entry) return std::nullopt;
    seccomp.syscalls.push_back(*entry);
  }
  return seccomp;
}

ir::Decision decide_oci_seccomp(const OciSeccomp& seccomp, const ir::SyscallRequest& request) {
  constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call: no x32 number
  // x86_64 and x32 share one audit architecture: the number says which of the two a call belongs to.
  kernel::Arch arch = request.arch;
  if (arch == kernel::Arch::X86_64 || arch == kernel::Arch::X32) {
    const bool is_x32 = request.number >= kernel::kX32Bit && request.number != kNoCall;
    arch = is_x32 ? kernel::Arch::X32 : kernel::Arch::X86_64;
  }
  if (std::find(seccomp.arches.begin(), seccomp.arches.end(), arch) == seccomp.arches.end()) {
    // libseccomp's SCMP_FLTATR_ACT_BADARCH, which no runtime changes.
    return decision({.kind = ActionKind::KillThread, .value = 0}, ir::Reason::ForeignArchitecture);
  }
  const auto call = kernel::syscall_at(arch, request.number);
  if (!call || !is_known_to_loader(*call))
    return decision(seccomp.default_action, ir::Reason::CallNotInVocabulary);
  for (const OciSyscalls& entry : seccomp.syscalls) {
    if (matches(entry, kernel::name(*call), request.arguments))
      return decision(entry.action, ir::Reason::RuleAllows);
  }
  return decision(seccomp.default_action, ir::Reason::CallNotListed);
}

}  // namespace isola::backends
