// Permissions as text: rules of the policy language that would give them.

#include "compiler/ir/permission.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <bit>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/kernel/constants.h"

namespace isola::ir {

namespace {

struct KindInfo {
  std::string_view name;
  Section section;
};
constexpr KindInfo kKinds[] = {
#define ISOLA_PERMISSION(kind, section, summary) {#kind, Section::section},
#include "compiler/ir/permissions.def"
};

template <typename Mode, std::size_t Count>
std::string mode_text(ModeSet<Mode> modes, const std::string_view (&names)[Count]) {
  std::string text;
  for (std::size_t index = 0; index < Count; ++index) {
    if (!modes.contains(static_cast<Mode>(index))) continue;
    if (!text.empty()) text += ',';
    text += names[index];
  }
  return text;
}

constexpr std::string_view kFileModeNames[] = {"read", "write",   "append", "create",
                                               "map",  "execute", "lock",   "link"};
constexpr std::string_view kDeviceModeNames[] = {"read", "write", "create"};
constexpr std::string_view kNetworkNames[] = {"bind", "accept", "connect", "send", "receive"};
constexpr std::string_view kProtocolNames[] = {"tcp", "udp", "sctp", "raw", "icmp"};
constexpr std::string_view kDirectionNames[] = {"send", "receive"};
constexpr std::string_view kPtraceNames[] = {"read", "trace"};
constexpr std::string_view kObjectModeNames[] = {"create", "read", "write"};
constexpr std::string_view kObjectKindNames[] = {"shm", "mqueue", "sem"};
constexpr std::string_view kDbusOperationNames[] = {"send", "receive", "own"};

template <typename Enum, std::size_t Count>
std::string_view pick(const std::string_view (&names)[Count], Enum value) {
  return names[static_cast<std::size_t>(value)];
}

// A path as a word of a rule; quoted when white space or quotes would end it.
std::string path_word(llvm::StringRef path) {
  if (path.find_first_of(" \t\n\"") == llvm::StringRef::npos) return path.str();
  std::string quoted = "\"";
  for (const char byte : path) {
    if (byte == '"' || byte == '\\') quoted += '\\';
    quoted += byte;
  }
  return quoted + '"';
}

std::string peer_text(const Peer& peer, Direction direction) {
  const std::string_view word = direction == Direction::Send ? "to" : "from";
  switch (peer.kind) {
    case Peer::Kind::Any:
      return "";
    case Peer::Kind::Self:
      return fmt::format(" {} self", word);
    case Peer::Kind::Engine:
      return fmt::format(" {} engine", word);
    case Peer::Kind::Child:
      return fmt::format(" {} child {}", word, peer.name);
    case Peer::Kind::Label:
      return fmt::format(" {} \"{}\"", word, peer.name);
  }
  ISOLA_CHECK(false, "a peer of a known kind");
  return "";
}

std::string port_text(PortRange ports) {
  return ports.first == ports.last ? fmt::format("{}", ports.first)
                                   : fmt::format("{}-{}", ports.first, ports.last);
}

std::string endpoint_text(const InternetEndpoint& endpoint) {
  std::string text(pick(kProtocolNames, endpoint.protocol));
  const bool any_address = endpoint.address.family == AddressPrefix::Family::Any;
  if (any_address) return text + " " + (endpoint.ports.is_any() ? "*" : port_text(endpoint.ports));
  const std::string address = to_text(endpoint.address);
  const bool is_v6 = endpoint.address.family == AddressPrefix::Family::Ipv6;
  text += is_v6 ? fmt::format(" [{}]", address) : " " + address;
  if (!endpoint.ports.is_any()) text += ":" + port_text(endpoint.ports);
  return text;
}

std::string endpoint_text(const UnixEndpoint& endpoint) {
  switch (endpoint.kind) {
    case UnixEndpoint::Kind::Any:
      return "unix *";
    case UnixEndpoint::Kind::Path:
      return "unix " + path_word(endpoint.path->text());
    case UnixEndpoint::Kind::Abstract:
      return "unix " + path_word("@" + endpoint.abstract_name);
  }
  ISOLA_CHECK(false, "an endpoint of a known kind");
  return "";
}

std::string constant_text(kernel::ConstantGroup group, std::uint64_t value) {
  const auto name = kernel::constant_name(group, value, kernel::Arch::X86_64);
  return name ? name->str() : fmt::format("{}", value);
}

std::string endpoint_text(const FamilyEndpoint& endpoint) {
  std::string text = "family " + constant_text(kernel::ConstantGroup::AddressFamily, endpoint.family);
  if (endpoint.socket_type)
    text += " " + constant_text(kernel::ConstantGroup::SocketType, *endpoint.socket_type);
  if (endpoint.protocol) text += " " + constant_text(kernel::ConstantGroup::Netlink, *endpoint.protocol);
  return text;
}

std::string numbers_text(const DeviceNumbers& numbers) {
  const auto part = [](std::optional<std::uint32_t> number) {
    return number ? std::to_string(*number) : "*";
  };
  return fmt::format("{} {}:{}", numbers.type == DeviceNumbers::Type::Block ? "block" : "char",
                     part(numbers.major_number), part(numbers.minor_number));
}

std::string signal_set_text(std::uint64_t signals) {
  if (signals == ~std::uint64_t{0}) return "*";
  std::string text;
  for (unsigned number = 1; number <= 64; ++number) {
    if (((signals >> (number - 1)) & 1) == 0) continue;
    const auto name = kernel::signal_name(number, kernel::Arch::X86_64);
    if (!text.empty()) text += ", ";
    text += name ? name->str() : std::to_string(number);
  }
  return "{" + text + "}";
}

std::string text_of(const SyscallUse& use) {
  std::vector<std::string> names;
  for (const kernel::Parameter& parameter : kernel::parameters(use.syscall, use.arch)) {
    names.emplace_back(parameter.name);
  }
  std::string text = kernel::name(use.syscall).str();
  if (!use.condition.is_always()) text += " if " + to_text(use.condition, names);
  if (use.action.kind != SyscallAction::Kind::Allow) text += " -> " + to_text(use.action);
  return fmt::format("{} when arch == {}", text, kernel::info(use.arch).name);
}

std::string text_of(const FileAccess& access) {
  std::string text = mode_text(access.modes, kFileModeNames) + " " + path_word(access.path.text());
  if (access.owner_only) text += " if owner";
  if (!access.child.empty()) text += " as " + access.child;
  return text;
}

std::string text_of(const DeviceAccess& access) {
  const std::string modes = mode_text(access.modes, kDeviceModeNames);
  return modes + " " +
         std::visit(Match{[](const PathPattern& path) { return path_word(path.text()); },
                          [](const DeviceNumbers& numbers) { return numbers_text(numbers); }},
                    access.node);
}

std::string text_of(const NetworkAccess& access) {
  return mode_text(access.operations, kNetworkNames) + " " +
         std::visit([](const auto& endpoint) { return endpoint_text(endpoint); }, access.endpoint);
}

std::string text_of(const CapabilityUse& use) {
  return kernel::name(use.capability).str();
}

std::string text_of(const SignalUse& use) {
  const Direction direction = use.directions.contains(Direction::Send) ? Direction::Send : Direction::Receive;
  return fmt::format("signal {} {}{}", mode_text(use.directions, kDirectionNames),
                     signal_set_text(use.signals), peer_text(use.peer, direction));
}

std::string text_of(const PtraceUse& use) {
  return "ptrace " + mode_text(use.modes, kPtraceNames) + peer_text(use.peer, use.direction);
}

std::string text_of(const SharedObjectUse& use) {
  std::string text = fmt::format("{} {} {}", pick(kObjectKindNames, use.kind),
                                 use.flavour == SharedObjectUse::Flavour::SystemV ? "sysv" : "posix",
                                 mode_text(use.modes, kObjectModeNames));
  if (use.name) text += " " + path_word(use.name->text());
  return text;
}

std::string text_of(const DbusUse& use) {
  std::string text = fmt::format("dbus {} {} {}", pick(kDbusOperationNames, use.operation),
                                 use.bus == DbusUse::Bus::Session ? "session" : "system", use.name);
  for (const std::string* part : {&use.path, &use.interface, &use.member}) {
    if (!part->empty()) text += " " + path_word(*part);
  }
  return text;
}

}  // namespace

std::string_view to_text(Section section) {
  switch (section) {
    case Section::Syscalls:
      return "syscalls";
    case Section::Files:
      return "files";
    case Section::Devices:
      return "devices";
    case Section::Network:
      return "network";
    case Section::Ipc:
      return "ipc";
    case Section::Capabilities:
      return "capabilities";
  }
  ISOLA_CHECK(false, "a known section");
  return "";
}

std::string to_text(SyscallAction action) {
  switch (action.kind) {
    case SyscallAction::Kind::Allow:
      return "SCMP_ACT_ALLOW";
    case SyscallAction::Kind::Log:
      return "SCMP_ACT_LOG";
    case SyscallAction::Kind::Errno: {
      const auto name = kernel::errno_name(action.value, kernel::Arch::X86_64);
      return fmt::format("SCMP_ACT_ERRNO({})", name ? name->str() : std::to_string(action.value));
    }
    case SyscallAction::Kind::Trace:
      return fmt::format("SCMP_ACT_TRACE({})", action.value);
    case SyscallAction::Kind::Trap:
      return "SCMP_ACT_TRAP";
    case SyscallAction::Kind::KillThread:
      return "SCMP_ACT_KILL_THREAD";
    case SyscallAction::Kind::KillProcess:
      return "SCMP_ACT_KILL_PROCESS";
    case SyscallAction::Kind::Notify:
      return "SCMP_ACT_NOTIFY";
  }
  ISOLA_CHECK(false, "a known action");
  return "";
}

std::string to_text(const AddressPrefix& prefix) {
  if (prefix.family == AddressPrefix::Family::Any) return "*";
  const bool is_v6 = prefix.family == AddressPrefix::Family::Ipv6;
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, prefix.bytes.data(), buffer, sizeof buffer);
  const bool is_host = prefix.length == (is_v6 ? 128 : 32);
  return is_host ? std::string(buffer) : fmt::format("{}/{}", buffer, prefix.length);
}

bool AddressPrefix::contains(const AddressPrefix& other) const {
  if (family == Family::Any) return true;
  if (family != other.family || other.length < length) return false;
  for (unsigned bit = 0; bit < length; ++bit) {
    const unsigned shift = 7 - bit % 8;
    if (((bytes[bit / 8] ^ other.bytes[bit / 8]) >> shift) & 1) return false;
  }
  return true;
}

std::string_view name_of(PermissionKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].name;
}

Section section_of(PermissionKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].section;
}

std::string to_text(const Permission& permission) {
  return std::visit([](const auto& kind) { return text_of(kind); }, permission);
}

}  // namespace isola::ir
