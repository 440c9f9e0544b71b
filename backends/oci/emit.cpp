// config.json, in the specification's order of keys. No decisions are made here.

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "backends/oci/oci.h"

namespace isola::backends::oci {

using llvm::json::OStream;

static void print_texts(OStream& json, llvm::StringRef key, llvm::ArrayRef<std::string> texts) {
  json.attributeArray(key, [&] {
    for (const std::string& text : texts) json.value(text);
  });
}

static void print_capabilities(OStream& json, llvm::StringRef key, kernel::CapabilitySet set) {
  json.attributeArray(key, [&] {
    for (const kernel::Capability capability : set) json.value(kernel::name(capability));
  });
}

static void print_user(OStream& json, const ir::Process& process) {
  json.attributeObject("user", [&] {
    json.attribute("uid", process.uid);
    json.attribute("gid", process.gid);
    json.attribute("umask", process.umask.value_or(022));
    json.attributeArray("additionalGids", [&] {
      for (const std::uint32_t group : process.groups) json.value(group);
    });
  });
}

static void print_resource_limits(OStream& json, llvm::ArrayRef<ir::ResourceLimit> limits) {
  json.attributeArray("rlimits", [&] {
    for (const ir::ResourceLimit& limit : limits) {
      json.object([&] {
        json.attribute("type", limit.name);
        json.attribute("hard", limit.hard);
        json.attribute("soft", limit.soft);
      });
    }
  });
}

static void print_process(OStream& json, const Configuration& configuration) {
  const ir::Process& process = configuration.process;
  json.attributeObject("process", [&] {
    json.attribute("terminal", false);
    print_user(json, process);
    json.attributeArray("args", [&] {
      json.value(process.path);
      for (const std::string& argument : process.arguments) json.value(argument);
    });
    json.attributeArray("env", [&] {
      for (const auto& [name, value] : process.environment) json.value(name + "=" + value);
    });
    json.attribute("cwd", process.working_directory);
    json.attributeObject("capabilities", [&] {
      print_capabilities(json, "bounding", configuration.bounding);
      print_capabilities(json, "effective", configuration.effective);
      print_capabilities(json, "inheritable", configuration.inheritable);
      print_capabilities(json, "permitted", configuration.effective);
      print_capabilities(json, "ambient", configuration.ambient);
    });
    print_resource_limits(json, configuration.resource_limits);
    json.attribute("noNewPrivileges", process.no_new_privileges);
    if (!configuration.apparmor_profile.empty())
      json.attribute("apparmorProfile", configuration.apparmor_profile);
    json.attribute("oomScoreAdj", process.oom_score_adjust.value_or(0));
    if (!configuration.selinux_label.empty()) json.attribute("selinuxLabel", configuration.selinux_label);
  });
}

static void print_id_map(OStream& json, llvm::StringRef key, llvm::ArrayRef<ir::IdMapRange> ranges) {
  if (ranges.empty()) return;
  json.attributeArray(key, [&] {
    for (const ir::IdMapRange& range : ranges) {
      json.object([&] {
        json.attribute("containerID", range.inside);
        json.attribute("hostID", range.outside);
        json.attribute("size", range.count);
      });
    }
  });
}

static void print_mounts(OStream& json, const Configuration& configuration) {
  json.attributeArray("mounts", [&] {
    for (const Mount& mount : configuration.mounts) {
      json.object([&] {
        json.attribute("destination", mount.destination);
        json.attribute("type", mount.type);
        json.attribute("source", mount.source);
        print_texts(json, "options", mount.options);
        if (!mount.is_id_mapped) return;
        print_id_map(json, "uidMappings", configuration.uid_map);
        print_id_map(json, "gidMappings", configuration.gid_map);
      });
    }
  });
}

static void print_devices(OStream& json, llvm::ArrayRef<DeviceNode> devices) {
  json.attributeArray("devices", [&] {
    for (const DeviceNode& device : devices) {
      json.object([&] {
        json.attribute("path", device.path);
        json.attribute("type", std::string(1, device.type));
        json.attribute("major", device.major_number);
        json.attribute("minor", device.minor_number);
        json.attribute("fileMode", 0666);
        json.attribute("uid", 0);
        json.attribute("gid", 0);
      });
    }
  });
}

static void print_device_rules(OStream& json, llvm::ArrayRef<DeviceRule> rules) {
  json.attributeArray("devices", [&] {
    for (const DeviceRule& rule : rules) {
      json.object([&] {
        json.attribute("allow", rule.allows);
        json.attribute("type", std::string(1, rule.type));
        if (rule.major_number) json.attribute("major", *rule.major_number);
        if (rule.minor_number) json.attribute("minor", *rule.minor_number);
        json.attribute("access", rule.access);
      });
    }
  });
}

template <typename Number>
static void print_optional(OStream& json, llvm::StringRef key, const std::optional<Number>& number) {
  if (number) json.attribute(key, *number);
}

static void print_memory(OStream& json, const Resources& resources) {
  if (!resources.memory_limit && !resources.memory_reservation && !resources.memory_and_swap) return;
  json.attributeObject("memory", [&] {
    print_optional(json, "limit", resources.memory_limit);
    print_optional(json, "reservation", resources.memory_reservation);
    print_optional(json, "swap", resources.memory_and_swap);
  });
}

static void print_cpu(OStream& json, const Resources& resources) {
  const bool is_set = resources.cpu_shares || resources.cpu_quota || !resources.cpus.empty() ||
                      !resources.memory_nodes.empty();
  if (!is_set) return;
  json.attributeObject("cpu", [&] {
    print_optional(json, "shares", resources.cpu_shares);
    print_optional(json, "quota", resources.cpu_quota);
    print_optional(json, "period", resources.cpu_period);
    if (!resources.cpus.empty()) json.attribute("cpus", resources.cpus);
    if (!resources.memory_nodes.empty()) json.attribute("mems", resources.memory_nodes);
  });
}

static void print_resources(OStream& json, const Resources& resources) {
  json.attributeObject("resources", [&] {
    print_device_rules(json, resources.devices);
    print_memory(json, resources);
    print_cpu(json, resources);
    if (resources.pids_limit)
      json.attributeObject("pids", [&] { json.attribute("limit", *resources.pids_limit); });
    if (!resources.huge_pages.empty()) {
      json.attributeArray("hugepageLimits", [&] {
        for (const HugePageLimit& limit : resources.huge_pages) {
          json.object([&] {
            json.attribute("pageSize", limit.page_size);
            json.attribute("limit", limit.bytes);
          });
        }
      });
    }
    if (resources.unified.empty()) return;
    json.attributeObject("unified", [&] {
      for (const auto& [file, value] : resources.unified) json.attribute(file, value);
    });
  });
}

static void print_namespaces(OStream& json, llvm::ArrayRef<NamespaceEntry> namespaces) {
  json.attributeArray("namespaces", [&] {
    for (const NamespaceEntry& use : namespaces) {
      json.object([&] {
        json.attribute("type", llvm::StringRef(kernel::info(use.kind).name));
        if (!use.path.empty()) json.attribute("path", use.path);
      });
    }
  });
}

static void print_linux(OStream& json, const Configuration& configuration) {
  json.attributeObject("linux", [&] {
    print_id_map(json, "uidMappings", configuration.uid_map);
    print_id_map(json, "gidMappings", configuration.gid_map);
    json.attributeObject("sysctl", [&] {
      for (const ir::Sysctl& sysctl : configuration.sysctls) json.attribute(sysctl.name, sysctl.value);
    });
    print_resources(json, configuration.resources);
    print_namespaces(json, configuration.namespaces);
    print_devices(json, configuration.devices);
    json.attributeBegin("seccomp");
    print_oci_seccomp(configuration.seccomp, json);
    json.attributeEnd();
    json.attribute("rootfsPropagation", "private");
    print_texts(json, "maskedPaths", configuration.masked_paths);
    print_texts(json, "readonlyPaths", configuration.read_only_paths);
  });
}

std::string emit(const Configuration& configuration) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  OStream json(stream, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("ociVersion", configuration.version);
    print_process(json, configuration);
    json.attributeObject("root", [&] {
      json.attribute("path", configuration.root_path);
      json.attribute("readonly", configuration.is_root_read_only);
    });
    if (!configuration.hostname.empty()) json.attribute("hostname", configuration.hostname);
    print_mounts(json, configuration);
    print_linux(json, configuration);
  });
  stream << '\n';
  return text;
}

}  // namespace isola::backends::oci
