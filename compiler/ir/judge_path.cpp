// Judging accesses to paths: file rules, device rules on a node's path, and the mounts below which a path
// lies.

#include <cerrno>

#include "compiler/ir/coverage.h"
#include "compiler/ir/judges.h"

namespace isola::ir {

namespace {

bool path_rule_matches(const Rule& rule, const FileRequest& request) {
  if (const auto* access = std::get_if<FileAccess>(&rule.permission)) {
    return (!access->owner_only || request.is_owner) && access->path.matches(request.path);
  }
  const auto* device = std::get_if<DeviceAccess>(&rule.permission);
  const auto* path = device == nullptr ? nullptr : std::get_if<PathPattern>(&device->node);
  return path != nullptr && path->matches(request.path);
}

// A device rule on a node's path is a rule on that path.
FileModes path_rule_modes(const Rule& rule) {
  if (const auto* access = std::get_if<FileAccess>(&rule.permission)) return with_implied(access->modes);
  FileModes modes;
  const DeviceModes device_modes = std::get<DeviceAccess>(rule.permission).modes;
  if (device_modes.contains(DeviceMode::Read)) modes.insert(FileMode::Read);
  if (device_modes.contains(DeviceMode::Write)) modes = modes | FileModes{FileMode::Write, FileMode::Append};
  return modes;
}

Judge judge_of(const Rule& rule) {
  return std::holds_alternative<FileAccess>(rule.permission) ? Judge::Files : Judge::Devices;
}

bool is_below(llvm::StringRef path, llvm::StringRef directory) {
  if (directory == "/") return path.starts_with("/");
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

// The engine mounts these itself; a policy's `/` says nothing of them.
bool is_engine_mount(llvm::StringRef path) {
  return is_below(path, "/proc") || is_below(path, "/sys") || is_below(path, "/dev");
}

const Mount* mount_of(const Profile& profile, llvm::StringRef path) {
  const Mount* found = nullptr;
  for (const Mount& mount : profile.world.mounts) {
    if (!is_below(path, mount.destination)) continue;
    if (found == nullptr || mount.destination.size() >= found->destination.size()) found = &mount;
  }
  if (found != nullptr && found->destination == "/" && is_engine_mount(path)) return nullptr;
  return found;
}

}  // namespace

Decision judge_path(llvm::ArrayRef<Rule> rules, const FileRequest& request, Judges judges) {
  const auto speaks = [&](const Rule& rule) {
    const bool is_path_rule = std::holds_alternative<FileAccess>(rule.permission) ||
                              std::holds_alternative<DeviceAccess>(rule.permission);
    return is_path_rule && judges.contains(judge_of(rule)) && path_rule_matches(rule, request);
  };
  const auto touches = [&](const Rule& rule) {
    return speaks(rule) && path_rule_modes(rule).intersects(request.modes);
  };
  for (const Rule& rule : rules) {
    if (rule.effect == Effect::Deny && touches(rule)) {
      return by_rule(judge_of(rule), written_rule(rule, touches), errno_action(EACCES));
    }
  }
  // Several rules together may grant several modes; the answer names the one that grants the last missing.
  FileModes missing = request.modes;
  for (const Rule& rule : rules) {
    if (rule.effect != Effect::Allow || !touches(rule)) continue;
    const FileModes before = missing;
    missing = missing - path_rule_modes(rule);
    if (missing.is_empty()) {
      const auto grants = [&](const Rule& part) {
        return speaks(part) && path_rule_modes(part).intersects(before);
      };
      return by_rule(judge_of(rule), written_rule(rule, grants), kAllowed);
    }
  }
  return without_rule(Judge::Files, Reason::NothingGrants, errno_action(EACCES));
}

Opinion judge_mount(const Profile& profile, const FileRequest& request) {
  const Mount* mount = mount_of(profile, request.path);
  if (mount == nullptr) return std::nullopt;
  constexpr FileModes kChanging{FileMode::Write, FileMode::Append, FileMode::Create, FileMode::Link};
  constexpr FileModes kRunning{FileMode::Execute, FileMode::Map};
  Opinion opinion;
  if (mount->is_read_only() && request.modes.intersects(kChanging)) {
    opinion = without_rule(Judge::Mounts, Reason::ReadOnlyMount, errno_action(EROFS));
  } else if (mount->has_option("noexec") && request.modes.intersects(kRunning)) {
    opinion = without_rule(Judge::Mounts, Reason::NoExecMount, errno_action(EACCES));
  }
  if (opinion) opinion->origin = mount->origin;
  return opinion;
}

}  // namespace isola::ir
