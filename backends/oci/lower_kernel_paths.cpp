// Paths of /proc and /sys that a container hides (masked) or freezes (read-only).

#include <algorithm>

#include "backends/oci/oci.h"
#include "compiler/base/check.h"
#include "compiler/ir/pattern_comparer.h"

namespace isola::backends::oci {

// What these show or change belongs to the machine and not to the container.
// Source: the union of the lists of moby (oci/defaults.go), containerd and podman, 2024.
constexpr std::string_view kMasked[] = {
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
    "/sys/fs/selinux",
};
constexpr std::string_view kReadOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                          "/proc/sysrq-trigger"};

// Some path of the pattern is `place` or below it.
static bool reaches(const ir::PathPattern& pattern, std::string_view place) {
  const llvm::StringRef prefix = pattern.literal_prefix();
  if (!llvm::StringRef(place).starts_with(prefix) && !prefix.starts_with(place)) return false;
  const auto below = ir::PathPattern::parse(std::string(place) + "/**");
  const auto* found = std::get_if<ir::PathPattern>(&below);
  ISOLA_CHECK(found != nullptr, "a pattern of ours parses");
  return ir::patterns_overlap(pattern, ir::PathPattern::literal(place)) ||
         ir::patterns_overlap(pattern, *found);
}

static bool names_kernel_directory(const ir::PathPattern& pattern) {
  const llvm::StringRef prefix = pattern.literal_prefix();
  return prefix.starts_with("/proc/") || prefix.starts_with("/sys/");
}

// `/**` grants everything and means nothing in particular: only a rule that names /proc or /sys opens a place
// there.
static bool is_granted(const ir::Profile& profile, std::string_view path, ir::FileModes modes) {
  const auto opens = [&](const ir::Rule& rule) {
    const auto* file = std::get_if<ir::FileAccess>(&rule.permission);
    return file != nullptr && rule.effect == ir::Effect::Allow && file->modes.intersects(modes) &&
           names_kernel_directory(file->path) && reaches(file->path, path);
  };
  return std::any_of(profile.rules.begin(), profile.rules.end(), opens);
}

bool passes_over_kernel_paths(const ir::PathPattern& pattern) {
  if (names_kernel_directory(pattern)) return false;
  const auto is_reached = [&](std::string_view path) { return reaches(pattern, path); };
  return std::any_of(std::begin(kMasked), std::end(kMasked), is_reached) ||
         std::any_of(std::begin(kReadOnly), std::end(kReadOnly), is_reached);
}

// The path that a deny covers as a whole: itself, or a directory with everything below.
static std::optional<std::string> denied_place(const ir::PathPattern& pattern) {
  if (pattern.is_literal() && !pattern.is_directory()) return pattern.literal_prefix().str();
  const llvm::StringRef prefix = pattern.literal_prefix();
  if (pattern.text() == (prefix + "**").str() && prefix.size() > 1 && prefix.ends_with("/")) {
    return prefix.drop_back().str();
  }
  return std::nullopt;
}

static void lower_denies(const ir::Profile& profile, Configuration& configuration) {
  using Mode = ir::FileMode;
  for (const ir::Rule* rule : profile.rules_of<ir::FileAccess>()) {
    const auto& file = std::get<ir::FileAccess>(rule->permission);
    if (rule->effect != ir::Effect::Deny || file.owner_only) continue;
    const std::optional<std::string> place = denied_place(file.path);
    if (!place) continue;
    if (file.modes.contains(ir::FileModes{Mode::Read, Mode::Write})) {
      configuration.masked_paths.push_back(*place);
    } else if (file.modes.contains(ir::FileModes{Mode::Write, Mode::Create})) {
      configuration.read_only_paths.push_back(*place);
    }
  }
}

static void sort_unique(std::vector<std::string>& paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
}

void lower_kernel_paths(const ir::Profile& profile, Configuration& configuration) {
  using Mode = ir::FileMode;
  for (const std::string_view path : kMasked) {
    if (!is_granted(profile, path, {Mode::Read, Mode::Write})) configuration.masked_paths.emplace_back(path);
  }
  for (const std::string_view path : kReadOnly) {
    if (!is_granted(profile, path, {Mode::Write, Mode::Append}))
      configuration.read_only_paths.emplace_back(path);
  }
  lower_denies(profile, configuration);
  sort_unique(configuration.masked_paths);
  sort_unique(configuration.read_only_paths);
}

}  // namespace isola::backends::oci
