// One pass over the rules of the workload and of each child, then the checks that need all file rules
// together.

#include "backends/apparmor/lower.h"

#include <llvm/ADT/STLExtras.h>
#include <sys/socket.h>

#include <array>

#include "backends/apparmor/file_rules.h"
#include "backends/apparmor/labels.h"
#include "backends/apparmor/vocabulary.h"
#include "compiler/base/match.h"

namespace isola::backends::apparmor {

namespace {

Verdict verdict_of(const ir::Rule& rule) {
  return rule.effect == ir::Effect::Allow ? Verdict::Allow : Verdict::Deny;
}

// What every unix socket needs beside the operations that a policy speaks of.
constexpr UnixAccesses kUnixUpkeep{UnixAccess::Create,       UnixAccess::GetAttribute, UnixAccess::GetOption,
                                   UnixAccess::SetAttribute, UnixAccess::SetOption,    UnixAccess::Shutdown};

constexpr ir::NetworkOperations kEveryOperation{ir::NetworkOperation::Bind, ir::NetworkOperation::Accept,
                                                ir::NetworkOperation::Connect, ir::NetworkOperation::Send,
                                                ir::NetworkOperation::Receive};

// The part of the operations that is checked against the own address, and the part against the peer's.
UnixAccesses local_accesses(ir::NetworkOperations operations) {
  UnixAccesses accesses;
  if (operations.contains(ir::NetworkOperation::Bind)) accesses.insert(UnixAccess::Bind);
  if (operations.contains(ir::NetworkOperation::Accept)) {
    accesses = accesses | UnixAccesses{UnixAccess::Accept, UnixAccess::Listen};
  }
  if (operations.contains(ir::NetworkOperation::Receive)) accesses.insert(UnixAccess::Receive);
  return accesses;
}

UnixAccesses peer_accesses(ir::NetworkOperations operations) {
  UnixAccesses accesses;
  if (operations.contains(ir::NetworkOperation::Connect)) accesses.insert(UnixAccess::Connect);
  if (operations.contains(ir::NetworkOperation::Send)) accesses.insert(UnixAccess::Send);
  return accesses;
}

std::string abstract_pattern(const std::string& name) {
  const auto parsed = ir::PathPattern::parse("/" + name);
  if (const auto* pattern = std::get_if<ir::PathPattern>(&parsed))
    return "@" + pattern->text().drop_front().str();
  return "@" + escape(name);
}

// Socket types of a protocol. Source: socket(2), ip(7), sctp(7), icmp(7).
std::vector<std::string> types_of(ir::InternetProtocol protocol) {
  switch (protocol) {
    case ir::InternetProtocol::Tcp:
      return {"stream"};
    case ir::InternetProtocol::Udp:
      return {"dgram"};
    case ir::InternetProtocol::Sctp:
      return {"seqpacket", "stream"};
    case ir::InternetProtocol::Raw:
      return {"raw"};
    case ir::InternetProtocol::Icmp:
      return {"dgram"};
  }
  return {};
}

std::vector<std::string> families_of(ir::AddressPrefix::Family family) {
  switch (family) {
    case ir::AddressPrefix::Family::Any:
      return {"inet", "inet6"};
    case ir::AddressPrefix::Family::Ipv4:
      return {"inet"};
    case ir::AddressPrefix::Family::Ipv6:
      return {"inet6"};
  }
  return {};
}

// Lowers the rules of one profile: the workload's or a child's.
class RuleLowering {
 public:
  RuleLowering(const ir::Profile& profile, std::string own_label)
      : profile_(profile), own_label_(std::move(own_label)) {}

  ProfileModel model;
  FileRules files;

  void add(const ir::Rule& rule) {
    std::visit(Match{
                   [](const ir::SyscallUse&) {},  // AppArmor does not see system calls
                   [&](const ir::FileAccess& access) { add_file(access, rule); },
                   [&](const ir::DeviceAccess& access) { add_device(access, rule); },
                   [&](const ir::NetworkAccess& access) { add_network(access, rule); },
                   [&](const ir::CapabilityUse& use) { add_capability(use, verdict_of(rule)); },
                   [&](const ir::SignalUse& use) { add_signal(use, verdict_of(rule)); },
                   [&](const ir::PtraceUse& use) { add_ptrace(use, verdict_of(rule)); },
                   [&](const ir::SharedObjectUse& use) { add_shared_object(use, rule); },
                   [&](const ir::DbusUse& use) { add_dbus(use, verdict_of(rule)); },
               },
               rule.permission);
  }

 private:
  void add_file(const ir::FileAccess& access, const ir::Rule& rule) {
    FileRule file{.path = resolved_self(access.path).value_or(access.path),
                  .verdict = verdict_of(rule),
                  .owner_only = access.owner_only,
                  .accesses = accesses_of(access.modes),
                  .transition = {}};
    const bool changes_profile = file.verdict == Verdict::Allow && file.accesses.contains(Access::Execute);
    if (changes_profile && !access.child.empty()) file.transition = child_label(profile_, access.child);
    files.add(std::move(file), rule.origin, with_create(access.modes));
  }

  // Which of writing and creating were meant by a `w`.
  static WriteMeaning with_create(ir::FileModes modes) {
    return {.writes = modes.contains(ir::FileMode::Write), .creates = modes.contains(ir::FileMode::Create)};
  }

  void add_path(const ir::PathPattern& path, Accesses accesses, const ir::Rule& rule, WriteMeaning meaning) {
    if (accesses.is_empty()) return;
    FileRule file{.path = path,
                  .verdict = verdict_of(rule),
                  .owner_only = false,
                  .accesses = accesses,
                  .transition = {}};
    files.add(std::move(file), rule.origin, meaning);
  }

  void add_device(const ir::DeviceAccess& access, const ir::Rule& rule) {
    const auto* path = std::get_if<ir::PathPattern>(&access.node);
    if (path == nullptr) return;  // device numbers: not seen by AppArmor
    add_path(*path, accesses_of(access.modes), rule,
             {.writes = access.modes.contains(ir::DeviceMode::Write),
              .creates = access.modes.contains(ir::DeviceMode::Create)});
  }

  void add_shared_object(const ir::SharedObjectUse& use, const ir::Rule& rule) {
    const std::optional<ir::PathPattern> path = object_file(use);
    if (!path) return;
    add_path(*path, accesses_of(use.modes), rule,
             {.writes = use.modes.contains(ir::SharedObjectMode::Write),
              .creates = use.modes.contains(ir::SharedObjectMode::Create)});
  }

  void add_network(const ir::NetworkAccess& access, const ir::Rule& rule) {
    const Verdict verdict = verdict_of(rule);
    std::visit(
        Match{
            [&](const ir::InternetEndpoint& endpoint) { add_internet(endpoint, verdict); },
            [&](const ir::UnixEndpoint& endpoint) { add_unix(endpoint, access.operations, rule); },
            [&](const ir::FamilyEndpoint& endpoint) { add_family(endpoint, access.operations, verdict); },
        },
        access.endpoint);
  }

  void add_internet(const ir::InternetEndpoint& endpoint, Verdict verdict) {
    if (verdict == Verdict::Deny) return;  // would deny every address, port and operation
    for (const std::string& family : families_of(endpoint.address.family)) {
      for (const std::string& type : types_of(endpoint.protocol)) {
        model.networks.push_back({.family = family, .type = type, .verdict = verdict});
      }
    }
  }

  void add_unix(const ir::UnixEndpoint& endpoint, ir::NetworkOperations operations, const ir::Rule& rule) {
    const Verdict verdict = verdict_of(rule);
    const UnixAccesses local = local_accesses(operations);
    const UnixAccesses remote = peer_accesses(operations);
    if (verdict == Verdict::Allow)
      model.unix_sockets.push_back({.accesses = kUnixUpkeep, .verdict = verdict});
    switch (endpoint.kind) {
      case ir::UnixEndpoint::Kind::Any:
        add_unix_rule({.accesses = local | remote, .verdict = verdict});
        break;
      case ir::UnixEndpoint::Kind::Abstract: {
        const std::string address = abstract_pattern(endpoint.abstract_name);
        add_unix_rule({.accesses = local, .address = address, .verdict = verdict});
        add_unix_rule({.accesses = remote, .peer_address = address, .verdict = verdict});
        break;
      }
      case ir::UnixEndpoint::Kind::Path: {
        // Sockets with a path are files to AppArmor, and creating one is creating a file.
        const bool connects = !remote.is_empty() || verdict == Verdict::Allow;
        const Accesses accesses = connects ? Accesses{Access::Read, Access::Write} : Accesses{Access::Write};
        add_path(*endpoint.path, accesses, rule, {.writes = true, .creates = true});
        break;
      }
    }
  }

  void add_unix_rule(UnixRule rule) {
    if (!rule.accesses.is_empty()) model.unix_sockets.push_back(std::move(rule));
  }

  void add_family(const ir::FamilyEndpoint& endpoint, ir::NetworkOperations operations, Verdict verdict) {
    const bool is_whole = operations.contains(kEveryOperation) && !endpoint.protocol;
    if (verdict == Verdict::Deny && !is_whole) return;  // would deny more than was asked for
    const std::optional<std::string_view> family = family_name(endpoint.family);
    std::string type;
    if (endpoint.socket_type) type = type_name(*endpoint.socket_type).value_or("");
    if (!family || (endpoint.socket_type && type.empty())) return;
    if (endpoint.family == AF_UNIX) {
      model.unix_sockets.push_back({.type = type, .verdict = verdict});
    } else {
      model.networks.push_back({.family = std::string(*family), .type = type, .verdict = verdict});
    }
  }

  void add_capability(const ir::CapabilityUse& use, Verdict verdict) {
    const std::optional<std::string> name = capability_name(use.capability);
    if (!name) return;
    (verdict == Verdict::Allow ? model.capabilities : model.denied_capabilities).push_back(*name);
  }

  void add_signal(const ir::SignalUse& use, Verdict verdict) {
    SignalRule rule{.peer = peer_pattern(profile_, own_label_, use.peer),
                    .directions = use.directions,
                    .signals = {},
                    .verdict = verdict};
    for (unsigned number = 1; number <= 64 && use.signals != ~std::uint64_t{0}; ++number) {
      if ((use.signals >> (number - 1)) & 1) rule.signals.push_back(signal_name(number));
    }
    model.signals.push_back(std::move(rule));
  }

  void add_ptrace(const ir::PtraceUse& use, Verdict verdict) {
    const bool sends = use.direction == ir::Direction::Send;
    PtraceAccesses accesses;
    if (use.modes.contains(ir::PtraceMode::Read))
      accesses.insert(sends ? PtraceAccess::Read : PtraceAccess::ReadBy);
    if (use.modes.contains(ir::PtraceMode::Trace))
      accesses.insert(sends ? PtraceAccess::Trace : PtraceAccess::TracedBy);
    model.ptraces.push_back(
        {.peer = peer_pattern(profile_, own_label_, use.peer), .accesses = accesses, .verdict = verdict});
  }

  void add_dbus(const ir::DbusUse& use, Verdict verdict) {
    constexpr std::array<const char*, 3> kOperations = {"send", "receive", "bind"};
    const bool owns = use.operation == ir::DbusUse::Operation::Own;  // a name has no path and no members
    model.dbus.push_back({.operation = kOperations[static_cast<std::size_t>(use.operation)],
                          .bus = use.bus == ir::DbusUse::Bus::Session ? "session" : "system",
                          .name = escape(use.name),
                          .path = owns ? "" : escape(use.path),
                          .interface = owns ? "" : escape(use.interface),
                          .member = owns ? "" : escape(use.member),
                          .verdict = verdict});
  }

  const ir::Profile& profile_;  // outlives the lowering
  std::string own_label_;
};

template <typename Item>
void sort_unique(std::vector<Item>& items) {
  llvm::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

// Rules of one profile, complete but for what depends on other profiles.
ProfileModel lower_rules(const ir::Profile& profile, llvm::ArrayRef<ir::Rule> rules, std::string name,
                         std::string label, Diagnostics& diagnostics) {
  RuleLowering lowering(profile, std::move(label));
  for (const ir::Rule& rule : rules) lowering.add(rule);
  ProfileModel model = std::move(lowering.model);
  model.name = std::move(name);
  model.files = lowering.files.settle(diagnostics);
  sort_unique(model.capabilities);
  sort_unique(model.denied_capabilities);
  // mount(2) needs the capability; a profile without it says no once more, and in the log only once.
  model.mounts = llvm::is_contained(model.capabilities, "sys_admin") ? MountMediation::AllowAll
                                                                     : MountMediation::DenyAll;
  return model;
}

// One rule for what differs only in its direction.
void merge_directions(std::vector<SignalRule>& rules) {
  std::vector<SignalRule> merged;
  for (SignalRule& rule : rules) {
    const auto same = llvm::find_if(merged, [&](const SignalRule& other) {
      return other.peer == rule.peer && other.signals == rule.signals && other.verdict == rule.verdict;
    });
    if (same == merged.end()) {
      merged.push_back(std::move(rule));
    } else {
      same->directions = same->directions | rule.directions;
    }
  }
  rules = std::move(merged);
}

void sort_rules(ProfileModel& model) {
  merge_directions(model.signals);
  sort_unique(model.resources);
  sort_unique(model.networks);
  sort_unique(model.unix_sockets);
  sort_unique(model.signals);
  sort_unique(model.ptraces);
  sort_unique(model.dbus);
}

// A stacked child is judged by its parent's rules too: what it may do to itself, the parent must be able to
// do to it.
template <typename Rule>
void share_own_peers(const std::vector<Rule>& child, const std::string& label, std::vector<Rule>& parent) {
  for (const Rule& rule : child) {
    if (rule.verdict == Verdict::Allow && rule.peer == escape(label)) parent.push_back(rule);
  }
}

}  // namespace

ProfileModel lower(const ir::Profile& profile, Diagnostics& diagnostics) {
  const std::string name = profile_name(profile);
  ProfileModel model = lower_rules(profile, profile.rules, name, name, diagnostics);
  for (const ir::ResourceLimit& limit : profile.world.resource_limits) {
    if (std::optional<ResourceRule> rule = resource_rule(limit)) model.resources.push_back(*std::move(rule));
  }
  for (const ir::ChildProfile& child : profile.children) {
    const std::string label = child_label(profile, child.name);
    ProfileModel lowered = lower_rules(profile, child.rules, child.name, label, diagnostics);
    if (profile.world.process.no_new_privileges) {
      share_own_peers(lowered.signals, label, model.signals);
      share_own_peers(lowered.ptraces, label, model.ptraces);
    }
    sort_rules(lowered);
    model.children.push_back(std::move(lowered));
  }
  sort_rules(model);
  return model;
}

}  // namespace isola::backends::apparmor
