// A config.json as a value: the parts of the OCI runtime specification that a policy decides.
//
// Names are those of the specification, in our spelling. lower.cpp fills it, emit.cpp prints it; what is
// absent here is left out of the file on purpose (hooks, terminal sizes, console: the engine's business).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/oci_seccomp.h"
#include "compiler/ir/profile.h"

namespace isola::backends::oci {

struct Mount {
  std::string destination, type, source;
  std::vector<std::string> options;
  bool is_id_mapped = false;  // through the container's own maps
};

// A node that the runtime makes in /dev, or binds there where it may not make nodes.
struct DeviceNode {
  std::string path;
  char type = 'c';
  std::uint32_t major_number = 0, minor_number = 0;
};

// A line of the device controller; later lines win.
struct DeviceRule {
  bool allows = false;
  char type = 'a';                                          // `a`, `b` or `c`
  std::optional<std::uint32_t> major_number, minor_number;  // none: any
  std::string access = "rwm";
};

struct NamespaceEntry {
  kernel::Namespace kind{};
  std::string path;  // empty: a new one
};

struct HugePageLimit {
  std::string page_size;  // `2MB`
  std::int64_t bytes = 0;
};

// -1 is "no limit" wherever the kernel's own file says `max`.
struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<std::int64_t> memory_limit, memory_reservation, memory_and_swap;  // bytes
  std::optional<std::int64_t> pids_limit;
  std::optional<std::int64_t> cpu_quota;    // microseconds
  std::optional<std::uint64_t> cpu_period;  // microseconds
  std::optional<std::uint64_t> cpu_shares;
  std::string cpus, memory_nodes;
  std::vector<HugePageLimit> huge_pages;
  std::vector<std::pair<std::string, std::string>> unified;  // cgroup v2 files without a field of their own
};

struct Configuration {
  std::string version;
  ir::Process process;
  kernel::CapabilitySet bounding, effective, inheritable, ambient;  // permitted is the effective set
  std::vector<ir::ResourceLimit> resource_limits;
  std::string apparmor_profile, selinux_label;  // empty: none
  std::string root_path;
  bool is_root_read_only = true;
  std::string hostname;  // empty: no uts namespace of its own
  std::vector<Mount> mounts;
  std::vector<NamespaceEntry> namespaces;
  std::vector<ir::IdMapRange> uid_map, gid_map;
  std::vector<DeviceNode> devices;
  Resources resources;
  std::vector<ir::Sysctl> sysctls;
  std::vector<std::string> masked_paths, read_only_paths;
  OciSeccomp seccomp;
};

}  // namespace isola::backends::oci
