// The world a workload runs in: process attributes, namespaces, id maps, mounts, limits, labels.
//
// Values are resolved: numbers in base units (bytes, microseconds), names canonical. settings.def lists the
// kinds.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/kernel/capabilities.h"
#include "compiler/kernel/namespaces.h"

namespace isola::ir {

enum class Setting : std::uint8_t {
#define ISOLA_SETTING(kind, spelling, summary) kind,
#include "compiler/ir/settings.def"
};
std::string_view name_of(Setting setting);  // the key in the policy file

struct Process {
  std::string path;                    // absolute; empty in bundles
  std::vector<std::string> arguments;  // without argv[0]
  std::vector<std::pair<std::string, std::string>> environment;
  std::string working_directory = "/";
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;   // supplementary
  std::optional<std::uint32_t> umask;  // octal mode bits, 0..0777
  bool no_new_privileges = true;
  std::optional<int> oom_score_adjust;  // -1000..1000
  friend bool operator==(const Process&, const Process&) = default;
};

// How the workload stands to each namespace. Sharing with the host is a grant and must be spelled out; so all
// but `user` and `time` are New by default, and those two are Host unless listed (or, for `user`, an id map
// is given).
struct NamespaceUse {
  enum class Mode : std::uint8_t { New, Host, Join };
  Mode mode = Mode::New;
  std::string path;  // Mode::Join
  friend bool operator==(const NamespaceUse&, const NamespaceUse&) = default;
};

// A line of /proc/PID/uid_map; ids inside..inside+count-1 of the namespace are outside.. of the parent.
struct IdMapRange {
  std::uint32_t inside = 0, outside = 0, count = 0;
  friend bool operator==(const IdMapRange&, const IdMapRange&) = default;
};

struct MountLabel {
  enum class Kind : std::uint8_t { Unspecified, Private, Shared, None, Type };
  Kind kind = Kind::Unspecified;
  std::string type;  // Kind::Type
  friend bool operator==(const MountLabel&, const MountLabel&) = default;
};

struct Mount {
  std::string destination;           // absolute, normalised
  std::string source;                // a host path, a volume's name, or empty
  std::string type;                  // `bind`, `volume`, `tmpfs`, `overlay`, `proc`, ...
  std::vector<std::string> options;  // as written, each known: `ro`, `nosuid`, `size=1m`
  MountLabel label;
  bool id_mapped = false;  // through the policy's idmap
  SourceRange origin;

  bool has_option(std::string_view option) const;
  bool is_read_only() const { return has_option("ro"); }
  // Equality ignores where it was written.
  friend bool operator==(const Mount& a, const Mount& b) {
    return a.destination == b.destination && a.source == b.source && a.type == b.type &&
           a.options == b.options && a.label == b.label && a.id_mapped == b.id_mapped;
  }
};

// A cgroup v2 file and the text to write to it: `memory.max` "268435456", `cpu.max` "200000 100000".
struct CgroupLimit {
  std::string file;
  std::string value;
  SourceRange origin;
  friend bool operator==(const CgroupLimit& a, const CgroupLimit& b) {
    return a.file == b.file && a.value == b.value;
  }
};

constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};  // RLIM_INFINITY

struct ResourceLimit {
  std::string name;  // `RLIMIT_NOFILE`
  std::uint64_t soft = 0, hard = 0;
  SourceRange origin;
  friend bool operator==(const ResourceLimit& a, const ResourceLimit& b) {
    return a.name == b.name && a.soft == b.soft && a.hard == b.hard;
  }
};

struct Sysctl {
  std::string name, value;
  SourceRange origin;
  friend bool operator==(const Sysctl& a, const Sysctl& b) { return a.name == b.name && a.value == b.value; }
};

struct Labels {
  std::string apparmor;          // profile name; empty: the policy's name
  std::string selinux;           // type name; empty: the policy's name
  std::string selinux_inherits;  // `container`, ...
  std::string selinux_level;     // `s0:c1,c2`; empty: the engine chooses
  friend bool operator==(const Labels&, const Labels&) = default;
};

struct World {
  Process process;
  kernel::CapabilitySet ambient, inheritable;  // the bounding set is the profile's CapabilityUse rules
  std::array<NamespaceUse, kernel::kNamespaceCount> namespaces;  // by kernel::Namespace
  std::vector<IdMapRange> uid_map, gid_map;                      // by `inside`
  std::vector<Mount> mounts;                                     // in the order of mounting
  std::vector<CgroupLimit> cgroup_limits;                        // by file
  std::vector<ResourceLimit> resource_limits;                    // by name
  std::vector<Sysctl> sysctls;                                   // by name
  Labels labels;

  const NamespaceUse& of(kernel::Namespace kind) const { return namespaces[static_cast<std::size_t>(kind)]; }
  NamespaceUse& of(kernel::Namespace kind) { return namespaces[static_cast<std::size_t>(kind)]; }
  friend bool operator==(const World&, const World&) = default;
};

}  // namespace isola::ir
