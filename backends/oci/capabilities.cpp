// What config.json enforces, per permission and setting, and the backend's constant.

#include "backends/oci/oci.h"
#include "backends/oci_loader.h"
#include "compiler/base/match.h"

namespace isola::backends::oci {

using ir::Fidelity;

constexpr Claim kExact{Fidelity::Exact, ""};

static bool has_conditions(const ir::SyscallUse& use) {
  return !use.condition.is_always();
}

// Calls that these architectures also offer through socketcall(2) or ipc(2), where libseccomp cannot see
// arguments.
static bool has_multiplexer(kernel::Arch arch) {
  return arch == kernel::Arch::X86 || arch == kernel::Arch::S390X || arch == kernel::Arch::Ppc64Le;
}

static Claim claim_syscall(const ir::SyscallUse& use) {
  if (use.arch == kernel::Arch::LoongArch64)
    return {Fidelity::None, "libseccomp 2.5 does not know the architecture"};
  if (!is_known_to_loader(use.syscall)) {
    const bool is_grant = use.action.lets_call_run();
    return {is_grant ? Fidelity::Narrower : Fidelity::Wider,
            "libseccomp 2.5 does not know the call: the runtime drops the rule"};
  }
  if (has_multiplexer(use.arch) && has_conditions(use)) {
    return {Fidelity::Wider, "libseccomp cannot check arguments behind socketcall or ipc"};
  }
  return kExact;
}

Claim claim(const ir::Permission& permission) {
  return std::visit(
      Match{
          [](const ir::SyscallUse& use) { return claim_syscall(use); },
          [](const ir::FileAccess& file) {
            if (passes_over_kernel_paths(file.path)) {
              return Claim{Fidelity::None,
                           "by mounts only; what belongs to the machine below /proc and /sys stays hidden"};
            }
            return Claim{Fidelity::Wider, "by mounts only: read-only, noexec, masked and read-only paths"};
          },
          [](const ir::DeviceAccess&) {
            return Claim{Fidelity::Wider,
                         "runtimes always add null, zero, full, random, urandom, tty and ptmx"};
          },
          [](const ir::NetworkAccess&) {
            return Claim{Fidelity::None, "the network namespace separates, it does not filter"};
          },
          [](const ir::CapabilityUse&) { return kExact; },
          [](const ir::SignalUse&) {
            return Claim{Fidelity::None, "the pid namespace separates, it does not filter"};
          },
          [](const ir::PtraceUse&) {
            return Claim{Fidelity::None, "the pid namespace separates, it does not filter"};
          },
          [](const ir::SharedObjectUse&) {
            return Claim{Fidelity::None, "the ipc namespace separates, it does not filter"};
          },
          [](const ir::DbusUse&) { return Claim{Fidelity::None, "nothing in a runtime looks at messages"}; }},
      permission);
}

Claim claim_setting(ir::Setting setting) {
  switch (setting) {
    case ir::Setting::ProcessPath:
    case ir::Setting::ProcessUser:
    case ir::Setting::ProcessGroups:
    case ir::Setting::ProcessEnvironment:
    case ir::Setting::NoNewPrivileges:
    case ir::Setting::OomScoreAdjust:
    case ir::Setting::CapabilityBounding:
    case ir::Setting::CapabilityAmbient:
    case ir::Setting::CapabilityInheritable:
    case ir::Setting::IdMap:
    case ir::Setting::ResourceLimits:
    case ir::Setting::Sysctls:
      return kExact;
    case ir::Setting::ProcessUmask:
      return {Fidelity::Exact, "0022 where the policy says nothing"};
    case ir::Setting::Namespaces:
      return {Fidelity::Exact, "runc has time namespaces since 1.2"};
    case ir::Setting::Mounts:
      return {Fidelity::Exact, "volumes are directories below `volumes`; runc ignores mode= of a tmpfs"};
    case ir::Setting::MountLabels:
      return {Fidelity::None, "the engine above the runtime labels content"};
    case ir::Setting::MountIdMap:
      return {Fidelity::Exact, "runc since 1.2, crun since 1.4; older ones refuse or ignore it"};
    case ir::Setting::CgroupLimits:
      return {Fidelity::Exact, "files without a field of their own need a cgroup v2 host"};
    case ir::Setting::ApparmorLabel:
      return {Fidelity::Exact, "with --host-lsm apparmor"};
    case ir::Setting::SelinuxLabel:
      return {Fidelity::Exact, "with --host-lsm selinux"};
  }
  return {Fidelity::None, ""};
}

static llvm::SmallVector<Artifact, 2> compile(const ir::Profile& profile, const Options& options,
                                              Diagnostics& diagnostics) {
  return {{.name = "config.json", .bytes = emit(lower(profile, options, diagnostics))}};
}

extern const Backend kBackend;
const Backend kBackend{
    .name = "oci",
    .summary = "config.json of the OCI runtime specification, for runc, crun and what stands on them",
    .claim = claim,
    .claim_setting = claim_setting,
    .compile = compile,
    .readback = readback,
};

}  // namespace isola::backends::oci
