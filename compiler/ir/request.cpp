// Requests as text, as `tests` write them.

#include "compiler/ir/request.h"

#include <fmt/format.h>

#include "compiler/base/match.h"
#include "compiler/kernel/namespaces.h"

namespace isola::ir {

namespace {

std::string text_of(const SyscallRequest& call) {
  const auto known = kernel::syscall_at(call.arch, call.number);
  std::string text = known ? kernel::name(*known).str() : fmt::format("syscall {:#x}", call.number);
  const std::size_t count = known ? kernel::parameters(*known, call.arch).size() : kMaxArguments;
  text += '(';
  for (std::size_t index = 0; index < count; ++index) {
    if (index > 0) text += ", ";
    text += ((call.any_arguments >> index) & 1) != 0 ? "_" : fmt::format("{:#x}", call.arguments[index]);
  }
  return fmt::format("{}) on {}", text, kernel::info(call.arch).scmp_name);
}

// An operation in the words of the rule that would grant just it.
template <typename T>
std::string as_rule(T permission) {
  return to_text(Permission(std::move(permission)));
}

std::string text_of(const FileRequest& file) {
  return as_rule(FileAccess{.path = PathPattern::literal(file.path),
                            .modes = file.modes,
                            .owner_only = file.is_owner,
                            .child = {}});
}
std::string text_of(const DeviceRequest& device) {
  return as_rule(DeviceAccess{.node = device.numbers, .modes = device.modes});
}
std::string text_of(const NetworkRequest& network) {
  return as_rule(NetworkAccess{.operations = {network.operation}, .endpoint = network.endpoint});
}
std::string text_of(const CapabilityRequest& use) {
  return fmt::format("capability {}", kernel::name(use.capability).str());
}
std::string text_of(const SignalRequest& signal) {
  return as_rule(SignalUse{.directions = {signal.direction},
                           .signals = std::uint64_t{1} << (signal.signal - 1),
                           .peer = signal.peer});
}
std::string text_of(const PtraceRequest& ptrace) {
  return as_rule(PtraceUse{.modes = {ptrace.mode}, .direction = ptrace.direction, .peer = ptrace.peer});
}
std::string text_of(const SharedObjectRequest& object) {
  SharedObjectUse use{.kind = object.kind, .flavour = object.flavour, .modes = {object.mode}, .name = {}};
  if (!object.name.empty()) use.name = PathPattern::literal(object.name);
  return as_rule(std::move(use));
}
std::string text_of(const DbusRequest& dbus) {
  return as_rule(dbus.use);
}
std::string text_of(const MountRequest& mount) {
  return fmt::format("mount {} {}{}", mount.source, mount.destination,
                     mount.type.empty() ? "" : " type " + mount.type);
}
std::string text_of(const UnshareRequest& unshare) {
  std::string text = "unshare";
  for (const kernel::NamespaceInfo& kind : kernel::all_namespaces()) {
    if ((unshare.flags & kind.clone_flag) != 0) text += " NEW" + llvm::StringRef(kind.short_name).upper();
  }
  return text;
}

}  // namespace

std::string to_text(const Request& request) {
  std::string text = std::visit([](const auto& operation) { return text_of(operation); }, request.operation);
  if (!request.child.empty()) text += " as " + request.child;
  return text;
}

}  // namespace isola::ir
