#include <doctest/doctest.h>
#include <sys/socket.h>

#include "backends/apparmor/capabilities.h"
#include "backends/apparmor/emit.h"
#include "backends/apparmor/lower.h"
#include "backends/apparmor/profile_text.h"
#include "backends/apparmor/readback.h"
#include "backends/apparmor/tests/profile_builder.h"
#include "tests/support/apparmor_parser.h"

using namespace isola;
using namespace isola::backends;
using namespace isola::backends::apparmor;

namespace {

// The lines of the profile's body, one blank between two rules.
std::string rules_of(const ir::Profile& profile) {
  Diagnostics diagnostics;
  llvm::SmallVector<llvm::StringRef, 16> lines;
  const std::string text = emit(lower(profile, diagnostics));
  llvm::StringRef(text).split(lines, '\n', -1, false);
  std::string rules;
  for (llvm::StringRef line : llvm::ArrayRef(lines).drop_front(3).drop_back()) {
    line = line.trim();
    if (line != "deny mount,") rules += (rules.empty() ? "" : " ") + line.str();
  }
  return rules;
}

}  // namespace

TEST_CASE("apparmor: each kind of permission has its rule") {
  struct Row {
    ir::Permission permission;
    const char* rule;
  };
  const Row rows[] = {
      {file("/etc/passwd", {ir::FileMode::Read}), "/etc/passwd r,"},
      {file("/a b/\"c\\\\", {ir::FileMode::Read}), "\"/a b/\\042c\\134\" r,"},
      {file("/a,", {ir::FileMode::Lock}), "\"/a,\" k,"},
      {file("/proc/self/{stat,smaps}", {ir::FileMode::Read}), "/proc/[0-9]*/{smaps,stat} r,"},
      {file("/log/*", {ir::FileMode::Append}), "/log/* a,"},
      {file("/log/*", {ir::FileMode::Append, ir::FileMode::Write}), "/log/* w,"},
      {file("/bin/x", {ir::FileMode::Read, ir::FileMode::Map, ir::FileMode::Execute}), "/bin/x rmix,"},
      {file("/bin/x", {ir::FileMode::Execute}, "helper"), "/bin/x px -> web//&web//helper,"},
      {ir::CapabilityUse{kernel::Capability::NetBindService}, "capability net_bind_service,"},
      {ir::CapabilityUse{kernel::Capability::CheckpointRestore}, ""},
      {internet(ir::InternetProtocol::Tcp, ir::AddressPrefix::Family::Ipv4), "network inet stream,"},
      {internet(ir::InternetProtocol::Udp, ir::AddressPrefix::Family::Any),
       "network inet dgram, network inet6 dgram,"},
      {family(AF_NETLINK, SOCK_RAW), "network netlink raw,"},
      {family(AF_VSOCK, std::nullopt), "network vsock,"},
      {family(AF_UNIX, SOCK_STREAM), "unix type=stream,"},
      {signal_use({ir::Direction::Send}, 1U | 1U << 14, {.kind = ir::Peer::Kind::Self}),
       "signal (send) set=(hup, term) peer=web,"},
      {signal_use({ir::Direction::Receive}, ~std::uint64_t{0}, {.kind = ir::Peer::Kind::Engine}),
       "signal (receive) peer={crun,runc,unconfined},"},
      {signal_use({ir::Direction::Send}, std::uint64_t{1} << 33,
                  {.kind = ir::Peer::Kind::Label, .name = "a*b"}),
       "signal (send) set=(rtmin+2) peer=\"a\\*b\","},
      {ptrace_use({ir::PtraceMode::Read, ir::PtraceMode::Trace}, ir::Direction::Receive,
                  {.kind = ir::Peer::Kind::Any}),
       "ptrace (readby, tracedby),"},
      {shared_object(ir::SharedObjectUse::Kind::Semaphore, "/q*"), "/dev/shm/sem.q* rw,"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CHECK(rules_of(profile_with({allow(row.permission)})) == row.rule);
  }
}

TEST_CASE("apparmor: equal paths share a rule, and rules that another includes are left out") {
  const ir::Profile profile = profile_with({
      allow(file("/run/a.sock", {ir::FileMode::Read})),
      allow(unix_path("/run/a.sock")),
      allow(file("/srv/**", {ir::FileMode::Read, ir::FileMode::Write, ir::FileMode::Create})),
      allow(device("/srv/dev/*", {ir::DeviceMode::Read})),
  });
  CHECK(rules_of(profile) ==
        "unix (create, getattr, getopt, setattr, setopt, shutdown), /run/a.sock rw, /srv/** rw,");
}

TEST_CASE("apparmor: a deny is written where it denies nothing else") {
  const ir::Profile profile = profile_with({
      deny(file("/srv/secret", {ir::FileMode::Read})),
      deny(internet(ir::InternetProtocol::Tcp, ir::AddressPrefix::Family::Ipv4)),
      deny(family(AF_ALG, std::nullopt)),
  });
  CHECK(rules_of(profile) == "deny network alg, deny /srv/secret r,");
}

TEST_CASE("apparmor: two patterns with different policies for one program are refused with the program") {
  Diagnostics diagnostics;
  lower(profile_with({allow(file("/bin/*", {ir::FileMode::Execute})),
                      allow(file("/bin/a*", {ir::FileMode::Execute}, "helper"))}),
        diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all().front().kind == DiagnosticKind::ApparmorTwoTransitions);
  CHECK(diagnostics.all().front().message.find("`/bin/a`") != std::string::npos);
  Diagnostics none;
  lower(profile_with({allow(file("/bin/*", {ir::FileMode::Execute})),
                      allow(file("/bin/{a,b}", {ir::FileMode::Execute}, "helper"))}),
        none);
  lower(profile_with({allow(file("/bin/*", {ir::FileMode::Execute})),
                      allow(file("/bin/a", {ir::FileMode::Execute}, "helper"))}),
        none);
  CHECK(none.all().empty());
}

TEST_CASE("apparmor: denying half of what one letter grants is said") {
  Diagnostics diagnostics;
  lower(profile_with({allow(file("/srv/**", {ir::FileMode::Write, ir::FileMode::Create})),
                      deny(file("/srv/a", {ir::FileMode::Create}))}),
        diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all().front().kind == DiagnosticKind::ApparmorDeniesMore);
}

TEST_CASE("apparmor: children are stacked under no_new_privs and replace their parent without") {
  ir::Profile profile = profile_with({allow(file("/bin/x", {ir::FileMode::Execute}, "helper"))});
  profile.children.push_back(
      {.name = "helper",
       .rules = {allow(signal_use({ir::Direction::Send}, 1, {.kind = ir::Peer::Kind::Self}))}});
  CHECK(rules_of(profile).find("/bin/x px -> web//&web//helper,") != std::string::npos);
  CHECK(rules_of(profile).find("signal (send) set=(hup) peer=web//&web//helper,") == 0);
  profile.world.process.no_new_privileges = false;
  CHECK(rules_of(profile).find("/bin/x px -> web//helper,") == 0);
}

TEST_CASE("apparmor: no text can leave its quotes") {
  for (int first = 1; first < 256; ++first) {
    for (const char second : {'\\', '"', 'a', ',', ' ', '{', '\n', '*'}) {
      if (first == '/') continue;
      const std::string path = {'/', 'x', static_cast<char>(first), second};
      const ir::Profile profile = profile_with(
          {allow(ir::FileAccess{.path = ir::PathPattern::literal(path), .modes = {ir::FileMode::Read}})});
      Diagnostics diagnostics;
      const auto text = read_profile_text(emit(lower(profile, diagnostics)));
      REQUIRE(text);
      REQUIRE(text->rules.size() == 2);
      CHECK(unescape(text->rules.back().path) == path);
    }
  }
}

TEST_CASE("apparmor: the parser takes every byte in a path, and takes it for that byte") {
  std::vector<ir::Rule> rules;
  std::string by_octal =
      "abi <abi/3.0>,\nprofile web flags=(attach_disconnected,mediate_deleted) {\ndeny mount,\n";
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    rules.push_back(allow(
        ir::FileAccess{.path = ir::PathPattern::literal(std::string("/x") + static_cast<char>(byte) + '\\'),
                       .modes = {ir::FileMode::Read}}));
    char octal[32];
    std::snprintf(octal, sizeof octal, "\"/x\\%03o\\134\" r,\n", static_cast<unsigned>(byte));
    by_octal += octal;
  }
  Diagnostics diagnostics;
  const tests::ParserRun ours = tests::run_apparmor_parser(emit(lower(profile_with(rules), diagnostics)));
  const tests::ParserRun theirs = tests::run_apparmor_parser(by_octal + "}\n");
  CAPTURE(ours.messages);
  CHECK(ours.accepted);
  CHECK(theirs.accepted);
  CHECK(ours.policy == theirs.policy);
}

TEST_CASE("apparmor: resource limits are in the parser's units") {
  ir::Profile profile = profile_with({});
  profile.world.resource_limits = {
      {.name = "RLIMIT_NICE", .soft = 0, .hard = 30, .origin = {}},
      {.name = "RLIMIT_NOFILE", .soft = 16384, .hard = 16384, .origin = {}},
      {.name = "RLIMIT_RTTIME", .soft = 5, .hard = 5, .origin = {}},
      {.name = "RLIMIT_STACK", .soft = ir::kUnlimited, .hard = ir::kUnlimited, .origin = {}}};
  CHECK(rules_of(profile) == "set rlimit nice <= -10, set rlimit nofile <= 16384, set rlimit rttime <= 5us,");
}

TEST_CASE("apparmor: what a rule on /proc/self grants is read back as the kernel asks for it") {
  const ir::Profile profile = profile_with({allow(file("/proc/self/stat", {ir::FileMode::Read}))});
  Diagnostics diagnostics;
  const Artifact artifact{.name = "web.apparmor", .bytes = emit(lower(profile, diagnostics))};
  const ir::Request request{
      .child = {}, .operation = ir::FileRequest{.path = "/proc/self/stat", .modes = {ir::FileMode::Read}}};
  const auto decision = readback(artifact, request);
  REQUIRE(decision.has_value());
  CHECK(decision->effect == ir::Effect::Allow);
  CHECK(claim(file("/proc/self/stat", {ir::FileMode::Read})).fidelity == ir::Fidelity::Wider);
}
