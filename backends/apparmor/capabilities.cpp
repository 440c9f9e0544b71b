// The claims are about an allowed permission. Of a denied one that is not exact, the target may deny more;
// what of a deny is not written at all is said in lower.h.

#include "backends/apparmor/capabilities.h"

#include <sys/socket.h>

#include "backends/apparmor/vocabulary.h"
#include "compiler/base/check.h"
#include "compiler/base/match.h"

namespace isola::backends::apparmor {

namespace {

using ir::Fidelity;

Claim claim_peer(ir::Peer::Kind peer) {
  if (peer != ir::Peer::Kind::Engine) return {Fidelity::Exact, ""};
  return {Fidelity::Wider,
          "engines run unconfined, and so does everything else of the host that may signal or trace"};
}

Claim claim_file(const ir::FileAccess& access) {
  const ir::FileModes modes = access.modes;
  if (resolved_self(access.path)) {
    return {Fidelity::Wider, "the kernel resolves /proc/self first: every process that /proc shows is meant"};
  }
  if (modes.contains(ir::FileMode::Write) != modes.contains(ir::FileMode::Create)) {
    return {Fidelity::Wider,
            "one letter, `w`, is for writing, creating, removing, renaming and changing attributes"};
  }
  const bool stays = modes.contains(ir::FileMode::Execute) && access.child.empty();
  if (stays && !modes.contains(ir::FileMode::Map)) {
    return {Fidelity::Wider, "`ix` lets the file be mapped for execution as well"};
  }
  if (modes.contains(ir::FileMode::Link)) {
    return {Fidelity::Exact,
            "a link is refused when its name would have more rights than the file it is made to"};
  }
  return {Fidelity::Exact, ""};
}

Claim claim_device(const ir::DeviceAccess& access) {
  if (std::holds_alternative<ir::DeviceNumbers>(access.node)) {
    return {Fidelity::None, "AppArmor knows devices by path, not by number"};
  }
  const bool changes = access.modes.intersects({ir::DeviceMode::Write, ir::DeviceMode::Create});
  if (changes) return {Fidelity::Wider, "`w` also lets the node be removed, and made by who has CAP_MKNOD"};
  return {Fidelity::Exact, ""};
}

Claim claim_endpoint(const ir::InternetEndpoint&, ir::NetworkOperations) {
  return {Fidelity::Wider, "abi 3.0 has families and socket types, no addresses, ports or operations"};
}

Claim claim_endpoint(const ir::UnixEndpoint& endpoint, ir::NetworkOperations) {
  switch (endpoint.kind) {
    case ir::UnixEndpoint::Kind::Any:
      return {Fidelity::Narrower, "a socket with a path also needs a rule in `files`"};
    case ir::UnixEndpoint::Kind::Path:
      return {Fidelity::Wider, "a socket with a path is a file: every operation is reading and writing it"};
    case ir::UnixEndpoint::Kind::Abstract:
      return {Fidelity::Exact, "on kernels that mediate AF_UNIX; others let all of the family pass"};
  }
  ISOLA_CHECK(false, "an endpoint of a known kind");
  return {};
}

Claim claim_endpoint(const ir::FamilyEndpoint& endpoint, ir::NetworkOperations operations) {
  if (!family_name(endpoint.family))
    return {Fidelity::Narrower, "abi 3.0 does not know the family: it is refused"};
  if (endpoint.socket_type && !type_name(*endpoint.socket_type)) {
    return {Fidelity::Narrower, "abi 3.0 does not know the socket type: it is refused"};
  }
  if (endpoint.protocol) return {Fidelity::Wider, "abi 3.0 has no protocols within a family"};
  if (endpoint.family == AF_UNIX)
    return {Fidelity::Narrower, "a socket with a path also needs a rule in `files`"};
  if (operations.bits() != 0b11111)
    return {Fidelity::Wider, "abi 3.0 does not tell operations on a socket apart"};
  return {Fidelity::Exact, ""};
}

Claim claim_shared_object(const ir::SharedObjectUse& use) {
  if (use.flavour == ir::SharedObjectUse::Flavour::SystemV) {
    return {Fidelity::None, "AppArmor does not mediate System V objects"};
  }
  if (use.kind == ir::SharedObjectUse::Kind::MessageQueue)
    return {Fidelity::None, "abi 3.0 does not mediate queues"};
  return {Fidelity::Wider, "the object is a file in /dev/shm, and the rule is one on that file"};
}

Claim claim_dbus(const ir::DbusUse& use) {
  const bool is_limited = !use.path.empty() || !use.interface.empty() || !use.member.empty();
  if (use.operation == ir::DbusUse::Operation::Own && is_limited) {
    return {Fidelity::Wider, "owning a name has no path, interface or member"};
  }
  return {Fidelity::Exact, "where the bus daemon asks AppArmor"};
}

}  // namespace

Claim claim(const ir::Permission& permission) {
  return std::visit(
      Match{
          [](const ir::SyscallUse&) -> Claim {
            return {Fidelity::None, "AppArmor does not see system calls"};
          },
          [](const ir::FileAccess& access) { return claim_file(access); },
          [](const ir::DeviceAccess& access) { return claim_device(access); },
          [](const ir::NetworkAccess& access) {
            return std::visit(
                [&](const auto& endpoint) { return claim_endpoint(endpoint, access.operations); },
                access.endpoint);
          },
          [](const ir::CapabilityUse& use) -> Claim {
            if (!capability_name(use.capability)) {
              return {Fidelity::Narrower,
                      "refused: under abi 3.0 the parser would grant CAP_SYS_ADMIN for it"};
            }
            return {Fidelity::Exact, "limits the use of a capability, grants none"};
          },
          [](const ir::SignalUse& use) { return claim_peer(use.peer.kind); },
          [](const ir::PtraceUse& use) { return claim_peer(use.peer.kind); },
          [](const ir::SharedObjectUse& use) { return claim_shared_object(use); },
          [](const ir::DbusUse& use) { return claim_dbus(use); },
      },
      permission);
}

Claim claim_setting(ir::Setting setting) {
  switch (setting) {
    case ir::Setting::ApparmorLabel:
      return {Fidelity::Exact, "defines the profile; the engine puts the workload under it"};
    case ir::Setting::ResourceLimits:
      return {Fidelity::Wider, "caps the hard limit; leaves the soft one below it as it is"};
    case ir::Setting::CapabilityBounding:
      return {Fidelity::None, "limits the use of capabilities, changes no set"};
    case ir::Setting::Mounts:
      return {Fidelity::None, "makes no mounts; forbids mount(2) to who lacks CAP_SYS_ADMIN"};
    case ir::Setting::ProcessPath:
    case ir::Setting::ProcessUser:
    case ir::Setting::ProcessGroups:
    case ir::Setting::ProcessUmask:
    case ir::Setting::ProcessEnvironment:
    case ir::Setting::NoNewPrivileges:
    case ir::Setting::OomScoreAdjust:
    case ir::Setting::CapabilityAmbient:
    case ir::Setting::CapabilityInheritable:
    case ir::Setting::Namespaces:
    case ir::Setting::IdMap:
    case ir::Setting::MountLabels:
    case ir::Setting::MountIdMap:
    case ir::Setting::CgroupLimits:
    case ir::Setting::Sysctls:
    case ir::Setting::SelinuxLabel:
      return {Fidelity::None, ""};
  }
  ISOLA_CHECK(false, "a setting of a known kind");
  return {};
}

}  // namespace isola::backends::apparmor
