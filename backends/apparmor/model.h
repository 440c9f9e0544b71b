// An AppArmor profile as data: what lower.h decides and emit.h prints.
//
// One struct per rule type of apparmor.d(5), with the words of its own vocabulary. Texts are patterns already
// (escaped where they were names); quoting is left to emit. Vocabulary: abi 3.0, the parser of Debian 12.

#pragma once

#include <compare>
#include <string>
#include <vector>

#include "compiler/ir/permission.h"

namespace isola::backends::apparmor {

enum class Access : std::uint8_t { Read, Write, Append, Map, Lock, Link, Execute };
using Accesses = ir::ModeSet<Access>;

enum class Verdict : std::uint8_t { Allow, Deny };

// `deny owner /etc/** rw,`
// INVARIANT: not Write and Append in one rule; the parser refuses that, and Write includes Append.
struct FileRule {
  ir::PathPattern path;
  Verdict verdict{};
  bool owner_only = false;
  Accesses accesses;
  std::string transition;  // with Execute: the label to change to; empty: stay (`ix`)
  friend std::strong_ordering operator<=>(const FileRule&, const FileRule&) = default;
  friend bool operator==(const FileRule&, const FileRule&) = default;
};

// `network inet stream,`
struct NetworkRule {
  std::string family;  // never empty
  std::string type;    // empty: all types
  Verdict verdict{};
  friend auto operator<=>(const NetworkRule&, const NetworkRule&) = default;
};

enum class UnixAccess : std::uint8_t {
  Accept,
  Bind,
  Connect,
  Create,
  GetAttribute,
  GetOption,
  Listen,
  Receive,
  Send,
  SetAttribute,
  SetOption,
  Shutdown
};
using UnixAccesses = ir::ModeSet<UnixAccess>;
constexpr std::size_t kUnixAccessCount = 12;

// `unix (connect) type=stream peer=(addr="@name"),`
struct UnixRule {
  UnixAccesses accesses;     // empty: all
  std::string type;          // empty: all types
  std::string address;       // of this end; empty: any
  std::string peer_address;  // of the other end; empty: any
  Verdict verdict{};
  friend auto operator<=>(const UnixRule&, const UnixRule&) = default;
};

// `signal (send) set=(hup, term) peer=label,`
struct SignalRule {
  std::string peer;  // a pattern; empty: any
  ir::Directions directions;
  std::vector<std::string> signals;  // in the order of their numbers; empty: all
  Verdict verdict{};
  friend auto operator<=>(const SignalRule&, const SignalRule&) = default;
};

enum class PtraceAccess : std::uint8_t { Read, ReadBy, Trace, TracedBy };
using PtraceAccesses = ir::ModeSet<PtraceAccess>;
constexpr std::size_t kPtraceAccessCount = 4;

// `ptrace (read, trace) peer=label,`
struct PtraceRule {
  std::string peer;  // a pattern; empty: any
  PtraceAccesses accesses;
  Verdict verdict{};
  friend auto operator<=>(const PtraceRule&, const PtraceRule&) = default;
};

// `dbus send bus=system path="/a" interface="b" member="C" peer=(name="d"),`
struct DbusRule {
  std::string operation;                // `send`, `receive`, `bind`
  std::string bus;                      // `session`, `system`
  std::string name;                     // of the peer; of `bind` the one owned
  std::string path, interface, member;  // empty: any
  Verdict verdict{};
  friend auto operator<=>(const DbusRule&, const DbusRule&) = default;
};

// `set rlimit nofile <= 1024,`
struct ResourceRule {
  std::string name, value;
  friend auto operator<=>(const ResourceRule&, const ResourceRule&) = default;
};

enum class MountMediation : std::uint8_t { AllowAll, DenyAll };

// INVARIANT: the rules of each kind are sorted and no two are equal.
struct ProfileModel {
  std::string name;  // of a child: the last component of its label
  std::vector<ResourceRule> resources;
  std::vector<std::string> capabilities, denied_capabilities;  // `net_bind_service`
  std::vector<NetworkRule> networks;
  std::vector<UnixRule> unix_sockets;
  std::vector<SignalRule> signals;
  std::vector<PtraceRule> ptraces;
  std::vector<DbusRule> dbus;
  MountMediation mounts{};
  std::vector<FileRule> files;
  std::vector<ProfileModel> children;
};

}  // namespace isola::backends::apparmor
