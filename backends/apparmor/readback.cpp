// Each rule type has one question: does this rule speak of the request? Then deny wins, in AppArmor as in the
// IR.

#include "backends/apparmor/readback.h"

#include <llvm/ADT/STLExtras.h>
#include <sys/socket.h>

#include <cerrno>

#include "backends/apparmor/profile_text.h"
#include "backends/apparmor/vocabulary.h"
#include "compiler/base/match.h"
#include "compiler/ir/pattern_comparer.h"

namespace isola::backends::apparmor {

namespace {

// ---- weighing

enum class Answer { Allowed, Denied, NotGranted };

// Deny when some denying rule speaks of it, allow when some allowing rule does.
template <typename Speaks>
Answer weigh(const TextProfile& profile, const Speaks& speaks) {
  const auto any = [&](bool denies) {
    return llvm::any_of(profile.rules,
                        [&](const TextRule& rule) { return rule.denies == denies && speaks(rule); });
  };
  if (any(true)) return Answer::Denied;
  return any(false) ? Answer::Allowed : Answer::NotGranted;
}

Answer both(Answer first, Answer second) {
  if (first == Answer::Denied || second == Answer::Denied) return Answer::Denied;
  return first == Answer::Allowed ? second : first;
}

// ---- words

const std::string* single(const Conditions& conditions, const std::string& key) {
  const auto found = conditions.find(key);
  return found == conditions.end() || found->second.empty() ? nullptr : &found->second.front();
}

// A condition that is missing holds; one that is there holds for its own text.
bool condition_holds(const Conditions& conditions, const std::string& key, llvm::StringRef value) {
  const std::string* text = single(conditions, key);
  return text == nullptr || unescape(*text) == value;
}

// A label, or several in one pair of braces.
bool label_matches(llvm::StringRef pattern, llvm::StringRef label) {
  if (!pattern.consume_front("{") || !pattern.consume_back("}")) return unescape(pattern) == label;
  llvm::SmallVector<llvm::StringRef, 4> choices;
  pattern.split(choices, ',');
  return llvm::any_of(choices, [&](llvm::StringRef choice) { return unescape(choice) == label; });
}

bool lists(const std::vector<std::string>& items, llvm::StringRef item) {
  return items.empty() || llvm::is_contained(items, item);
}

// ---- files

bool grants_letter(llvm::StringRef letters, ir::FileMode mode, bool denies) {
  switch (mode) {
    case ir::FileMode::Read:
      return letters.contains('r');
    case ir::FileMode::Write:
    case ir::FileMode::Create:
      return letters.contains('w');
    case ir::FileMode::Append:
      return letters.contains('a') || letters.contains('w');
    case ir::FileMode::Map:
      return letters.contains('m') || (!denies && letters.contains("ix"));
    case ir::FileMode::Execute:
      return letters.contains('x');
    case ir::FileMode::Lock:
      return letters.contains('k');
    case ir::FileMode::Link:
      return letters.contains('l');
  }
  return false;
}

bool path_matches(const TextRule& rule, llvm::StringRef path) {
  const auto pattern = ir::PathPattern::parse(rule.path);
  const auto* parsed = std::get_if<ir::PathPattern>(&pattern);
  return parsed != nullptr && parsed->matches(path);
}

// What the kernel asks about: /proc/self is a link to the process's own number.
std::string resolved(llvm::StringRef path) {
  return path.consume_front("/proc/self/") ? "/proc/1/" + path.str() : path.str();
}

Answer judge_file(const TextProfile& profile, const ir::FileRequest& request) {
  const std::string path = resolved(request.path);
  Answer answer = Answer::Allowed;
  for (std::size_t index = 0; index < ir::kFileModeCount; ++index) {
    const auto mode = static_cast<ir::FileMode>(index);
    if (!request.modes.contains(mode)) continue;
    answer = both(answer, weigh(profile, [&](const TextRule& rule) {
                    return rule.kind == "file" && (!rule.owner_only || request.is_owner) &&
                           grants_letter(rule.letters, mode, rule.denies) && path_matches(rule, path);
                  }));
  }
  return answer;
}

std::optional<Answer> judge_object(const TextProfile& profile, const ir::SharedObjectRequest& request) {
  ir::SharedObjectUse use{.kind = request.kind, .flavour = request.flavour, .modes = {}, .name = {}};
  if (!request.name.empty()) use.name = ir::PathPattern::literal(request.name);
  const std::optional<ir::PathPattern> file = object_file(use);
  if (!file) return std::nullopt;
  const char letter = request.mode == ir::SharedObjectMode::Read ? 'r' : 'w';
  return weigh(profile, [&](const TextRule& rule) {
    if (rule.kind != "file" || rule.owner_only || !llvm::StringRef(rule.letters).contains(letter))
      return false;
    const auto pattern = ir::PathPattern::parse(rule.path);
    const auto* parsed = std::get_if<ir::PathPattern>(&pattern);
    if (parsed == nullptr) return false;
    return rule.denies ? ir::patterns_overlap(*parsed, *file) : ir::pattern_contains(*parsed, *file);
  });
}

// ---- network

bool network_rule_speaks(const TextRule& rule, llvm::StringRef family, llvm::StringRef type) {
  if (rule.kind != "network") return false;
  if (!rule.words.empty() && family != rule.words[0]) return false;
  return rule.words.size() < 2 || type == rule.words[1];
}

Answer judge_internet(const TextProfile& profile, const ir::InternetEndpoint& endpoint) {
  const char* type = endpoint.protocol == ir::InternetProtocol::Raw ? "raw" : "stream";
  const bool is_datagram =
      endpoint.protocol == ir::InternetProtocol::Udp || endpoint.protocol == ir::InternetProtocol::Icmp;
  if (is_datagram) type = "dgram";
  Answer answer = Answer::Allowed;
  for (const char* family : {"inet", "inet6"}) {
    const bool is_v6 = llvm::StringRef(family) == "inet6";
    const auto other = is_v6 ? ir::AddressPrefix::Family::Ipv4 : ir::AddressPrefix::Family::Ipv6;
    if (endpoint.address.family == other) continue;
    answer =
        both(answer,
             weigh(profile, [&](const TextRule& rule) { return network_rule_speaks(rule, family, type); }));
  }
  return answer;
}

std::vector<const char*> unix_words(ir::NetworkOperation operation) {
  switch (operation) {
    case ir::NetworkOperation::Bind:
      return {"bind"};
    case ir::NetworkOperation::Accept:
      return {"listen", "accept"};
    case ir::NetworkOperation::Connect:
      return {"connect"};
    case ir::NetworkOperation::Send:
      return {"send"};
    case ir::NetworkOperation::Receive:
      return {"receive"};
  }
  return {};
}

// The name in the address condition that is about the named end; empty when the rule has none.
const std::string* address_of(const TextRule& rule, ir::NetworkOperation operation) {
  const bool is_remote =
      operation == ir::NetworkOperation::Connect || operation == ir::NetworkOperation::Send;
  return is_remote ? single(rule.peer, "addr") : single(rule.conditions, "addr");
}

bool abstract_name_matches(llvm::StringRef pattern, llvm::StringRef name) {
  const auto wide = ir::PathPattern::parse("/" + pattern.drop_front().str());
  const auto narrow = ir::PathPattern::parse("/" + name.str());
  const auto* outer = std::get_if<ir::PathPattern>(&wide);
  const auto* inner = std::get_if<ir::PathPattern>(&narrow);
  return outer != nullptr && inner != nullptr && ir::pattern_contains(*outer, *inner);
}

Answer judge_unix(const TextProfile& profile, const ir::UnixEndpoint& endpoint,
                  ir::NetworkOperation operation) {
  const auto speaks_of_address = [&](const TextRule& rule) {
    const std::string* address = address_of(rule, operation);
    if (address == nullptr) return true;
    return endpoint.kind == ir::UnixEndpoint::Kind::Abstract &&
           abstract_name_matches(*address, endpoint.abstract_name);
  };
  Answer answer = Answer::Allowed;
  if (endpoint.kind == ir::UnixEndpoint::Kind::Path) {
    const std::string path = endpoint.path->literal_prefix().str();
    return judge_file(profile,
                      {.path = path, .modes = {ir::FileMode::Read, ir::FileMode::Write}, .is_owner = false});
  }
  for (const char* word : unix_words(operation)) {
    answer = both(answer, weigh(profile, [&](const TextRule& rule) {
                    return rule.kind == "unix" && lists(rule.accesses, word) &&
                           !single(rule.conditions, "type") && speaks_of_address(rule);
                  }));
  }
  return answer;
}

Answer judge_family(const TextProfile& profile, const ir::FamilyEndpoint& endpoint) {
  const std::string family(family_name(endpoint.family).value_or("none"));
  const std::string type =
      endpoint.socket_type ? std::string(type_name(*endpoint.socket_type).value_or("none")) : "";
  return weigh(profile, [&](const TextRule& rule) {
    if (rule.kind == "unix") {
      const std::string* only = single(rule.conditions, "type");
      return family == "unix" && rule.accesses.empty() && rule.peer.empty() &&
             (only == nullptr || *only == type) && single(rule.conditions, "addr") == nullptr;
    }
    const bool limits_type = rule.words.size() > 1;
    if (type.empty() && limits_type) return rule.denies && network_rule_speaks(rule, family, rule.words[1]);
    return network_rule_speaks(rule, family, type);
  });
}

Answer judge_network(const TextProfile& profile, const ir::NetworkRequest& request) {
  return std::visit(
      Match{
          [&](const ir::InternetEndpoint& endpoint) { return judge_internet(profile, endpoint); },
          [&](const ir::UnixEndpoint& endpoint) { return judge_unix(profile, endpoint, request.operation); },
          [&](const ir::FamilyEndpoint& endpoint) { return judge_family(profile, endpoint); },
      },
      request.endpoint);
}

// ---- peers

// The labels that the peer of a request may have; all of them must be allowed. None: it may have any.
std::vector<std::string> labels_of(const ir::Peer& peer, const std::string& profile, const std::string& own,
                                   bool stacks) {
  switch (peer.kind) {
    case ir::Peer::Kind::Any:
      return {};
    case ir::Peer::Kind::Self:
      return {own};
    case ir::Peer::Kind::Engine:
      return {"crun", "runc", "unconfined"};
    case ir::Peer::Kind::Child:
      return {(stacks ? profile + "//&" : "") + profile + "//" + peer.name};
    case ir::Peer::Kind::Label:
      return {peer.name};
  }
  return {};
}

template <typename Speaks>
Answer weigh_peers(const TextProfile& profile, const std::vector<std::string>& labels, const Speaks& speaks) {
  if (labels.empty()) {
    return weigh(profile, [&](const TextRule& rule) {
      return speaks(rule) && (rule.denies || single(rule.conditions, "peer") == nullptr);
    });
  }
  Answer answer = Answer::Allowed;
  for (const std::string& label : labels) {
    answer = both(answer, weigh(profile, [&](const TextRule& rule) {
                    const std::string* pattern = single(rule.conditions, "peer");
                    return speaks(rule) && (pattern == nullptr || label_matches(*pattern, label));
                  }));
  }
  return answer;
}

Answer judge_signal(const TextProfile& profile, const ir::SignalRequest& request,
                    const std::vector<std::string>& labels) {
  const char* direction = request.direction == ir::Direction::Send ? "send" : "receive";
  const std::string name = signal_name(static_cast<unsigned>(request.signal));
  return weigh_peers(profile, labels, [&](const TextRule& rule) {
    const auto set = rule.conditions.find("set");
    return rule.kind == "signal" && lists(rule.accesses, direction) &&
           (set == rule.conditions.end() || llvm::is_contained(set->second, name));
  });
}

Answer judge_ptrace(const TextProfile& profile, const ir::PtraceRequest& request,
                    const std::vector<std::string>& labels) {
  const bool sends = request.direction == ir::Direction::Send;
  const char* access =
      request.mode == ir::PtraceMode::Read ? (sends ? "read" : "readby") : (sends ? "trace" : "tracedby");
  return weigh_peers(profile, labels, [&](const TextRule& rule) {
    return rule.kind == "ptrace" && lists(rule.accesses, access);
  });
}

Answer judge_dbus(const TextProfile& profile, const ir::DbusUse& use) {
  const bool owns = use.operation == ir::DbusUse::Operation::Own;
  const char* word = owns ? "bind" : use.operation == ir::DbusUse::Operation::Send ? "send" : "receive";
  const char* bus = use.bus == ir::DbusUse::Bus::Session ? "session" : "system";
  return weigh(profile, [&](const TextRule& rule) {
    return rule.kind == "dbus" && llvm::is_contained(rule.words, word) &&
           condition_holds(rule.conditions, "bus", bus) &&
           condition_holds(owns ? rule.conditions : rule.peer, "name", use.name) &&
           condition_holds(rule.conditions, "path", use.path) &&
           condition_holds(rule.conditions, "interface", use.interface) &&
           condition_holds(rule.conditions, "member", use.member);
  });
}

// ---- all of it

struct Subject {
  std::string profile, own_label;
  bool stacks = false;  // children are stacked on their parent
};

using Judgement = std::optional<std::pair<ir::Judge, Answer>>;

Judgement judge(const TextProfile& profile, const Subject& subject, const ir::Request& request) {
  const auto labels = [&](const ir::Peer& peer) {
    return labels_of(peer, subject.profile, subject.own_label, subject.stacks);
  };
  const auto say = [](ir::Judge judge, Answer answer) -> Judgement { return std::pair(judge, answer); };
  return std::visit(
      Match{
          [](const ir::SyscallRequest&) -> Judgement { return std::nullopt; },
          [&](const ir::FileRequest& file) { return say(ir::Judge::Files, judge_file(profile, file)); },
          [](const ir::DeviceRequest&) -> Judgement { return std::nullopt; },
          [&](const ir::NetworkRequest& network) {
            return say(ir::Judge::Network, judge_network(profile, network));
          },
          [&](const ir::CapabilityRequest& use) {
            const std::string name = kernel::name(use.capability).drop_front(4).lower();
            return say(ir::Judge::Capabilities, weigh(profile, [&](const TextRule& rule) {
                         return rule.kind == "capability" && lists(rule.words, name);
                       }));
          },
          [&](const ir::SignalRequest& signal) {
            return say(ir::Judge::Ipc, judge_signal(profile, signal, labels(signal.peer)));
          },
          [&](const ir::PtraceRequest& ptrace) {
            return say(ir::Judge::Ipc, judge_ptrace(profile, ptrace, labels(ptrace.peer)));
          },
          [&](const ir::SharedObjectRequest& object) -> Judgement {
            const std::optional<Answer> answer = judge_object(profile, object);
            return answer ? say(ir::Judge::Ipc, *answer) : std::nullopt;
          },
          [&](const ir::DbusRequest& dbus) { return say(ir::Judge::Ipc, judge_dbus(profile, dbus.use)); },
          [&](const ir::MountRequest&) {
            return say(ir::Judge::Capabilities,
                       weigh(profile, [](const TextRule& rule) { return rule.kind == "mount"; }));
          },
          [](const ir::UnshareRequest&) -> Judgement { return std::nullopt; },
      },
      request.operation);
}

ir::Decision decision_of(ir::Judge judge, Answer answer) {
  const bool is_capability = judge == ir::Judge::Capabilities;
  ir::Decision decision{.effect = ir::Effect::Allow,
                        .action = {},
                        .judge = judge,
                        .reason = ir::Reason::RuleAllows,
                        .because = nullptr,
                        .origin = {}};
  if (answer == Answer::Allowed) return decision;
  decision.effect = ir::Effect::Deny;
  decision.action = {.kind = ir::SyscallAction::Kind::Errno,
                     .value = static_cast<std::uint16_t>(is_capability ? EPERM : EACCES)};
  decision.reason = answer == Answer::Denied ? ir::Reason::RuleDenies : ir::Reason::NothingGrants;
  return decision;
}

// Whether programs that lead to a child stack it: `px -> parent//&parent//child`.
bool stacks_children(const TextProfile& profile) {
  return llvm::any_of(profile.rules,
                      [](const TextRule& rule) { return llvm::StringRef(rule.target).contains("//&"); });
}

}  // namespace

std::optional<ir::Decision> readback(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request) {
  if (artifacts.size() != 1) return std::nullopt;
  const std::optional<TextProfile> parent = read_profile_text(artifacts.front().bytes);
  if (!parent) return std::nullopt;
  Subject subject{.profile = parent->name, .own_label = parent->name, .stacks = stacks_children(*parent)};
  if (request.child.empty()) {
    const Judgement judgement = judge(*parent, subject, request);
    return judgement ? std::optional(decision_of(judgement->first, judgement->second)) : std::nullopt;
  }
  const auto child =
      llvm::find_if(parent->children, [&](const TextProfile& one) { return one.name == request.child; });
  if (child == parent->children.end()) return std::nullopt;
  subject.own_label = (subject.stacks ? parent->name + "//&" : "") + parent->name + "//" + child->name;
  Judgement judgement = judge(*child, subject, request);
  if (judgement && subject.stacks) {
    const Judgement above = judge(*parent, subject, request);
    judgement->second = both(judgement->second, above->second);
  }
  return judgement ? std::optional(decision_of(judgement->first, judgement->second)) : std::nullopt;
}

}  // namespace isola::backends::apparmor
