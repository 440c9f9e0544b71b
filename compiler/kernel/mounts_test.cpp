// Mount options against the kernel's flags, and file system types.

#include "compiler/kernel/mounts.h"

#include <doctest/doctest.h>
#include <linux/mount.h>

#include <cstdint>
#include <string>

using namespace isola::kernel;

static std::uint32_t flag(llvm::StringRef name) {
  const MountOption* found = find_mount_option(name, "");
  REQUIRE_MESSAGE(found, name.str());
  return found->flag;
}

TEST_CASE("mounts: flags are those of linux/mount.h") {
  CHECK(flag("ro") == MS_RDONLY);
  CHECK(flag("nosuid") == MS_NOSUID);
  CHECK(flag("nodev") == MS_NODEV);
  CHECK(flag("noexec") == MS_NOEXEC);
  CHECK(flag("sync") == MS_SYNCHRONOUS);
  CHECK(flag("remount") == MS_REMOUNT);
  CHECK(flag("mand") == MS_MANDLOCK);
  CHECK(flag("dirsync") == MS_DIRSYNC);
  CHECK(flag("nosymfollow") == MS_NOSYMFOLLOW);
  CHECK(flag("noatime") == MS_NOATIME);
  CHECK(flag("nodiratime") == MS_NODIRATIME);
  CHECK(flag("rbind") == (MS_BIND | MS_REC));
  CHECK(flag("silent") == MS_SILENT);
  CHECK(flag("acl") == MS_POSIXACL);
  CHECK(flag("relatime") == MS_RELATIME);
  CHECK(flag("iversion") == MS_I_VERSION);
  CHECK(flag("strictatime") == MS_STRICTATIME);
  CHECK(flag("lazytime") == MS_LAZYTIME);
  CHECK(flag("runbindable") == (MS_UNBINDABLE | MS_REC));
  CHECK(flag("rprivate") == (MS_PRIVATE | MS_REC));
  CHECK(flag("rslave") == (MS_SLAVE | MS_REC));
  CHECK(flag("rshared") == (MS_SHARED | MS_REC));
  CHECK(flag("rro") == MOUNT_ATTR_RDONLY);
  CHECK(flag("rnosuid") == MOUNT_ATTR_NOSUID);
  CHECK(flag("rnodev") == MOUNT_ATTR_NODEV);
  CHECK(flag("rnoexec") == MOUNT_ATTR_NOEXEC);
  CHECK(flag("rnoatime") == MOUNT_ATTR_NOATIME);
  CHECK(flag("rstrictatime") == MOUNT_ATTR_STRICTATIME);
  CHECK(flag("rnodiratime") == MOUNT_ATTR_NODIRATIME);
  CHECK(flag("rnosymfollow") == MOUNT_ATTR_NOSYMFOLLOW);
}

TEST_CASE("mounts: every option that clears has one that sets the same flag") {
  for (const MountOption& option : all_mount_options()) {
    const bool is_clear = option.effect == MountOptionEffect::Clear;
    if (!is_clear && option.effect != MountOptionEffect::RecursiveClear) continue;
    const MountOptionEffect wanted = is_clear ? MountOptionEffect::Set : MountOptionEffect::RecursiveSet;
    bool has_counterpart = false;
    for (const MountOption& other : all_mount_options()) {
      has_counterpart = has_counterpart || (other.effect == wanted && other.flag == option.flag);
    }
    CHECK_MESSAGE(has_counterpart, std::string(option.name));
  }
}

TEST_CASE("mounts: data options belong to their file system") {
  CHECK(find_mount_option("size", "tmpfs") != nullptr);
  CHECK(find_mount_option("size", "proc") == nullptr);
  CHECK(find_mount_option("subtype", "fuse.sshfs") != nullptr);
  CHECK(find_mount_option("ro", "proc") != nullptr);
  CHECK(nearest_mount_option("nosuidd", "tmpfs") == llvm::StringRef("nosuid"));
  CHECK(nearest_mount_option("hidepd", "proc") == llvm::StringRef("hidepid"));
  for (const MountOption& option : all_mount_options()) {
    CHECK(option.filesystem.empty() == (option.effect != MountOptionEffect::Data));
    CHECK(find_mount_option(option.name, option.filesystem) == &option);
    if (option.filesystem.empty()) continue;
    const FilesystemType* type = find_filesystem_type(option.filesystem);
    REQUIRE(type);
    CHECK_MESSAGE(type->lists_options, std::string(type->name));
  }
}

TEST_CASE("mounts: file system types") {
  REQUIRE(find_filesystem_type("fuse.sshfs"));
  CHECK(find_filesystem_type("fuse.sshfs")->name == "fuse");
  CHECK(find_filesystem_type("tmpfs")->in_user_namespace);
  CHECK_FALSE(find_filesystem_type("ext4")->in_user_namespace);
  CHECK(find_filesystem_type("ext4.x") == nullptr);
  CHECK(nearest_filesystem_type("tmpf") == llvm::StringRef("tmpfs"));
  for (std::size_t index = 1; index < all_filesystem_types().size(); ++index) {
    CHECK(all_filesystem_types()[index - 1].name < all_filesystem_types()[index].name);
  }
}
