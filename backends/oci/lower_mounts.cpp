// The mounts of a container.
//
// Only what is needed is mounted: /proc and /dev because runtimes cannot do without, the others of the usual
// list when a rule of the policy reaches below them. A mount of the policy's own at the same place replaces
// ours.

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringRef.h>

#include <algorithm>

#include "backends/oci/oci.h"
#include "compiler/base/check.h"
#include "compiler/ir/pattern_comparer.h"

namespace isola::backends::oci {

static ir::PathPattern pattern(llvm::StringRef text) {
  auto parsed = ir::PathPattern::parse(text);
  const auto* found = std::get_if<ir::PathPattern>(&parsed);
  ISOLA_CHECK(found != nullptr, "a pattern of ours parses");
  return *found;
}

// Whether some grant of `files` or `devices` reaches below the directory.
static bool is_path_granted_below(const ir::Profile& profile, llvm::StringRef directory) {
  const ir::PathPattern below = pattern((directory + "/**").str());
  return llvm::any_of(profile.rules, [&](const ir::Rule& rule) {
    if (rule.effect != ir::Effect::Allow) return false;
    if (const auto* file = std::get_if<ir::FileAccess>(&rule.permission)) {
      return ir::patterns_overlap(file->path, below);
    }
    const auto* device = std::get_if<ir::DeviceAccess>(&rule.permission);
    const auto* node = device == nullptr ? nullptr : std::get_if<ir::PathPattern>(&device->node);
    return node != nullptr && ir::patterns_overlap(*node, below);
  });
}

static bool is_posix_object_granted(const ir::Profile& profile, bool is_queue) {
  using Use = ir::SharedObjectUse;
  return llvm::any_of(profile.rules, [&](const ir::Rule& rule) {
    const auto* use = std::get_if<Use>(&rule.permission);
    return use != nullptr && rule.effect == ir::Effect::Allow && use->flavour == Use::Flavour::Posix &&
           (use->kind == Use::Kind::MessageQueue) == is_queue;
  });
}

// sysfs shows the network namespace; only its owner may mount it. Source: sysfs_init_fs_context,
// fs/sysfs/mount.c.
static Mount sys_mount(const ir::World& world) {
  using Mode = ir::NamespaceUse::Mode;
  const bool may_mount = world.of(kernel::Namespace::User).mode == Mode::Host ||
                         world.of(kernel::Namespace::Network).mode == Mode::New;
  if (may_mount) {
    return {.destination = "/sys",
            .type = "sysfs",
            .source = "sysfs",
            .options = {"nosuid", "noexec", "nodev", "ro"}};
  }
  return {.destination = "/sys",
          .type = "bind",
          .source = "/sys",
          .options = {"rbind", "nosuid", "noexec", "nodev", "ro"}};
}

static std::vector<Mount> needed_mounts(const ir::Profile& profile) {
  std::vector<Mount> mounts{
      {.destination = "/proc", .type = "proc", .source = "proc", .options = {"nosuid", "noexec", "nodev"}},
      {.destination = "/dev",
       .type = "tmpfs",
       .source = "tmpfs",
       .options = {"nosuid", "noexec", "strictatime", "mode=0755", "size=65536k"}},
  };
  if (is_path_granted_below(profile, "/dev/pts")) {
    mounts.push_back({.destination = "/dev/pts",
                      .type = "devpts",
                      .source = "devpts",
                      .options = {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}});
  }
  if (is_path_granted_below(profile, "/dev/shm") || is_posix_object_granted(profile, /*is_queue=*/false)) {
    mounts.push_back({.destination = "/dev/shm",
                      .type = "tmpfs",
                      .source = "shm",
                      .options = {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}});
  }
  if (is_path_granted_below(profile, "/dev/mqueue") || is_posix_object_granted(profile, /*is_queue=*/true)) {
    mounts.push_back({.destination = "/dev/mqueue",
                      .type = "mqueue",
                      .source = "mqueue",
                      .options = {"nosuid", "noexec", "nodev"}});
  }
  if (is_path_granted_below(profile, "/sys")) mounts.push_back(sys_mount(profile.world));
  return mounts;
}

static bool has_value_option(const ir::Mount& mount, llvm::StringRef name) {
  return llvm::any_of(mount.options,
                      [&](llvm::StringRef option) { return option.starts_with((name + "=").str()); });
}

// A tmpfs belongs to the workload's user unless the policy says otherwise.
// NOTE: runc ignores `mode=` in favour of the mode of the directory it mounts on, so only ownership lets an
// unprivileged user write there.
static void add_tmpfs_owner(const ir::Mount& from, const ir::Process& process, Mount& mount) {
  if (!has_value_option(from, "mode")) mount.options.push_back("mode=0755");
  if (!has_value_option(from, "uid")) mount.options.push_back(fmt::format("uid={}", process.uid));
  if (!has_value_option(from, "gid")) mount.options.push_back(fmt::format("gid={}", process.gid));
}

static Mount lower_mount(const ir::Mount& from, const ir::World& world, const Options& options) {
  Mount mount{.destination = from.destination,
              .type = from.type,
              .source = from.source.empty() ? from.type : from.source,
              .options = from.options,
              .is_id_mapped = from.id_mapped};
  if (from.type == "volume") {
    mount.type = "bind";
    mount.source = options.volume_directory + "/" + from.source;
  }
  if (mount.type == "bind" && !from.has_option("bind") && !from.has_option("rbind")) {
    mount.options.insert(mount.options.begin(), "bind");
  }
  if (mount.type == "tmpfs") add_tmpfs_owner(from, world.process, mount);
  if (mount.is_id_mapped) mount.options.push_back("idmap");
  return mount;
}

std::vector<Mount> lower_mounts(const ir::Profile& profile, const Options& options) {
  std::vector<Mount> mounts = needed_mounts(profile);
  llvm::erase_if(mounts, [&](const Mount& ours) {
    return llvm::any_of(profile.world.mounts,
                        [&](const ir::Mount& mount) { return mount.destination == ours.destination; });
  });
  for (const ir::Mount& mount : profile.world.mounts) {
    if (mount.destination != "/") mounts.push_back(lower_mount(mount, profile.world, options));
  }
  return mounts;
}

}  // namespace isola::backends::oci
