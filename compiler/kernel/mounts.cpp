// Look-ups in filesystem_types.def and mount_options.def.

#include "compiler/kernel/mounts.h"

#include "compiler/kernel/nearest.h"

namespace isola::kernel {

enum class Where : bool { InitialOnly, Anywhere };
enum class Options : bool { NotListed, Listed };

static constexpr FilesystemType kFilesystemTypes[] = {
#define ISOLA_FILESYSTEM(name, backing, where, options, what)                                              \
  {name, FilesystemBacking::backing, Where::where == Where::Anywhere, Options::options == Options::Listed, \
   what},
#include "compiler/kernel/filesystem_types.def"
};

static constexpr MountOption kMountOptions[] = {
#define ISOLA_MOUNT_OPTION(name, effect, flag, filesystem, what) \
  {name, MountOptionEffect::effect, flag, filesystem, what},
#include "compiler/kernel/mount_options.def"
};

llvm::ArrayRef<FilesystemType> all_filesystem_types() {
  return kFilesystemTypes;
}

const FilesystemType* find_filesystem_type(llvm::StringRef name) {
  const llvm::StringRef main_type = name.split('.').first;
  for (const FilesystemType& type : kFilesystemTypes) {
    const bool may_have_subtype = type.name == "fuse" || type.name == "fuseblk";
    if (llvm::StringRef(type.name) == (may_have_subtype ? main_type : name)) return &type;
  }
  return nullptr;
}

std::optional<llvm::StringRef> nearest_filesystem_type(llvm::StringRef name) {
  NearestName nearest(name);
  for (const FilesystemType& type : kFilesystemTypes) {
    nearest.consider(type.name);
  }
  return nearest.found();
}

llvm::ArrayRef<MountOption> all_mount_options() {
  return kMountOptions;
}

static bool belongs_to(const MountOption& option, llvm::StringRef filesystem) {
  return option.filesystem.empty() || llvm::StringRef(option.filesystem) == filesystem.split('.').first;
}

const MountOption* find_mount_option(llvm::StringRef name, llvm::StringRef filesystem) {
  for (const MountOption& option : kMountOptions) {
    if (name == llvm::StringRef(option.name) && belongs_to(option, filesystem)) return &option;
  }
  return nullptr;
}

std::optional<llvm::StringRef> nearest_mount_option(llvm::StringRef name, llvm::StringRef filesystem) {
  NearestName nearest(name);
  for (const MountOption& option : kMountOptions) {
    if (belongs_to(option, filesystem)) nearest.consider(option.name);
  }
  return nearest.found();
}

}  // namespace isola::kernel
