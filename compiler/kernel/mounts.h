// File system types and mount options, as mount(8) and the OCI runtime specification spell them.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace isola::kernel {

enum class FilesystemBacking : std::uint8_t {
  Pseudo,   // made by the kernel: proc, sysfs, cgroup2
  Memory,   // tmpfs, ramfs
  Device,   // a block device: ext4, xfs
  Network,  // a server: nfs, cifs
  Stacked,  // another file system: overlay
};

struct FilesystemType {
  std::string_view name;
  FilesystemBacking backing{};
  bool in_user_namespace = false;  // root of a user namespace may mount it (FS_USERNS_MOUNT)
  bool lists_options = false;      // mount_options.def has all options of its own; of others it has none
  std::string_view summary;
};

// By name.
llvm::ArrayRef<FilesystemType> all_filesystem_types();
// Types with a subtype ("fuse.sshfs") are found under their first part.
const FilesystemType* find_filesystem_type(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_filesystem_type(llvm::StringRef name);

enum class MountOptionEffect : std::uint8_t {
  Set,             // sets the flag
  Clear,           // clears it ("suid" against "nosuid")
  Bind,            // the source is a directory, not a device
  Propagation,     // shared, private, ...: changes propagation, not the mount itself
  RecursiveSet,    // sets the attribute on all mounts below: mount_setattr(2) with AT_RECURSIVE
  RecursiveClear,  // clears it there
  IdMap,           // id-mapped mount: mount_setattr(2) with MOUNT_ATTR_IDMAP
  Data,            // NAME or NAME=VALUE, handed to the file system
  Engine,          // done by the container engine, not by the kernel
};

struct MountOption {
  std::string_view name;  // "nosuid"; Data options without "=VALUE"
  MountOptionEffect effect{};
  std::uint32_t flag = 0;       // MS_* of mount(2); MOUNT_ATTR_* for Recursive*; else 0
  std::string_view filesystem;  // Data options: the type they belong to; "" for all others
  std::string_view summary;
};

// In the order of mount_options.def.
llvm::ArrayRef<MountOption> all_mount_options();
// `name` without "=VALUE"; Data options only for `filesystem`.
const MountOption* find_mount_option(llvm::StringRef name, llvm::StringRef filesystem);
std::optional<llvm::StringRef> nearest_mount_option(llvm::StringRef name, llvm::StringRef filesystem);

}  // namespace isola::kernel
