#include "backends/seccomp/capabilities.h"

#include "compiler/base/match.h"

namespace isola::backends::seccomp {

using ir::Fidelity;

Claim claim(const ir::Permission& permission) {
  return std::visit(
      Match{
          [](const ir::SyscallUse&) { return Claim{Fidelity::Exact, ""}; },
          [](const ir::FileAccess&) {
            return Claim{Fidelity::None, "a path is behind a pointer, which a filter cannot follow"};
          },
          [](const ir::DeviceAccess&) {
            return Claim{Fidelity::None, "a device node is opened by path, behind a pointer"};
          },
          [](const ir::NetworkAccess&) {
            return Claim{Fidelity::None,
                         "addresses and ports are behind a pointer; limit families by rules on `socket`"};
          },
          [](const ir::CapabilityUse&) {
            return Claim{Fidelity::None, "a filter does not see capabilities"};
          },
          [](const ir::SignalUse&) {
            return Claim{Fidelity::None, "a process id does not say who the process is"};
          },
          [](const ir::PtraceUse&) {
            return Claim{Fidelity::None, "a process id does not say who the process is"};
          },
          [](const ir::SharedObjectUse&) {
            return Claim{Fidelity::None, "names and ids of objects are not arguments to compare"};
          },
          [](const ir::DbusUse&) { return Claim{Fidelity::None, "a message is data behind a pointer"}; },
      },
      permission);
}

Claim claim_setting(ir::Setting setting) {
  constexpr Claim kNotOurs{Fidelity::None, "a filter judges calls and sets nothing"};
  switch (setting) {
    case ir::Setting::NoNewPrivileges:
      return {Fidelity::None, "whoever installs the filter sets it first, or has CAP_SYS_ADMIN"};
    case ir::Setting::ProcessPath:
    case ir::Setting::ProcessUser:
    case ir::Setting::ProcessGroups:
    case ir::Setting::ProcessUmask:
    case ir::Setting::ProcessEnvironment:
    case ir::Setting::OomScoreAdjust:
    case ir::Setting::CapabilityBounding:
    case ir::Setting::CapabilityAmbient:
    case ir::Setting::CapabilityInheritable:
    case ir::Setting::Namespaces:
    case ir::Setting::IdMap:
    case ir::Setting::Mounts:
    case ir::Setting::MountLabels:
    case ir::Setting::MountIdMap:
    case ir::Setting::CgroupLimits:
    case ir::Setting::ResourceLimits:
    case ir::Setting::Sysctls:
    case ir::Setting::ApparmorLabel:
    case ir::Setting::SelinuxLabel:
      return kNotOurs;
  }
  return kNotOurs;
}

}  // namespace isola::backends::seccomp
