#include "compiler/ir/dump.h"

#include <fmt/format.h>

#include "compiler/base/check.h"

namespace isola::ir {

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

std::string namespace_text(const NamespaceUse& use) {
  switch (use.mode) {
    case NamespaceUse::Mode::New:
      return "new";
    case NamespaceUse::Mode::Host:
      return "host";
    case NamespaceUse::Mode::Join:
      return use.path;
  }
  ISOLA_CHECK(false, "a known mode");
  return "";
}

std::string label_text(const MountLabel& label) {
  switch (label.kind) {
    case MountLabel::Kind::Unspecified:
      return "";
    case MountLabel::Kind::Private:
      return " label=private";
    case MountLabel::Kind::Shared:
      return " label=shared";
    case MountLabel::Kind::None:
      return " label=none";
    case MountLabel::Kind::Type:
      return " label=" + label.type;
  }
  ISOLA_CHECK(false, "a known label");
  return "";
}

std::string capabilities_text(kernel::CapabilitySet set) {
  std::vector<std::string> names;
  for (const kernel::Capability capability : set) names.push_back(kernel::name(capability).str());
  return join(names);
}

std::string dump_process(const Process& process) {
  std::string text = fmt::format("process {} {}\n", process.path, join(process.arguments));
  text += fmt::format("  user {}:{}\n", process.uid, process.gid);
  for (const std::uint32_t group : process.groups) text += fmt::format("  group {}\n", group);
  if (process.umask) text += fmt::format("  umask {:04o}\n", *process.umask);
  text +=
      fmt::format("  noNewPrivileges {}\n  cwd {}\n", process.no_new_privileges, process.working_directory);
  if (process.oom_score_adjust) text += fmt::format("  oomScoreAdj {}\n", *process.oom_score_adjust);
  for (const auto& [name, value] : process.environment) text += fmt::format("  env {}={}\n", name, value);
  return text;
}

std::string dump_id_map(std::string_view name, const std::vector<IdMapRange>& map) {
  std::string text;
  for (const IdMapRange& range : map)
    text += fmt::format("{} {} {} {}\n", name, range.inside, range.outside, range.count);
  return text;
}

std::string dump_world(const World& world) {
  std::string text = world.process.path.empty() ? "" : dump_process(world.process);
  if (!world.ambient.empty()) text += fmt::format("ambient {}\n", capabilities_text(world.ambient));
  if (!world.inheritable.empty())
    text += fmt::format("inheritable {}\n", capabilities_text(world.inheritable));
  for (const kernel::NamespaceInfo& kind : kernel::all_namespaces()) {
    text += fmt::format("namespace {} {}\n", kind.name, namespace_text(world.of(kind.kind)));
  }
  text += dump_id_map("uid_map", world.uid_map) + dump_id_map("gid_map", world.gid_map);
  for (const Mount& mount : world.mounts) {
    text += fmt::format("mount {} source={} type={} options={}{}{}\n", mount.destination, mount.source,
                        mount.type, join(mount.options), label_text(mount.label),
                        mount.id_mapped ? " idmap" : "");
  }
  for (const CgroupLimit& limit : world.cgroup_limits)
    text += fmt::format("limit {} {}\n", limit.file, limit.value);
  for (const ResourceLimit& limit : world.resource_limits) {
    const auto number = [](std::uint64_t value) {
      return value == kUnlimited ? "unlimited" : std::to_string(value);
    };
    text += fmt::format("limit {} {} {}\n", limit.name, number(limit.soft), number(limit.hard));
  }
  for (const Sysctl& sysctl : world.sysctls) text += fmt::format("sysctl {} {}\n", sysctl.name, sysctl.value);
  text += fmt::format("labels apparmor={} selinux={} inherits={} level={}\n", world.labels.apparmor,
                      world.labels.selinux, world.labels.selinux_inherits, world.labels.selinux_level);
  return text;
}

std::string dump_syscalls(const SyscallDefaults& syscalls) {
  std::string arches;
  for (const kernel::Arch arch : syscalls.arches) arches += fmt::format(" {}", kernel::info(arch).name);
  std::string flags;
  for (const kernel::FilterFlagInfo& flag : kernel::all_filter_flags()) {
    if (syscalls.flags.contains(flag.flag)) flags += fmt::format(" {}", flag.name);
  }
  return fmt::format("syscalls{} known={} otherwise={} newer={} foreign={}{}\n", arches,
                     kernel::text(syscalls.vocabulary), to_text(syscalls.otherwise), to_text(syscalls.newer),
                     to_text(syscalls.foreign), flags);
}

std::string dump_rule(const Rule& rule) {
  std::string text = fmt::format("{} {}: {}", rule.effect == Effect::Deny ? "deny" : "allow",
                                 to_text(section_of(kind_of(rule.permission))), to_text(rule.permission));
  if (!rule.because.empty()) text += fmt::format(" because \"{}\"", rule.because);
  return text + "\n";
}

}  // namespace

std::string dump(const Policy& policy) {
  std::string text =
      fmt::format("policy {}\n", policy.name) + dump_world(policy.world) + dump_syscalls(policy.syscalls);
  const auto dump_rules = [](const std::vector<PolicyRule>& rules) {
    std::string lines;
    for (const PolicyRule& candidate : rules) {
      if (candidate.when.kind != TargetCondition::Kind::Always) lines += "when-clause ";
      lines += dump_rule(candidate.rule);
    }
    return lines;
  };
  text += dump_rules(policy.rules);
  for (const ChildPolicy& child : policy.children)
    text += fmt::format("child {}\n", child.name) + dump_rules(child.rules);
  for (const Waiver& waiver : policy.waivers) {
    text += fmt::format("waive {} at {} until {} because \"{}\"\n", waiver.lint, waiver.at, waiver.until,
                        waiver.because);
  }
  for (const PolicyTest& test : policy.tests) text += fmt::format("test {}\n", to_text(test.request));
  return text;
}

std::string dump(const Profile& profile) {
  std::string text =
      fmt::format("profile {}\n", profile.name) + dump_world(profile.world) + dump_syscalls(profile.syscalls);
  for (const Rule& rule : profile.rules) text += dump_rule(rule);
  for (const ChildProfile& child : profile.children) {
    text += fmt::format("child {}\n", child.name);
    for (const Rule& rule : child.rules) text += dump_rule(rule);
  }
  return text;
}

}  // namespace isola::ir
