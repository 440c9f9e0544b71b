#include <doctest/doctest.h>
#include <llvm/Support/JSON.h>

#include <algorithm>
#include <random>

#include "backends/oci_loader.h"
#include "backends/oci/oci.h"
#include "compiler/ir/flatten.h"

namespace isola::backends::oci {

extern const Backend kBackend;

namespace {

using ir::ArgumentCondition;
using kernel::Arch;

ir::PathPattern pattern(llvm::StringRef text) {
  auto parsed = ir::PathPattern::parse(text);
  REQUIRE(std::holds_alternative<ir::PathPattern>(parsed));
  return std::get<ir::PathPattern>(parsed);
}

ir::Policy web_server() {
  ir::Policy policy;
  policy.name = "web";
  policy.world.process.path = "/usr/sbin/web";
  policy.world.process.uid = 101;
  policy.world.process.gid = 101;
  policy.world.of(kernel::Namespace::Time).mode = ir::NamespaceUse::Mode::Host;
  policy.world.uid_map = {{.inside = 0, .outside = 100000, .count = 65536}};
  policy.world.gid_map = policy.world.uid_map;
  policy.syscalls.arches = {Arch::X86_64};
  return policy;
}

ir::PolicyRule call_rule(llvm::StringRef name, ArgumentCondition condition,
                         ir::Effect effect = ir::Effect::Allow, Arch arch = Arch::X86_64) {
  const auto call = kernel::find_syscall(name);
  REQUIRE(call.has_value());
  const ir::SyscallAction action =
      effect == ir::Effect::Allow ? ir::SyscallAction{}
                                  : ir::SyscallAction{.kind = ir::SyscallAction::Kind::Errno, .value = 13};
  ir::PolicyRule rule;
  rule.rule.effect = effect;
  rule.rule.permission =
      ir::SyscallUse{.syscall = *call, .arch = arch, .condition = std::move(condition), .action = action};
  return rule;
}

ir::PolicyRule file_rule(llvm::StringRef path, ir::FileModes modes, ir::Effect effect = ir::Effect::Allow) {
  ir::PolicyRule rule;
  rule.rule.effect = effect;
  rule.rule.permission =
      ir::FileAccess{.path = pattern(path), .modes = modes, .owner_only = false, .child = ""};
  return rule;
}

ArgumentCondition equals(std::uint8_t index, std::uint64_t value) {
  return ArgumentCondition::of(
      {.index = index, .bits = 32, .mask = 0xffffffff, .ranges = {{.low = value, .high = value}}});
}

struct Compiled {
  ir::Profile profile;
  Diagnostics diagnostics;
  llvm::SmallVector<Artifact, 2> artifacts;
  Configuration configuration;
};

Compiled compile(const ir::Policy& policy, const Options& options = {}) {
  Compiled compiled;
  compiled.profile = ir::flatten(policy, {}, compiled.diagnostics);
  compiled.artifacts = kBackend.compile(compiled.profile, options, compiled.diagnostics);
  Diagnostics again;
  compiled.configuration = lower(compiled.profile, options, again);
  return compiled;
}

const OciSyscalls* entry_with(const OciSeccomp& seccomp, llvm::StringRef name, std::size_t skip = 0) {
  for (const OciSyscalls& entry : seccomp.syscalls) {
    const bool names_it = std::find(entry.names.begin(), entry.names.end(), name) != entry.names.end();
    if (names_it && skip-- == 0) return &entry;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("oci: a 32-bit equality is a masked comparison that ignores the upper half") {
  ir::Policy policy = web_server();
  policy.rules = {call_rule("socket", equals(0, 1))};
  const OciSeccomp seccomp = compile(policy).configuration.seccomp;
  const OciSyscalls* entry = entry_with(seccomp, "socket");
  REQUIRE(entry != nullptr);
  CHECK(entry->action.kind == ir::SyscallAction::Kind::Allow);
  CHECK(entry->arguments == std::vector<OciArgument>{{.index = 0, .mask = 0xffffffff, .value = 1}});
}

TEST_CASE(
    "oci: calls outside of the vocabulary get the default, known ones that are not listed their own entry") {
  ir::Policy policy = web_server();
  policy.rules = {call_rule("read", {})};
  const OciSeccomp seccomp = compile(policy).configuration.seccomp;
  CHECK(seccomp.default_action.value == 38);
  const OciSyscalls* unlisted = entry_with(seccomp, "mount");
  REQUIRE(unlisted != nullptr);
  CHECK(unlisted->action.value == 1);
}

TEST_CASE("oci: a rule whose architectures differ is said to be narrowed") {
  ir::Policy policy = web_server();
  policy.syscalls.arches.insert(Arch::AArch64);
  policy.rules = {call_rule("read", {}), call_rule("write", {}),
                  call_rule("write", {}, ir::Effect::Allow, Arch::AArch64)};
  const Compiled compiled = compile(policy);
  REQUIRE(compiled.diagnostics.all().size() == 1);
  CHECK(compiled.diagnostics.all().front().kind == DiagnosticKind::OciRulesDifferByArch);
  CHECK(entry_with(compiled.configuration.seccomp, "read")->action.kind == ir::SyscallAction::Kind::Errno);
  CHECK(entry_with(compiled.configuration.seccomp, "write")->action.kind == ir::SyscallAction::Kind::Allow);
}

TEST_CASE("oci: a rule on a call that libseccomp drops is reported") {
  ir::Policy policy = web_server();
  policy.rules = {call_rule("mseal", {}), call_rule("read", {})};
  const Compiled compiled = compile(policy);
  REQUIRE(compiled.diagnostics.all().size() == 1);
  CHECK(compiled.diagnostics.all().front().kind == DiagnosticKind::OciCallUnknownToLoader);
}

TEST_CASE("oci: a tmpfs belongs to the workload's user, a volume is a directory of the bundle") {
  ir::Policy policy = web_server();
  policy.world.mounts = {
      {.destination = "/run",
       .source = "",
       .type = "tmpfs",
       .options = {"nosuid"},
       .label = {},
       .origin = {}},
      {.destination = "/data",
       .source = "store",
       .type = "volume",
       .options = {"rw"},
       .label = {},
       .origin = {}},
  };
  const std::vector<Mount> mounts = compile(policy).configuration.mounts;
  REQUIRE(mounts.size() == 4);
  CHECK(mounts[2].options == std::vector<std::string>{"nosuid", "mode=0755", "uid=101", "gid=101"});
  CHECK(mounts[3].type == "bind");
  CHECK(mounts[3].source == "volumes/store");
  CHECK(mounts[3].options == std::vector<std::string>{"bind", "rw"});
}

TEST_CASE("oci: /sys is mounted only when a rule reaches below it") {
  ir::Policy policy = web_server();
  CHECK(compile(policy).configuration.mounts.size() == 2);
  policy.rules = {file_rule("/sys/devices/system/cpu/online", {ir::FileMode::Read})};
  CHECK(compile(policy).configuration.mounts.back().type == "sysfs");
}

TEST_CASE("oci: the root is read-only unless a rule changes something on it") {
  ir::Policy policy = web_server();
  CHECK(compile(policy).configuration.is_root_read_only);
  policy.rules = {file_rule("/var/lib/web/**", {ir::FileMode::Write})};
  CHECK_FALSE(compile(policy).configuration.is_root_read_only);
  policy.world.mounts = {{.destination = "/var/lib/web",
                          .source = "",
                          .type = "tmpfs",
                          .options = {},
                          .label = {},
                          .origin = {}}};
  CHECK(compile(policy).configuration.is_root_read_only);
}

TEST_CASE("oci: a rule that names a masked path opens it, a deny masks one") {
  ir::Policy policy = web_server();
  policy.rules = {file_rule("/proc/interrupts", {ir::FileMode::Read}),
                  file_rule("/secret/**", {ir::FileMode::Read, ir::FileMode::Write}, ir::Effect::Deny)};
  const std::vector<std::string> masked = compile(policy).configuration.masked_paths;
  CHECK(std::find(masked.begin(), masked.end(), "/proc/interrupts") == masked.end());
  CHECK(std::find(masked.begin(), masked.end(), "/secret") != masked.end());
}

TEST_CASE("oci: swap is counted together with memory") {
  ir::Policy policy = web_server();
  policy.world.cgroup_limits = {{"memory.max", "1000", {}}, {"memory.swap.max", "24", {}}};
  CHECK(compile(policy).configuration.resources.memory_and_swap == 1024);
}

TEST_CASE("oci: a file without a field of its own goes to unified") {
  ir::Policy policy = web_server();
  policy.world.cgroup_limits = {{"cpu.max", "200000 100000", {}}, {"memory.high", "4096", {}}};
  const Resources resources = compile(policy).configuration.resources;
  CHECK(resources.cpu_quota == 200000);
  CHECK(resources.cpu_period == 100000);
  REQUIRE(resources.unified.size() == 1);
  CHECK(resources.unified.front().first == "memory.high");
}

TEST_CASE("oci: a weight is the one that a runtime computes back from the shares") {
  for (const int weight : {1, 50, 100, 10000}) {
    ir::Policy policy = web_server();
    policy.world.cgroup_limits = {{"cpu.weight", std::to_string(weight), {}}};
    const auto shares = compile(policy).configuration.resources.cpu_shares;
    REQUIRE(shares.has_value());
    CHECK(1 + (*shares - 2) * 9999 / 262142 == static_cast<std::uint64_t>(weight));
  }
}

TEST_CASE("oci: a device without fixed numbers is an error") {
  ir::Policy policy = web_server();
  ir::PolicyRule rule;
  rule.rule.permission = ir::DeviceAccess{.node = pattern("/dev/dri/card0"), .modes = {ir::DeviceMode::Read}};
  policy.rules = {rule};
  const Compiled compiled = compile(policy);
  REQUIRE(compiled.diagnostics.all().size() == 1);
  CHECK(compiled.diagnostics.all().front().kind == DiagnosticKind::OciUnknownDevice);
}

TEST_CASE("oci: a label is attached only for the security module of the host") {
  ir::Policy policy = web_server();
  policy.world.labels.apparmor = "web";
  const Compiled without = compile(policy);
  CHECK(without.configuration.apparmor_profile.empty());
  REQUIRE(without.diagnostics.all().size() == 1);
  CHECK(without.diagnostics.all().front().kind == DiagnosticKind::OciLabelNotAttached);
  Options options;
  options.lsm = "apparmor";
  const Compiled with = compile(policy, options);
  CHECK(with.configuration.apparmor_profile == "web");
  CHECK(with.diagnostics.all().empty());
}

namespace {

// Small random worlds of system calls: few calls, few values, so that rules meet.
class RandomCalls {
 public:
  explicit RandomCalls(unsigned seed) : random_(seed) {}

  ir::Policy policy() {
    ir::Policy policy = web_server();
    if (one_in(3)) policy.syscalls.newer = policy.syscalls.otherwise;
    for (unsigned count = number(1, 6); count > 0; --count) {
      const bool denies = one_in(4);
      policy.rules.push_back(
          call_rule(kCalls[number(0, 3)], condition(2), denies ? ir::Effect::Deny : ir::Effect::Allow));
    }
    return policy;
  }

  ir::SyscallRequest request() {
    ir::SyscallRequest request{.arch = Arch::X86_64, .number = number(0, 470), .arguments = {}};
    if (!one_in(4))
      request.number = *kernel::number(*kernel::find_syscall(kCalls[number(0, 3)]), Arch::X86_64);
    if (one_in(20)) request.arch = Arch::X86;
    if (one_in(20)) request.number |= kernel::kX32Bit;
    for (std::uint64_t& argument : request.arguments) {
      argument = value() ^ (one_in(4) ? std::uint64_t{number(0, 3)} << 32 : 0);
    }
    return request;
  }

 private:
  static constexpr const char* kCalls[] = {"socket", "clone", "prctl", "lseek"};

  unsigned number(unsigned low, unsigned high) {
    return std::uniform_int_distribution<unsigned>(low, high)(random_);
  }
  bool one_in(unsigned count) { return number(1, count) == 1; }
  std::uint64_t value() { return one_in(4) ? number(0, 1) * 0x10000000ull + number(0, 7) : number(0, 7); }

  ArgumentCondition condition(unsigned depth) {
    if (depth == 0 || one_in(2)) {
      if (one_in(8)) return ArgumentCondition::always();
      return test();
    }
    std::vector<ArgumentCondition> operands{condition(depth - 1), condition(depth - 1)};
    return one_in(2) ? ArgumentCondition::all(std::move(operands))
                     : ArgumentCondition::any(std::move(operands));
  }

  ArgumentCondition test() {
    ir::ArgumentTest test{
        .index = static_cast<std::uint8_t>(number(0, 1)), .bits = 32, .mask = 0xffffffff, .ranges = {}};
    if (one_in(4)) test = {.index = test.index, .bits = 64, .mask = ~std::uint64_t{0}, .ranges = {}};
    if (one_in(3)) test.mask = 0x10000003;
    const std::uint64_t low = number(0, 3);
    const std::uint64_t high = test.mask == 0x10000003 ? low : low + number(0, 3);
    test.ranges = {{.low = low, .high = high}};
    return ArgumentCondition::of(test);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("oci: config.json answers every call as decide does, for what it claims to hold exactly") {
  const unsigned seed = std::random_device{}();
  INFO("seed ", seed);
  RandomCalls calls(seed);
  for (int round = 0; round < 60; ++round) {
    const Compiled compiled = compile(calls.policy());
    if (compiled.diagnostics.has_errors()) continue;
    auto parsed = llvm::json::parse(compiled.artifacts.front().bytes);
    REQUIRE(!parsed.takeError());
    const auto seccomp = read_oci_seccomp(*parsed->getAsObject()->getObject("linux")->getObject("seccomp"));
    REQUIRE(seccomp.has_value());
    for (int attempt = 0; attempt < 100; ++attempt) {
      const ir::SyscallRequest request = calls.request();
      const auto call = kernel::syscall_at(request.arch, request.number);
      if (call && !is_known_to_loader(*call)) continue;
      const ir::Decision wanted = ir::decide(compiled.profile, {"", request}, {ir::Judge::Syscalls});
      const ir::Decision found = decide_oci_seccomp(*seccomp, request);
      INFO(ir::to_text(ir::Request{"", request}));
      CHECK(found.effect == wanted.effect);
      // libseccomp kills the thread where the policy's default for foreign calls is the process.
      if (wanted.reason != ir::Reason::ForeignArchitecture) CHECK(found.action == wanted.action);
    }
  }
}

TEST_CASE("oci: no two entries of one call match the same arguments") {
  const unsigned seed = std::random_device{}();
  INFO("seed ", seed);
  RandomCalls calls(seed);
  for (int round = 0; round < 20; ++round) {
    const OciSeccomp seccomp = compile(calls.policy()).configuration.seccomp;
    for (std::size_t first = 0; first < seccomp.syscalls.size(); ++first) {
      for (std::size_t second = 0; second < first; ++second) {
        const OciSyscalls& a = seccomp.syscalls[first];
        const OciSyscalls& b = seccomp.syscalls[second];
        std::vector<std::string> shared;
        std::set_intersection(a.names.begin(), a.names.end(), b.names.begin(), b.names.end(),
                              std::back_inserter(shared));
        bool are_apart = shared.empty();
        for (const OciArgument& left : a.arguments) {
          for (const OciArgument& right : b.arguments) {
            const bool same_argument = left.index == right.index;
            are_apart =
                are_apart || (same_argument && ((left.value ^ right.value) & left.mask & right.mask) != 0);
          }
        }
        CHECK(are_apart);
      }
    }
  }
}

TEST_CASE("oci: reading back capabilities and read-only mounts agrees with decide") {
  ir::Policy policy = web_server();
  policy.world.mounts = {
      {.destination = "/", .source = "", .type = "overlay", .options = {"ro"}, .label = {}, .origin = {}},
      {.destination = "/run",
       .source = "",
       .type = "tmpfs",
       .options = {"noexec"},
       .label = {},
       .origin = {}}};
  ir::PolicyRule capability;
  capability.rule.permission = ir::CapabilityUse{kernel::Capability::Chown};
  policy.rules = {capability,
                  file_rule("/**", {ir::FileMode::Read, ir::FileMode::Write, ir::FileMode::Execute})};
  const Compiled compiled = compile(policy);
  const ir::Request requests[] = {
      {"", ir::CapabilityRequest{kernel::Capability::Chown}},
      {"", ir::CapabilityRequest{kernel::Capability::SysAdmin}},
      {"", ir::FileRequest{"/etc/passwd", {ir::FileMode::Write}}},
      {"", ir::FileRequest{"/run/web.pid", {ir::FileMode::Write}}},
      {"", ir::FileRequest{"/run/tool", {ir::FileMode::Execute}}},
  };
  for (const ir::Request& request : requests) {
    INFO(ir::to_text(request));
    const auto found = kBackend.readback(compiled.artifacts, request);
    const bool is_refused = found && found->effect == ir::Effect::Deny;
    CHECK(is_refused == (ir::decide(compiled.profile, request).effect == ir::Effect::Deny));
  }
}

}  // namespace isola::backends::oci
