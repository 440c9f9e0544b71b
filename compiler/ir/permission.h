// What a rule may be about: one struct per kind of operation, listed in permissions.def.
//
// A permission describes a set of operations; request.h holds the concrete ones, decide.h brings both
// together. All are values with a total order, so that canonical profiles can be sorted and compared.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "compiler/ir/argument_condition.h"
#include "compiler/ir/path_pattern.h"
#include "compiler/kernel/arch.h"
#include "compiler/kernel/capabilities.h"
#include "compiler/kernel/syscalls.h"

namespace isola::ir {

enum class Effect : std::uint8_t { Allow, Deny };

enum class Section : std::uint8_t { Syscalls, Files, Devices, Network, Ipc, Capabilities };
std::string_view to_text(Section section);  // the key in the policy file

// What the kernel does with a call. `value` is the errno of Errno and the datum of Trace (0..65535).
struct SyscallAction {
  enum class Kind : std::uint8_t { Allow, Log, Errno, Trace, Trap, KillThread, KillProcess, Notify };
  Kind kind = Kind::Allow;
  std::uint16_t value = 0;

  bool lets_call_run() const { return kind == Kind::Allow || kind == Kind::Log; }
  friend auto operator<=>(const SyscallAction&, const SyscallAction&) = default;
};
// `SCMP_ACT_ERRNO(EPERM)`, as in the policy file; errno names are those of x86_64.
std::string to_text(SyscallAction action);

// One call on one architecture. What happens when the condition holds: `action`.
struct SyscallUse {
  kernel::SyscallId syscall{};
  kernel::Arch arch{};
  ArgumentCondition condition;
  SyscallAction action;
  friend std::strong_ordering operator<=>(const SyscallUse&, const SyscallUse&) = default;
  friend bool operator==(const SyscallUse&, const SyscallUse&) = default;
};

// A set of modes out of a small enumeration, as bits; ordered by value.
template <typename Mode>
class ModeSet {
 public:
  constexpr ModeSet() = default;
  constexpr ModeSet(std::initializer_list<Mode> modes) {
    for (const Mode mode : modes) insert(mode);
  }
  static constexpr ModeSet from_bits(std::uint64_t bits) { return ModeSet(static_cast<int>(bits)); }
  constexpr void insert(Mode mode) { bits_ = static_cast<std::uint16_t>(bits_ | bit(mode)); }
  constexpr bool contains(Mode mode) const { return (bits_ & bit(mode)) != 0; }
  constexpr bool contains(ModeSet other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr bool intersects(ModeSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr std::uint16_t bits() const { return bits_; }
  friend constexpr ModeSet operator|(ModeSet a, ModeSet b) { return ModeSet(a.bits_ | b.bits_); }
  friend constexpr ModeSet operator&(ModeSet a, ModeSet b) { return ModeSet(a.bits_ & b.bits_); }
  friend constexpr ModeSet operator-(ModeSet a, ModeSet b) { return ModeSet(a.bits_ & ~b.bits_); }
  friend constexpr auto operator<=>(const ModeSet&, const ModeSet&) = default;

 private:
  constexpr explicit ModeSet(int bits) : bits_(static_cast<std::uint16_t>(bits)) {}
  static constexpr std::uint16_t bit(Mode mode) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(mode));
  }
  std::uint16_t bits_ = 0;
};

// `write` opens for writing and truncates; `create` makes, removes and renames entries and changes
// attributes; `append` only adds at the end; `map` maps with PROT_EXEC; `link` is the new name of a hard
// link.
enum class FileMode : std::uint8_t { Read, Write, Append, Create, Map, Execute, Lock, Link };
using FileModes = ModeSet<FileMode>;
constexpr std::size_t kFileModeCount = 8;

struct FileAccess {
  PathPattern path;
  FileModes modes;
  bool owner_only = false;  // the file's owner must be the accessing process's fsuid
  std::string child;        // execute: the sub-policy that the program runs under; empty: this one
  friend std::strong_ordering operator<=>(const FileAccess&, const FileAccess&) = default;
  friend bool operator==(const FileAccess&, const FileAccess&) = default;
};

enum class DeviceMode : std::uint8_t { Read, Write, Create };
using DeviceModes = ModeSet<DeviceMode>;

// `char 1:3`, `block 8:*`. Source: the device controller's own notation, kernel cgroup-v1/devices.rst.
struct DeviceNumbers {
  enum class Type : std::uint8_t { Character, Block };
  Type type{};
  std::optional<std::uint32_t> major_number, minor_number;  // none: any
  friend auto operator<=>(const DeviceNumbers&, const DeviceNumbers&) = default;
};

struct DeviceAccess {
  std::variant<PathPattern, DeviceNumbers> node;
  DeviceModes modes;
  friend std::strong_ordering operator<=>(const DeviceAccess&, const DeviceAccess&) = default;
  friend bool operator==(const DeviceAccess&, const DeviceAccess&) = default;
};

enum class NetworkOperation : std::uint8_t { Bind, Accept, Connect, Send, Receive };
using NetworkOperations = ModeSet<NetworkOperation>;

// All addresses (`*`) or those of one prefix. IPv4 uses the first four bytes of `bytes`.
struct AddressPrefix {
  enum class Family : std::uint8_t { Any, Ipv4, Ipv6 };
  Family family = Family::Any;
  std::array<std::uint8_t, 16> bytes{};  // in network order; host bits zero
  std::uint8_t length = 0;               // leading bits that count: 0..32 or 0..128

  bool contains(const AddressPrefix& other) const;
  friend auto operator<=>(const AddressPrefix&, const AddressPrefix&) = default;
};
std::string to_text(const AddressPrefix& prefix);  // `10.0.0.0/8`, `2001:db8::/32`, `*`

// Both ends inclusive; 0..65535 is any port.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;
  bool is_any() const { return first == 0 && last == 65535; }
  bool contains(PortRange other) const { return first <= other.first && other.last <= last; }
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

enum class InternetProtocol : std::uint8_t { Tcp, Udp, Sctp, Raw, Icmp };

// Of bind the local end, of connect and send the remote end; of accept and receive the remote address and the
// local port.
struct InternetEndpoint {
  InternetProtocol protocol{};
  AddressPrefix address;
  PortRange ports;
  friend auto operator<=>(const InternetEndpoint&, const InternetEndpoint&) = default;
};

// A socket file, an abstract name (a glob too, without the `@`), or any unix socket.
struct UnixEndpoint {
  enum class Kind : std::uint8_t { Any, Path, Abstract };
  Kind kind{};
  std::optional<PathPattern> path;  // Kind::Path
  std::string abstract_name;        // Kind::Abstract; `*` and `?` as in a path component
  friend std::strong_ordering operator<=>(const UnixEndpoint&, const UnixEndpoint&) = default;
  friend bool operator==(const UnixEndpoint&, const UnixEndpoint&) = default;
};

// Any address of a family: netlink with its protocol, packet, vsock, or one named by number.
struct FamilyEndpoint {
  std::uint16_t family = 0;                  // AF_*
  std::optional<std::uint32_t> socket_type;  // SOCK_*, without SOCK_NONBLOCK and SOCK_CLOEXEC
  std::optional<std::uint32_t> protocol;     // NETLINK_*
  friend auto operator<=>(const FamilyEndpoint&, const FamilyEndpoint&) = default;
};

using Endpoint = std::variant<InternetEndpoint, UnixEndpoint, FamilyEndpoint>;

struct NetworkAccess {
  NetworkOperations operations;
  Endpoint endpoint;
  friend std::strong_ordering operator<=>(const NetworkAccess&, const NetworkAccess&) = default;
  friend bool operator==(const NetworkAccess&, const NetworkAccess&) = default;
};

struct CapabilityUse {
  kernel::Capability capability{};
  friend auto operator<=>(const CapabilityUse&, const CapabilityUse&) = default;
};

// The other side of a signal, a trace or a message.
struct Peer {
  enum class Kind : std::uint8_t { Any, Self, Engine, Child, Label };
  Kind kind = Kind::Any;
  std::string name;  // Child: the sub-policy; Label: an LSM label
  bool contains(const Peer& other) const { return kind == Kind::Any || *this == other; }
  friend auto operator<=>(const Peer&, const Peer&) = default;
};

enum class Direction : std::uint8_t { Send, Receive };
using Directions = ModeSet<Direction>;

struct SignalUse {
  Directions directions;
  std::uint64_t signals = 0;  // bit n-1 for signal number n of x86_64
  Peer peer;
  friend auto operator<=>(const SignalUse&, const SignalUse&) = default;
};

// `read` is inspection (/proc/PID/mem, process_vm_readv, kcmp); `trace` is control. Source: ptrace(2),
// "access mode".
enum class PtraceMode : std::uint8_t { Read, Trace };
using PtraceModes = ModeSet<PtraceMode>;

struct PtraceUse {
  PtraceModes modes;
  Direction direction{};  // Send: this workload inspects the peer; Receive: the peer inspects it
  Peer peer;
  friend auto operator<=>(const PtraceUse&, const PtraceUse&) = default;
};

enum class SharedObjectMode : std::uint8_t { Create, Read, Write };
using SharedObjectModes = ModeSet<SharedObjectMode>;

struct SharedObjectUse {
  enum class Kind : std::uint8_t { Memory, MessageQueue, Semaphore };
  enum class Flavour : std::uint8_t { SystemV, Posix };
  Kind kind{};
  Flavour flavour{};
  SharedObjectModes modes;
  std::optional<PathPattern> name;  // Posix: which names, as a pattern with a leading slash; none: any
  friend std::strong_ordering operator<=>(const SharedObjectUse&, const SharedObjectUse&) = default;
  friend bool operator==(const SharedObjectUse&, const SharedObjectUse&) = default;
};

struct DbusUse {
  enum class Operation : std::uint8_t { Send, Receive, Own };
  enum class Bus : std::uint8_t { Session, System };
  Operation operation{};
  Bus bus{};
  std::string name;                     // the well-known name of the peer, or the one owned
  std::string path, interface, member;  // empty: any
  friend auto operator<=>(const DbusUse&, const DbusUse&) = default;
};

// In the order of permissions.def.
using Permission = std::variant<SyscallUse, FileAccess, DeviceAccess, NetworkAccess, CapabilityUse, SignalUse,
                                PtraceUse, SharedObjectUse, DbusUse>;

enum class PermissionKind : std::uint8_t {
#define ISOLA_PERMISSION(kind, section, summary) kind,
#include "compiler/ir/permissions.def"
};
inline PermissionKind kind_of(const Permission& permission) {
  return static_cast<PermissionKind>(permission.index());
}
std::string_view name_of(PermissionKind kind);
Section section_of(PermissionKind kind);

// The permission as a rule of its section, without effect: `read,map /usr/lib/**`.
std::string to_text(const Permission& permission);

}  // namespace isola::ir
