// The claims of capabilities.cpp as a property: random profiles are emitted, and the text is asked what
// decide is asked. A rule that is Exact must agree, a Wider one may only allow more, a Narrower one only
// less; of a denying rule it is the other way round.

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <random>

#include "backends/apparmor/capabilities.h"
#include "backends/apparmor/emit.h"
#include "backends/apparmor/lower.h"
#include "backends/apparmor/readback.h"
#include "backends/apparmor/tests/profile_builder.h"
#include "compiler/base/match.h"
#include "compiler/ir/dump.h"
#include "compiler/ir/flatten.h"
#include "tests/support/apparmor_parser.h"

using namespace isola;
using namespace isola::backends;
using namespace isola::backends::apparmor;

namespace {

constexpr unsigned kSeed = 30812;

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  bool coin(unsigned one_in) { return random_() % one_in == 0; }

  template <typename Item>
  Item pick(std::initializer_list<Item> items) {
    return *(items.begin() + random_() % items.size());
  }

  template <typename Mode>
  ir::ModeSet<Mode> modes(unsigned count) {
    ir::ModeSet<Mode> chosen;
    while (chosen.is_empty()) {
      for (unsigned index = 0; index < count; ++index) {
        if (coin(3)) chosen.insert(static_cast<Mode>(index));
      }
    }
    return chosen;
  }

  ir::Peer peer() {
    return pick<ir::Peer>({{.kind = ir::Peer::Kind::Any, .name = {}},
                           {.kind = ir::Peer::Kind::Self, .name = {}},
                           {.kind = ir::Peer::Kind::Engine, .name = {}},
                           {.kind = ir::Peer::Kind::Child, .name = "helper"},
                           {.kind = ir::Peer::Kind::Label, .name = "other{,}"}});
  }

  ir::Direction direction() { return pick({ir::Direction::Send, ir::Direction::Receive}); }

  std::string path() {
    return pick({"/a", "/b", "/a/", "/a/b", "/a/b/c", "/a/.x", "/dev/shm/q", "/dev/shm/sem.q", "/ab, \"c"});
  }

  const char* path_pattern() {
    return pick({"/a", "/b", "/a/", "/a/*", "/a/**", "/{a,b}", "/a{,/**}", "/**", "/a/?", "/[ab]/b",
                 "/dev/shm/*", "/ab, \"c"});
  }

  ir::Permission permission(unsigned kind) {
    switch (kind) {
      case 0: {
        ir::FileAccess access = file(path_pattern(), modes<ir::FileMode>(ir::kFileModeCount));
        access.owner_only = coin(4);
        return access;
      }
      case 1:
        return device(path_pattern(), modes<ir::DeviceMode>(3));
      case 2:
        return ir::NetworkAccess{.operations = coin(2) ? kAllOperations : modes<ir::NetworkOperation>(5),
                                 .endpoint = endpoint(false)};
      case 3:
        return ir::CapabilityUse{static_cast<kernel::Capability>(random_() % kernel::kCapabilityCount)};
      case 4:
        return signal_use(modes<ir::Direction>(2), coin(3) ? ~std::uint64_t{0} : random_() | 1, peer());
      case 5:
        return ptrace_use(modes<ir::PtraceMode>(2), direction(), peer());
      case 6: {
        ir::SharedObjectUse use =
            shared_object(pick({ir::SharedObjectUse::Kind::Memory, ir::SharedObjectUse::Kind::Semaphore}),
                          pick({"/q", "/*"}));
        use.modes = modes<ir::SharedObjectMode>(3);
        return use;
      }
      default:
        return dbus(true);
    }
  }

  ir::DbusUse dbus(bool may_be_open) {
    const auto part = [&](const char* text) { return may_be_open && coin(2) ? "" : text; };
    return {.operation = pick(
                {ir::DbusUse::Operation::Send, ir::DbusUse::Operation::Receive, ir::DbusUse::Operation::Own}),
            .bus = pick({ir::DbusUse::Bus::Session, ir::DbusUse::Bus::System}),
            .name = pick({"org.a", "org.b"}),
            .path = part("/a"),
            .interface = part(pick({"i.a", "i.*"})),
            .member = part("M")};
  }

  ir::Endpoint endpoint(bool concrete) {
    switch (random_() % 4) {
      case 0: {
        ir::InternetEndpoint internet{
            .protocol = static_cast<ir::InternetProtocol>(random_() % 5), .address = {}, .ports = {}};
        internet.address.family =
            concrete || coin(2) ? ir::AddressPrefix::Family::Ipv4 : ir::AddressPrefix::Family::Any;
        if (concrete) internet.address.length = 32;
        if (concrete || coin(2)) internet.ports = {80, 80};
        return internet;
      }
      case 1:
        return unix_path(concrete ? pick({"/a", "/a/b"}) : path_pattern()).endpoint;
      case 2:
        return unix_abstract(concrete ? pick({"n", "nn"}) : pick({"n", "n*", "?"}), {}).endpoint;
      default: {
        const auto number = static_cast<std::uint16_t>(pick({AF_NETLINK, AF_ALG, AF_VSOCK, 12, 45}));
        const std::optional<std::uint32_t> type =
            coin(2) ? std::nullopt : std::optional<std::uint32_t>(pick({SOCK_RAW, SOCK_DGRAM}));
        return ir::FamilyEndpoint{.family = number, .socket_type = type, .protocol = std::nullopt};
      }
    }
  }

  ir::Request request(unsigned kind) {
    switch (kind) {
      case 0:
      case 1:
        return {
            .child = {},
            .operation = ir::FileRequest{
                .path = path(), .modes = {static_cast<ir::FileMode>(random_() % 8)}, .is_owner = coin(2)}};
      case 2:
        return {.child = {},
                .operation = ir::NetworkRequest{.operation = static_cast<ir::NetworkOperation>(random_() % 5),
                                                .endpoint = endpoint(true)}};
      case 3:
        return {.child = {},
                .operation = ir::CapabilityRequest{
                    static_cast<kernel::Capability>(random_() % kernel::kCapabilityCount)}};
      case 4:
        return {
            .child = {},
            .operation = ir::SignalRequest{
                .direction = direction(), .signal = static_cast<int>(1 + random_() % 64), .peer = peer()}};
      case 5:
        return {.child = {},
                .operation = ir::PtraceRequest{.mode = pick({ir::PtraceMode::Read, ir::PtraceMode::Trace}),
                                               .direction = direction(),
                                               .peer = peer()}};
      case 6:
        return {.child = {},
                .operation = ir::SharedObjectRequest{
                    .kind = pick({ir::SharedObjectUse::Kind::Memory, ir::SharedObjectUse::Kind::Semaphore}),
                    .flavour = ir::SharedObjectUse::Flavour::Posix,
                    .mode = static_cast<ir::SharedObjectMode>(random_() % 3),
                    .name = pick({"/q", "/r"})}};
      default:
        return {.child = {}, .operation = ir::DbusRequest{dbus(false)}};
    }
  }

  // Rules of a few kinds; several of one kind, so that they meet.
  ir::Profile profile(unsigned kind) {
    ir::Profile profile = profile_with({});
    for (unsigned count = 1 + random_() % 5; count > 0; --count) {
      const unsigned of_kind = coin(3) ? random_() % 8 : kind;
      ir::Permission one = permission(of_kind);
      profile.rules.push_back(coin(4) ? deny(std::move(one)) : allow(std::move(one)));
    }
    profile.rules.push_back(allow(file("/bin/helper", {ir::FileMode::Execute, ir::FileMode::Map}, "helper")));
    profile.children.push_back({.name = "helper", .rules = {}});
    return profile;
  }

 private:
  std::mt19937 random_;
};

// The path that a request is about, if it is about one: sockets and POSIX objects can be files.
std::optional<std::string> path_of(const ir::Request& request) {
  if (const auto* file = std::get_if<ir::FileRequest>(&request.operation)) return file->path;
  if (const auto* object = std::get_if<ir::SharedObjectRequest>(&request.operation)) {
    const bool is_memory = object->kind == ir::SharedObjectUse::Kind::Memory;
    return (is_memory ? "/dev/shm/" : "/dev/shm/sem.") + object->name.substr(1);
  }
  const auto* network = std::get_if<ir::NetworkRequest>(&request.operation);
  const auto* socket = network == nullptr ? nullptr : std::get_if<ir::UnixEndpoint>(&network->endpoint);
  if (socket == nullptr || !socket->path) return std::nullopt;
  return socket->path->literal_prefix().str();
}

std::optional<ir::PathPattern> pattern_of(const ir::Permission& permission) {
  using Found = std::optional<ir::PathPattern>;
  return std::visit(
      Match{[](const ir::FileAccess& access) -> Found { return access.path; },
            [](const ir::DeviceAccess& access) -> Found { return std::get<ir::PathPattern>(access.node); },
            [](const ir::SharedObjectUse& use) -> Found {
              const bool is_memory = use.kind == ir::SharedObjectUse::Kind::Memory;
              return ir::PathPattern::below(is_memory ? "/dev/shm/" : "/dev/shm/sem.", *use.name);
            },
            [](const ir::NetworkAccess& access) -> Found {
              const auto* socket = std::get_if<ir::UnixEndpoint>(&access.endpoint);
              return socket == nullptr ? std::nullopt : socket->path;
            },
            [](const auto&) -> Found { return std::nullopt; }},
      permission);
}

bool is_of_its_section(const ir::Permission& permission, const ir::Request& request) {
  return std::visit(
      Match{
          [&](const ir::FileRequest&) {
            return std::holds_alternative<ir::FileAccess>(permission) ||
                   std::holds_alternative<ir::DeviceAccess>(permission);
          },
          [&](const ir::SharedObjectRequest&) {
            return std::holds_alternative<ir::SharedObjectUse>(permission);
          },
          [&](const ir::NetworkRequest&) { return std::holds_alternative<ir::NetworkAccess>(permission); },
          [&](const ir::CapabilityRequest&) { return std::holds_alternative<ir::CapabilityUse>(permission); },
          [&](const ir::SignalRequest&) { return std::holds_alternative<ir::SignalUse>(permission); },
          [&](const ir::PtraceRequest&) { return std::holds_alternative<ir::PtraceUse>(permission); },
          [&](const ir::DbusRequest&) { return std::holds_alternative<ir::DbusUse>(permission); },
          [](const auto&) { return false; }},
      request.operation);
}

// Whether the target may hold the rule against the request, and then whether only because both are about one
// path.
enum class Bearing { None, Foreign, Own };

Bearing bearing_of(const ir::Permission& permission, const ir::Request& request) {
  const std::optional<ir::PathPattern> pattern = pattern_of(permission);
  const std::optional<std::string> path = path_of(request);
  if (pattern && path && !pattern->matches(*path)) return Bearing::None;
  if (is_of_its_section(permission, request)) return Bearing::Own;
  return pattern && path ? Bearing::Foreign : Bearing::None;
}

// What the claims leave open for a request: more, less, both or neither.
struct Tolerance {
  bool more = false, less = false;
};

Tolerance tolerance_for(const ir::Profile& profile, const ir::Request& request) {
  Tolerance tolerance;
  for (const ir::Rule& rule : profile.rules) {
    const Bearing bearing = bearing_of(rule.permission, request);
    if (bearing == Bearing::None) continue;
    const bool allows = rule.effect == ir::Effect::Allow;
    const ir::Fidelity fidelity = claim(rule.permission).fidelity;
    if (fidelity == ir::Fidelity::Wider || bearing == Bearing::Foreign)
      (allows ? tolerance.more : tolerance.less) = true;
    if (fidelity == ir::Fidelity::Narrower) (allows ? tolerance.less : tolerance.more) = true;
    // A deny of what the target has no word for is left out.
    const bool is_network = std::holds_alternative<ir::NetworkAccess>(rule.permission);
    if (!allows && is_network && fidelity != ir::Fidelity::Exact) tolerance.more = true;
  }
  return tolerance;
}

constexpr ir::Judges kJudges{ir::Judge::Files, ir::Judge::Devices, ir::Judge::Network, ir::Judge::Ipc,
                             ir::Judge::Capabilities};

}  // namespace

TEST_CASE("apparmor: the emitted text answers as the claims say") {
  MESSAGE("seed " << kSeed);
  Generator generator(kSeed);
  int exact = 0;
  for (int round = 0; round < 3000; ++round) {
    const unsigned kind = static_cast<unsigned>(round % 8);
    const ir::Profile profile = generator.profile(kind);
    Diagnostics diagnostics;
    const Artifact artifact{.name = "web.apparmor", .bytes = emit(lower(profile, diagnostics))};
    for (int question = 0; question < 12; ++question) {
      const ir::Request request = generator.request(kind);
      const bool expected = ir::decide(profile, request, kJudges).effect == ir::Effect::Allow;
      const auto decision = readback(artifact, request);
      REQUIRE(decision);
      const bool actual = decision->effect == ir::Effect::Allow;
      const Tolerance tolerance = tolerance_for(profile, request);
      exact += !tolerance.more && !tolerance.less;
      const bool agrees = actual == expected || (actual && tolerance.more) || (!actual && tolerance.less);
      if (!agrees)
        FAIL(ir::to_text(request) << ": decide " << expected << ", text " << actual << "\n"
                                  << ir::dump(profile) << artifact.bytes);
    }
  }
  CHECK(exact > 8000);
}

TEST_CASE("apparmor: the parser accepts what is emitted") {
  MESSAGE("seed " << kSeed);
  Generator generator(kSeed + 1);
  for (int round = 0; round < 120; ++round) {
    const ir::Profile profile = generator.profile(static_cast<unsigned>(round % 8));
    Diagnostics diagnostics;
    const std::string text = emit(lower(profile, diagnostics));
    const tests::ParserRun run = tests::run_apparmor_parser(text);
    CAPTURE(text);
    CAPTURE(run.messages);
    CHECK((run.accepted || diagnostics.has_errors()));
  }
}
