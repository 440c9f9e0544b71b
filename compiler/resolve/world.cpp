// Process attributes, namespaces, id maps, sysctls and labels. Mounts and limits have files of their own.

#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <limits>

#include "compiler/kernel/namespaces.h"
#include "compiler/kernel/sysctls.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

namespace {

constexpr std::int64_t kMaxId =
    std::numeric_limits<std::uint32_t>::max() - 1;  // (uid_t)-1 means "no change": chown(2)

std::optional<std::string> absolute_path(const ScalarText& text, Diagnostics& diagnostics) {
  const llvm::StringRef path = text.decoded();
  const bool is_clean = is_plain_path(path) && (path == "/" || !path.ends_with("/"));
  if (is_clean) return path.str();
  diagnostics.report<DiagnosticKind::NotCleanPath>(text.range(), path);
  return std::nullopt;
}

void resolve_user(const ScalarText& text, ir::Process& process, Diagnostics& diagnostics) {
  const std::size_t colon = text.decoded().find(':');
  std::uint32_t uid = 0, gid = 0;
  const auto [uid_text, gid_text] = text.decoded().split(':');
  const bool has_group = colon != llvm::StringRef::npos;
  const bool is_bad = uid_text.getAsInteger(10, uid) || (has_group && gid_text.getAsInteger(10, gid)) ||
                      uid > kMaxId || gid > kMaxId;
  if (is_bad) {
    diagnostics.report<DiagnosticKind::BadUser>(text.range(), text.decoded());
    return;
  }
  process.uid = uid;
  process.gid = has_group ? gid : uid;
}

}  // namespace

void resolve_process(const grammar::ProcessSyntax& syntax, const Context& context, ir::Process& process) {
  Diagnostics& diagnostics = context.diagnostics;
  if (syntax.path) {
    if (auto path = absolute_path(context.expand(*syntax.path), diagnostics)) process.path = std::move(*path);
  } else {
    diagnostics.report<DiagnosticKind::MissingProcessPath>(syntax.range);
  }
  for (const ScalarText& argument : syntax.args) process.arguments.push_back(context.expand(argument).str());
  for (const grammar::SettingSyntax& variable : syntax.environment) {
    process.environment.emplace_back(variable.key.str(), context.expand(variable.value).str());
  }
  if (syntax.cwd) {
    if (auto path = absolute_path(context.expand(*syntax.cwd), diagnostics))
      process.working_directory = std::move(*path);
  }
  if (syntax.user) {
    resolve_user(context.expand(*syntax.user), process, diagnostics);
  } else {
    diagnostics.report<DiagnosticKind::MissingUser>(syntax.range);
  }
  for (const ScalarText& group : syntax.groups) {
    if (const auto gid = resolve_integer(context.expand(group), 0, kMaxId, diagnostics)) {
      process.groups.push_back(static_cast<std::uint32_t>(*gid));
    }
  }
  if (syntax.umask) process.umask = resolve_mode_bits(*syntax.umask, diagnostics);
  if (syntax.no_new_privileges) {
    process.no_new_privileges = resolve_boolean(*syntax.no_new_privileges, diagnostics).value_or(true);
  }
  if (syntax.oom_score_adj) {
    // Source: proc(5), /proc/PID/oom_score_adj.
    if (const auto value = resolve_integer(*syntax.oom_score_adj, -1000, 1000, diagnostics)) {
      process.oom_score_adjust = static_cast<int>(*value);
    }
  }
}

namespace {

void resolve_namespaces(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world) {
  const bool has_id_map = syntax.idmap && (!syntax.idmap->uid.empty() || !syntax.idmap->gid.empty());
  if (!has_id_map) world.of(kernel::Namespace::User).mode = ir::NamespaceUse::Mode::Host;
  world.of(kernel::Namespace::Time).mode = ir::NamespaceUse::Mode::Host;
  if (!syntax.namespaces) return;
  std::map<kernel::Namespace, SourceRange> seen;
  for (const grammar::NamespaceSyntax& entry : *syntax.namespaces) {
    const auto kind = kernel::find_namespace(entry.name.decoded());
    if (!kind) {
      auto draft = context.diagnostics.report<DiagnosticKind::UnknownNamespace>(entry.name.range(),
                                                                                entry.name.decoded());
      if (const auto near = kernel::nearest_namespace(entry.name.decoded()))
        draft.suggest(entry.name.range(), near->str());
      continue;
    }
    const auto [first, is_new] = seen.try_emplace(*kind, entry.name.range());
    if (!is_new) {
      context.diagnostics.report<DiagnosticKind::SaidTwice>(entry.name.range(), entry.name.decoded())
          .label(first->second, "first said here");
      continue;
    }
    ir::NamespaceUse& use = world.of(*kind);
    use.mode = ir::NamespaceUse::Mode::New;
    if (!entry.target) continue;
    const ScalarText target = context.expand(*entry.target);
    if (target.decoded() == "host") {
      use.mode = ir::NamespaceUse::Mode::Host;
    } else if (auto path = absolute_path(target, context.diagnostics)) {
      use = {.mode = ir::NamespaceUse::Mode::Join, .path = std::move(*path)};
    }
  }
}

std::optional<ir::IdMapRange> resolve_triple(const ScalarText& text, Diagnostics& diagnostics) {
  llvm::SmallVector<llvm::StringRef, 3> parts;
  text.decoded().split(parts, ' ', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  ir::IdMapRange range;
  const bool is_bad = parts.size() != 3 || parts[0].getAsInteger(10, range.inside) ||
                      parts[1].getAsInteger(10, range.outside) || parts[2].getAsInteger(10, range.count) ||
                      range.count == 0;
  const std::uint64_t limit = std::uint64_t{kMaxId} + 1;
  if (is_bad || std::uint64_t{range.inside} + range.count > limit ||
      std::uint64_t{range.outside} + range.count > limit) {
    diagnostics.report<DiagnosticKind::BadIdMap>(text.range(), text.decoded());
    return std::nullopt;
  }
  return range;
}

std::vector<ir::IdMapRange> resolve_id_map(const std::vector<ScalarText>& lines, Diagnostics& diagnostics) {
  std::vector<ir::IdMapRange> map;
  for (const ScalarText& line : lines) {
    const auto range = resolve_triple(line, diagnostics);
    if (!range) continue;
    const auto overlap = [](std::uint32_t a, std::uint32_t b, std::uint32_t a_count, std::uint32_t b_count) {
      return std::uint64_t{a} < std::uint64_t{b} + b_count && std::uint64_t{b} < std::uint64_t{a} + a_count;
    };
    const bool clashes = std::any_of(map.begin(), map.end(), [&](const ir::IdMapRange& other) {
      return overlap(range->inside, other.inside, range->count, other.count) ||
             overlap(range->outside, other.outside, range->count, other.count);
    });
    if (clashes) {
      diagnostics.report<DiagnosticKind::IdMapOverlap>(line.range(), line.decoded());
      continue;
    }
    map.push_back(*range);
  }
  std::sort(map.begin(), map.end(),
            [](const ir::IdMapRange& a, const ir::IdMapRange& b) { return a.inside < b.inside; });
  return map;
}

void resolve_sysctls(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world) {
  for (const grammar::SettingSyntax& setting : syntax.sysctls) {
    const auto owner = kernel::sysctl_namespace(setting.key.decoded());
    if (!owner) {
      context.diagnostics.report<DiagnosticKind::HostSysctl>(setting.key.range(), setting.key.decoded());
      continue;
    }
    if (world.of(*owner).mode == ir::NamespaceUse::Mode::Host) {
      context.diagnostics.report<DiagnosticKind::SysctlOfHostNamespace>(
          setting.key.range(), setting.key.decoded(), llvm::StringRef(kernel::info(*owner).name));
      continue;
    }
    world.sysctls.push_back({.name = setting.key.str(),
                             .value = context.expand(setting.value).str(),
                             .origin = setting.key.range()});
  }
  std::sort(world.sysctls.begin(), world.sysctls.end(),
            [](const ir::Sysctl& a, const ir::Sysctl& b) { return a.name < b.name; });
}

bool is_label_name(llvm::StringRef name) {
  return !name.empty() && name.find_if([](char byte) {
    return byte <= ' ' || byte == 0x7f || byte == '"';
  }) == llvm::StringRef::npos;
}

void resolve_labels(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world) {
  if (!syntax.labels) return;
  const auto take = [&](const std::optional<ScalarText>& text, std::string& into) {
    if (!text) return;
    const ScalarText value = context.expand(*text);
    if (is_label_name(value.decoded())) {
      into = value.str();
    } else {
      context.diagnostics.report<DiagnosticKind::BadLabel>(value.range(), value.decoded());
    }
  };
  take(syntax.labels->apparmor, world.labels.apparmor);
  if (!syntax.labels->selinux) return;
  take(syntax.labels->selinux->name, world.labels.selinux);
  take(syntax.labels->selinux->inherits, world.labels.selinux_inherits);
  take(syntax.labels->selinux->level, world.labels.selinux_level);
}

kernel::CapabilitySet resolve_capability_set(const std::optional<std::vector<grammar::RuleSyntax>>& rules,
                                             const Context& context) {
  kernel::CapabilitySet set;
  if (!rules) return set;
  for (const grammar::RuleSyntax& rule : *rules) {
    for (const ir::PolicyRule& resolved : resolve_capability_rule(rule, context)) {
      set.insert(std::get<ir::CapabilityUse>(resolved.rule.permission).capability);
    }
  }
  return set;
}

}  // namespace

void resolve_world(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world) {
  if (syntax.process) resolve_process(*syntax.process, context, world.process);
  resolve_namespaces(syntax, context, world);
  if (syntax.idmap) {
    world.uid_map = resolve_id_map(syntax.idmap->uid, context.diagnostics);
    world.gid_map = resolve_id_map(syntax.idmap->gid, context.diagnostics);
    if (world.of(kernel::Namespace::User).mode == ir::NamespaceUse::Mode::Host) {
      context.diagnostics.report<DiagnosticKind::IdMapWithoutNamespace>(syntax.idmap->range);
    }
  }
  if (syntax.capabilities) {
    world.ambient = resolve_capability_set(syntax.capabilities->ambient, context);
    world.inheritable = resolve_capability_set(syntax.capabilities->inheritable, context);
  }
  resolve_mounts(syntax, context, world);
  resolve_limits(syntax, context, world);
  resolve_sysctls(syntax, context, world);
  resolve_labels(syntax, context, world);
}

}  // namespace isola::resolve
