#include "compiler/ir/coverage.h"

#include <llvm/ADT/Twine.h>
#include <sys/socket.h>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/ir/pattern_comparer.h"

namespace isola::ir {

namespace {

bool prefixes_overlap(const AddressPrefix& a, const AddressPrefix& b) {
  return a.contains(b) || b.contains(a);
}

bool ranges_overlap(PortRange a, PortRange b) {
  return a.first <= b.last && b.first <= a.last;
}

// Abstract names as patterns: `/` cannot be told from other bytes in them, so both sides get one alike.
bool abstract_contains(llvm::StringRef outer, llvm::StringRef inner, PatternComparer& paths) {
  if (outer == inner) return true;
  const auto& wide = paths.parse(("/" + outer).str());
  const auto& narrow = paths.parse(("/" + inner).str());
  return wide && narrow && paths.contains(*wide, *narrow);
}

bool abstract_overlap(llvm::StringRef a, llvm::StringRef b, PatternComparer& paths) {
  if (a == b) return true;
  const auto& first = paths.parse(("/" + a).str());
  const auto& second = paths.parse(("/" + b).str());
  return !first || !second || paths.overlap(*first, *second);
}

bool unix_contains(const UnixEndpoint& outer, const UnixEndpoint& inner, PatternComparer& paths) {
  if (outer.kind == UnixEndpoint::Kind::Any) return true;
  if (outer.kind != inner.kind) return false;
  if (outer.kind == UnixEndpoint::Kind::Path) return paths.contains(*outer.path, *inner.path);
  return abstract_contains(outer.abstract_name, inner.abstract_name, paths);
}

bool unix_overlap(const UnixEndpoint& a, const UnixEndpoint& b, PatternComparer& paths) {
  if (a.kind == UnixEndpoint::Kind::Any || b.kind == UnixEndpoint::Kind::Any) return true;
  if (a.kind != b.kind) return false;
  if (a.kind == UnixEndpoint::Kind::Path) return paths.overlap(*a.path, *b.path);
  return abstract_overlap(a.abstract_name, b.abstract_name, paths);
}

template <typename T>
bool none_or_equal(const std::optional<T>& wide, const std::optional<T>& narrow) {
  return !wide || wide == narrow;
}

template <typename T>
bool compatible(const std::optional<T>& a, const std::optional<T>& b) {
  return !a || !b || a == b;
}

std::uint32_t socket_type_of(InternetProtocol protocol) {
  switch (protocol) {
    case InternetProtocol::Tcp:
      return SOCK_STREAM;
    case InternetProtocol::Udp:
      return SOCK_DGRAM;
    case InternetProtocol::Sctp:
      return SOCK_STREAM;
    case InternetProtocol::Raw:
      return SOCK_RAW;
    case InternetProtocol::Icmp:
      return SOCK_DGRAM;
  }
  ISOLA_CHECK(false, "a known protocol");
  return 0;
}

// The protocol number that socket(2) takes; 0 is always the type's own. Source: RFC 5237 numbers, linux/in.h.
std::uint64_t protocol_number(InternetProtocol protocol) {
  switch (protocol) {
    case InternetProtocol::Tcp:
      return 6;
    case InternetProtocol::Udp:
      return 17;
    case InternetProtocol::Sctp:
      return 132;
    case InternetProtocol::Icmp:
      return 1;
    case InternetProtocol::Raw:
      return 0;
  }
  ISOLA_CHECK(false, "a known protocol");
  return 0;
}

bool is_internet_family(std::uint64_t family, const AddressPrefix& address) {
  switch (address.family) {
    case AddressPrefix::Family::Any:
      return family == AF_INET || family == AF_INET6;
    case AddressPrefix::Family::Ipv4:
      return family == AF_INET;
    case AddressPrefix::Family::Ipv6:
      return family == AF_INET6;
  }
  ISOLA_CHECK(false, "a known family");
  return false;
}

constexpr std::uint64_t kIcmpV6 = 58;

bool serves(std::uint64_t family, std::uint64_t type, std::uint64_t protocol,
            const InternetEndpoint& endpoint) {
  if (!is_internet_family(family, endpoint.address)) return false;
  const bool is_sctp = endpoint.protocol == InternetProtocol::Sctp;
  if (type != socket_type_of(endpoint.protocol) && !(is_sctp && type == SOCK_SEQPACKET)) return false;
  switch (endpoint.protocol) {
    case InternetProtocol::Tcp:
    case InternetProtocol::Udp:
      return protocol == 0 || protocol == protocol_number(endpoint.protocol);
    case InternetProtocol::Sctp:
      return protocol == protocol_number(endpoint.protocol);
    case InternetProtocol::Icmp:
      return protocol == (family == AF_INET6 ? kIcmpV6 : protocol_number(endpoint.protocol));
    case InternetProtocol::Raw:
      return true;
  }
  ISOLA_CHECK(false, "a known protocol");
  return false;
}

bool family_contains(const FamilyEndpoint& family, const Endpoint& inner) {
  return std::visit(
      Match{[&](const InternetEndpoint& endpoint) {
              if (endpoint.address.family == AddressPrefix::Family::Any) return false;
              if (!is_internet_family(family.family, endpoint.address)) return false;
              return !family.socket_type || *family.socket_type == socket_type_of(endpoint.protocol);
            },
            [&](const UnixEndpoint&) { return family.family == AF_UNIX && !family.socket_type; },
            [&](const FamilyEndpoint& other) {
              return family.family == other.family && none_or_equal(family.socket_type, other.socket_type) &&
                     none_or_equal(family.protocol, other.protocol);
            }},
      inner);
}

bool family_overlaps(const FamilyEndpoint& family, const Endpoint& other) {
  return std::visit(
      Match{[&](const InternetEndpoint& endpoint) {
              return is_internet_family(family.family, endpoint.address) &&
                     (!family.socket_type || *family.socket_type == socket_type_of(endpoint.protocol));
            },
            [&](const UnixEndpoint&) { return family.family == AF_UNIX; },
            [&](const FamilyEndpoint& second) {
              return family.family == second.family && compatible(family.socket_type, second.socket_type) &&
                     compatible(family.protocol, second.protocol);
            }},
      other);
}

bool endpoint_contains(const Endpoint& outer, const Endpoint& inner, PatternComparer& paths) {
  if (const auto* family = std::get_if<FamilyEndpoint>(&outer)) return family_contains(*family, inner);
  if (outer.index() != inner.index()) return false;
  if (const auto* unix_outer = std::get_if<UnixEndpoint>(&outer)) {
    return unix_contains(*unix_outer, std::get<UnixEndpoint>(inner), paths);
  }
  const auto& wide = std::get<InternetEndpoint>(outer);
  const auto& narrow = std::get<InternetEndpoint>(inner);
  return wide.protocol == narrow.protocol && wide.address.contains(narrow.address) &&
         wide.ports.contains(narrow.ports);
}

bool endpoints_overlap(const Endpoint& a, const Endpoint& b, PatternComparer& paths) {
  if (const auto* family = std::get_if<FamilyEndpoint>(&a)) return family_overlaps(*family, b);
  if (const auto* family = std::get_if<FamilyEndpoint>(&b)) return family_overlaps(*family, a);
  if (a.index() != b.index()) return false;
  if (const auto* first = std::get_if<UnixEndpoint>(&a))
    return unix_overlap(*first, std::get<UnixEndpoint>(b), paths);
  const auto& first = std::get<InternetEndpoint>(a);
  const auto& second = std::get<InternetEndpoint>(b);
  return first.protocol == second.protocol && prefixes_overlap(first.address, second.address) &&
         ranges_overlap(first.ports, second.ports);
}

}  // namespace

bool serves_endpoint(std::uint64_t family, std::uint64_t type, std::uint64_t protocol,
                     const Endpoint& endpoint) {
  return std::visit(
      Match{[&](const InternetEndpoint& internet) { return serves(family, type, protocol, internet); },
            [&](const UnixEndpoint&) { return family == AF_UNIX; },
            [&](const FamilyEndpoint& named) {
              return named.family == family && (!named.socket_type || *named.socket_type == type) &&
                     (!named.protocol || *named.protocol == protocol);
            }},
      endpoint);
}

FileModes with_implied(FileModes modes) {
  if (modes.contains(FileMode::Write)) modes.insert(FileMode::Append);
  return modes;
}

namespace {

// Containment and overlap of two permissions of one kind.
bool contains(const SyscallUse& outer, const SyscallUse& inner, PatternComparer&) {
  return outer == inner;
}
bool overlap(const SyscallUse& a, const SyscallUse& b, PatternComparer&) {
  return a.syscall == b.syscall && a.arch == b.arch;
}

bool contains(const FileAccess& outer, const FileAccess& inner, PatternComparer& paths) {
  return with_implied(outer.modes).contains(with_implied(inner.modes)) &&
         (!outer.owner_only || inner.owner_only) && outer.child == inner.child &&
         paths.contains(outer.path, inner.path);
}
bool overlap(const FileAccess& a, const FileAccess& b, PatternComparer& paths) {
  return with_implied(a.modes).intersects(with_implied(b.modes)) && paths.overlap(a.path, b.path);
}

bool numbers_contain(const DeviceNumbers& outer, const DeviceNumbers& inner) {
  return outer.type == inner.type && none_or_equal(outer.major_number, inner.major_number) &&
         none_or_equal(outer.minor_number, inner.minor_number);
}
bool contains(const DeviceAccess& outer, const DeviceAccess& inner, PatternComparer& paths) {
  if (!outer.modes.contains(inner.modes) || outer.node.index() != inner.node.index()) return false;
  if (const auto* path = std::get_if<PathPattern>(&outer.node)) {
    return paths.contains(*path, std::get<PathPattern>(inner.node));
  }
  return numbers_contain(std::get<DeviceNumbers>(outer.node), std::get<DeviceNumbers>(inner.node));
}
bool overlap(const DeviceAccess& a, const DeviceAccess& b, PatternComparer& paths) {
  if (!a.modes.intersects(b.modes) || a.node.index() != b.node.index()) return false;
  if (const auto* path = std::get_if<PathPattern>(&a.node))
    return paths.overlap(*path, std::get<PathPattern>(b.node));
  const auto& first = std::get<DeviceNumbers>(a.node);
  const auto& second = std::get<DeviceNumbers>(b.node);
  return first.type == second.type && compatible(first.major_number, second.major_number) &&
         compatible(first.minor_number, second.minor_number);
}

bool contains(const NetworkAccess& outer, const NetworkAccess& inner, PatternComparer& paths) {
  return outer.operations.contains(inner.operations) &&
         endpoint_contains(outer.endpoint, inner.endpoint, paths);
}
bool overlap(const NetworkAccess& a, const NetworkAccess& b, PatternComparer& paths) {
  return a.operations.intersects(b.operations) && endpoints_overlap(a.endpoint, b.endpoint, paths);
}

bool contains(const CapabilityUse& outer, const CapabilityUse& inner, PatternComparer&) {
  return outer == inner;
}
bool overlap(const CapabilityUse& a, const CapabilityUse& b, PatternComparer&) {
  return a == b;
}

bool contains(const SignalUse& outer, const SignalUse& inner, PatternComparer&) {
  return outer.directions.contains(inner.directions) && (inner.signals & ~outer.signals) == 0 &&
         outer.peer.contains(inner.peer);
}
bool overlap(const SignalUse& a, const SignalUse& b, PatternComparer&) {
  return a.directions.intersects(b.directions) && (a.signals & b.signals) != 0 &&
         (a.peer.contains(b.peer) || b.peer.contains(a.peer));
}

bool contains(const PtraceUse& outer, const PtraceUse& inner, PatternComparer&) {
  return outer.modes.contains(inner.modes) && outer.direction == inner.direction &&
         outer.peer.contains(inner.peer);
}
bool overlap(const PtraceUse& a, const PtraceUse& b, PatternComparer&) {
  return a.modes.intersects(b.modes) && a.direction == b.direction &&
         (a.peer.contains(b.peer) || b.peer.contains(a.peer));
}

bool same_objects(const SharedObjectUse& a, const SharedObjectUse& b) {
  return a.kind == b.kind && a.flavour == b.flavour;
}
bool contains(const SharedObjectUse& outer, const SharedObjectUse& inner, PatternComparer& paths) {
  if (!same_objects(outer, inner) || !outer.modes.contains(inner.modes)) return false;
  return !outer.name || (inner.name && paths.contains(*outer.name, *inner.name));
}
bool overlap(const SharedObjectUse& a, const SharedObjectUse& b, PatternComparer& paths) {
  return same_objects(a, b) && a.modes.intersects(b.modes) &&
         (!a.name || !b.name || paths.overlap(*a.name, *b.name));
}

bool empty_or_equal(const std::string& wide, const std::string& narrow) {
  return wide.empty() || wide == narrow;
}
bool either_empty_or_equal(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a == b;
}
bool contains(const DbusUse& outer, const DbusUse& inner, PatternComparer&) {
  return outer.operation == inner.operation && outer.bus == inner.bus &&
         empty_or_equal(outer.name, inner.name) && empty_or_equal(outer.path, inner.path) &&
         empty_or_equal(outer.interface, inner.interface) && empty_or_equal(outer.member, inner.member);
}
bool overlap(const DbusUse& a, const DbusUse& b, PatternComparer&) {
  return a.operation == b.operation && a.bus == b.bus && either_empty_or_equal(a.name, b.name) &&
         either_empty_or_equal(a.path, b.path) && either_empty_or_equal(a.interface, b.interface) &&
         either_empty_or_equal(a.member, b.member);
}

}  // namespace

bool permission_contains(const Permission& outer, const Permission& inner, PatternComparer& paths) {
  if (outer.index() != inner.index()) return false;
  return std::visit(
      [&](const auto& wide) { return contains(wide, std::get<std::decay_t<decltype(wide)>>(inner), paths); },
      outer);
}

bool permissions_overlap(const Permission& a, const Permission& b, PatternComparer& paths) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& first) { return overlap(first, std::get<std::decay_t<decltype(first)>>(b), paths); },
      a);
}

bool permission_contains(const Permission& outer, const Permission& inner) {
  PatternComparer paths;
  return permission_contains(outer, inner, paths);
}

bool permissions_overlap(const Permission& a, const Permission& b) {
  PatternComparer paths;
  return permissions_overlap(a, b, paths);
}

}  // namespace isola::ir
