// All decisions of the oci backend that are not about mounts, devices, limits or paths.

#include <algorithm>

#include "backends/oci/oci.h"

namespace isola::backends::oci {

// 1.1.0 brought defaultErrnoRet and umask; 1.2.0 id-mapped mounts.
// Source: ChangeLog of github.com/opencontainers/runtime-spec.
static std::string version_for(const std::vector<Mount>& mounts) {
  const bool maps_ids =
      std::any_of(mounts.begin(), mounts.end(), [](const Mount& mount) { return mount.is_id_mapped; });
  return maps_ids ? "1.2.0" : "1.1.0";
}

static std::vector<NamespaceEntry> lower_namespaces(const ir::World& world) {
  std::vector<NamespaceEntry> namespaces;
  for (std::size_t index = 0; index < kernel::kNamespaceCount; ++index) {
    const auto kind = static_cast<kernel::Namespace>(index);
    const ir::NamespaceUse& use = world.of(kind);
    if (use.mode != ir::NamespaceUse::Mode::Host) namespaces.push_back({.kind = kind, .path = use.path});
  }
  return namespaces;
}

// What a process of that user holds after execve: root gets the bounding set, everyone else the ambient set.
// Source: capabilities(7), "Transformation of capabilities during execve()".
static void lower_capabilities(const ir::Profile& profile, Configuration& configuration) {
  const ir::World& world = profile.world;
  configuration.bounding = profile.bounding_set();
  configuration.ambient = world.ambient;
  configuration.inheritable = world.inheritable | world.ambient;
  configuration.effective = world.process.uid == 0 ? configuration.bounding : world.ambient;
}

// One label: a kernel runs one of the two, and a runtime refuses a label whose module is absent.
static void lower_labels(const ir::Profile& profile, const Options& options, Configuration& configuration,
                         Diagnostics& diagnostics) {
  const ir::Labels& labels = profile.world.labels;
  if (options.lsm == "apparmor") {
    configuration.apparmor_profile = labels.apparmor.empty() ? profile.name : labels.apparmor;
  } else if (options.lsm == "selinux") {
    const std::string& type = labels.selinux.empty() ? profile.name : labels.selinux;
    const std::string& level = labels.selinux_level.empty() ? "s0" : labels.selinux_level;
    configuration.selinux_label = "system_u:system_r:" + type + ".process:" + level;
  } else if (options.lsm.empty() && (!labels.apparmor.empty() || !labels.selinux.empty())) {
    diagnostics.report<DiagnosticKind::OciLabelNotAttached>(SourceRange{}, profile.name);
  }
}

static bool is_at_or_below(llvm::StringRef path, llvm::StringRef directory) {
  return path == directory || (path.starts_with(directory) && path.substr(directory.size()).starts_with("/"));
}

// Whether a rule lets the workload change something that lies on the root file system itself.
static bool changes_root(const ir::World& world, const ir::Rule& rule) {
  using Mode = ir::FileMode;
  const auto* file = std::get_if<ir::FileAccess>(&rule.permission);
  if (file == nullptr || rule.effect == ir::Effect::Deny) return false;
  if (!file->modes.intersects({Mode::Write, Mode::Append, Mode::Create, Mode::Link})) return false;
  const llvm::StringRef prefix = file->path.literal_prefix();
  for (const llvm::StringRef directory : {"/proc", "/sys", "/dev"}) {
    if (is_at_or_below(prefix, directory)) return false;
  }
  return std::none_of(world.mounts.begin(), world.mounts.end(), [&](const ir::Mount& mount) {
    return mount.destination != "/" && is_at_or_below(prefix, mount.destination);
  });
}

// As the policy's mount of `/` says; without one, read-only unless a rule needs it otherwise.
static bool is_root_read_only(const ir::Profile& profile) {
  for (const ir::Mount& mount : profile.world.mounts) {
    if (mount.destination == "/") return mount.is_read_only();
  }
  return std::none_of(profile.rules.begin(), profile.rules.end(),
                      [&](const ir::Rule& rule) { return changes_root(profile.world, rule); });
}

Configuration lower(const ir::Profile& profile, const Options& options, Diagnostics& diagnostics) {
  const ir::World& world = profile.world;
  Configuration configuration;
  configuration.process = world.process;
  configuration.resource_limits = world.resource_limits;
  configuration.root_path = options.root_directory;
  configuration.is_root_read_only = is_root_read_only(profile);
  if (world.of(kernel::Namespace::Uts).mode == ir::NamespaceUse::Mode::New)
    configuration.hostname = profile.name;
  configuration.mounts = lower_mounts(profile, options);
  configuration.version = version_for(configuration.mounts);
  configuration.namespaces = lower_namespaces(world);
  configuration.uid_map = world.uid_map;
  configuration.gid_map = world.gid_map;
  configuration.sysctls = world.sysctls;
  configuration.resources = lower_limits(world);
  lower_capabilities(profile, configuration);
  lower_labels(profile, options, configuration, diagnostics);
  lower_devices(profile, configuration, diagnostics);
  lower_kernel_paths(profile, configuration);
  configuration.seccomp = lower_oci_seccomp(profile, diagnostics);
  return configuration;
}

}  // namespace isola::backends::oci
