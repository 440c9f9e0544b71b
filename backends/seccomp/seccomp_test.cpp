#include "backends/seccomp/seccomp.h"

#include <doctest/doctest.h>

#include "compiler/kernel/syscalls.h"

using namespace isola;
using kernel::Arch;
using Kind = ir::SyscallAction::Kind;

namespace {

constexpr ir::SyscallAction kAllow{.kind = Kind::Allow, .value = 0};
constexpr ir::SyscallAction kOtherwise{.kind = Kind::Errno, .value = 1};
constexpr ir::SyscallAction kNewer{.kind = Kind::Errno, .value = 38};
constexpr ir::SyscallAction kForeign{.kind = Kind::KillProcess, .value = 0};

ir::Rule rule(Arch arch, llvm::StringRef call, ir::ArgumentCondition condition = {},
              ir::SyscallAction action = kAllow) {
  ir::Rule made;
  made.effect = action.lets_call_run() ? ir::Effect::Allow : ir::Effect::Deny;
  made.permission = ir::SyscallUse{.syscall = *kernel::find_syscall(call),
                                   .arch = arch,
                                   .condition = std::move(condition),
                                   .action = action};
  return made;
}

ir::ArgumentCondition equals(std::uint8_t index, std::uint8_t bits, std::uint64_t value) {
  return ir::ArgumentCondition::of({.index = index, .bits = bits, .ranges = {{value, value}}});
}

ir::Profile profile(kernel::ArchSet arches, std::vector<ir::Rule> rules) {
  ir::Profile made;
  made.name = "test";
  made.syscalls.arches = arches;
  made.rules = std::move(rules);
  return made;
}

ir::SyscallAction ask(const ir::Profile& profile, Arch arch, std::uint32_t number,
                      ir::Arguments arguments = {}) {
  Diagnostics diagnostics;
  const auto artifacts = backends::seccomp::kBackend.compile(profile, {}, diagnostics);
  REQUIRE(!diagnostics.has_errors());
  const ir::SyscallRequest call{.arch = arch, .number = number, .arguments = arguments, .any_arguments = 0};
  const auto decision = backends::seccomp::kBackend.readback(artifacts, {.child = "", .operation = call});
  REQUIRE(decision);
  return decision->action;
}

}  // namespace

TEST_CASE("seccomp: listed, known and newer calls have three fates") {
  ir::Profile made = profile({Arch::X86_64}, {rule(Arch::X86_64, "read"), rule(Arch::X86_64, "mseal")});
  made.syscalls.vocabulary = {5, 10};
  CHECK(ask(made, Arch::X86_64, 0) == kAllow);
  CHECK(ask(made, Arch::X86_64, 1) == kOtherwise);
  CHECK(ask(made, Arch::X86_64, 461) == kNewer);
  CHECK_MESSAGE(ask(made, Arch::X86_64, 462) == kAllow, "a call newer than the vocabulary can be listed");
  CHECK_MESSAGE(ask(made, Arch::X86_64, 400) == kNewer, "a hole of the table");
}

TEST_CASE("seccomp: an int is compared on its low 32 bits whatever stands above them") {
  const ir::Profile made = profile({Arch::X86_64}, {rule(Arch::X86_64, "socket", equals(0, 32, 1))});
  CHECK(ask(made, Arch::X86_64, 41, {1}) == kAllow);
  CHECK(ask(made, Arch::X86_64, 41, {0xdeadbeef00000001}) == kAllow);
  CHECK(ask(made, Arch::X86_64, 41, {2}) == kOtherwise);
}

TEST_CASE("seccomp: a long is compared on all 64 bits") {
  const ir::Profile made = profile({Arch::X86_64}, {rule(Arch::X86_64, "lseek", equals(1, 64, 1))});
  CHECK(ask(made, Arch::X86_64, 8, {0, 1}) == kAllow);
  CHECK(ask(made, Arch::X86_64, 8, {0, 0x100000001}) == kOtherwise);
}

TEST_CASE("seccomp: x32 numbers are foreign unless x32 is listed, and -1 is no x32 number") {
  const ir::Profile native = profile({Arch::X86_64}, {rule(Arch::X86_64, "read")});
  CHECK(ask(native, Arch::X32, kernel::kX32Bit) == kForeign);
  CHECK(ask(native, Arch::X86_64, 0x80000000) == kForeign);
  CHECK(ask(native, Arch::X86_64, 0xffffffff) == kNewer);
  const ir::Profile both =
      profile({Arch::X86_64, Arch::X32}, {rule(Arch::X86_64, "read"), rule(Arch::X32, "write")});
  CHECK(ask(both, Arch::X32, kernel::kX32Bit) == kOtherwise);
  CHECK(ask(both, Arch::X32, kernel::kX32Bit + 1) == kAllow);
  CHECK(ask(both, Arch::X86_64, 1) == kOtherwise);
  CHECK(ask(both, Arch::X86_64, 0x80000001) == kNewer);
  const ir::Profile x32 = profile({Arch::X32}, {rule(Arch::X32, "read")});
  CHECK(ask(x32, Arch::X86_64, 0) == kForeign);
}

TEST_CASE("seccomp: every other architecture is foreign") {
  const ir::Profile made = profile({Arch::X86_64}, {rule(Arch::X86_64, "read")});
  CHECK(ask(made, Arch::X86, 3) == kForeign);
  CHECK(ask(made, Arch::AArch64, 63) == kForeign);
  CHECK(ask(made, Arch::S390X, 3) == kForeign);
}

TEST_CASE("seccomp: a big-endian architecture gets a filter of its own") {
  const ir::Profile made =
      profile({Arch::X86_64, Arch::S390X},
              {rule(Arch::X86_64, "lseek", equals(1, 64, 7)), rule(Arch::S390X, "lseek", equals(1, 64, 7))});
  CHECK(ask(made, Arch::S390X, 19, {0, 7}) == kAllow);
  CHECK(ask(made, Arch::S390X, 19, {0, 0x700000000}) == kOtherwise);
  CHECK(ask(made, Arch::X86_64, 8, {0, 7}) == kAllow);
  Diagnostics diagnostics;
  const auto artifacts = backends::seccomp::kBackend.compile(made, {}, diagnostics);
  CHECK(artifacts[0].name == "seccomp.bpf");
  CHECK(artifacts[1].name == "seccomp.s390x.bpf");
}

TEST_CASE("seccomp: the first rule whose condition holds decides") {
  const ir::SyscallAction refused{.kind = Kind::Errno, .value = 22};
  const ir::Profile made = profile({Arch::X86_64}, {rule(Arch::X86_64, "socket", equals(0, 32, 1), refused),
                                                    rule(Arch::X86_64, "socket")});
  CHECK(ask(made, Arch::X86_64, 41, {1}) == refused);
  CHECK(ask(made, Arch::X86_64, 41, {2}) == kAllow);
}

TEST_CASE("seccomp: a filter that the kernel would refuse is an error, and nothing is written") {
  ir::Profile made = profile({Arch::X86_64}, {});
  for (std::uint64_t value = 0; value < 5000; ++value) {
    const ir::SyscallAction action{.kind = Kind::Errno, .value = static_cast<std::uint16_t>(value % 7)};
    made.rules.push_back(rule(Arch::X86_64, "ioctl", equals(1, 32, value * 3), action));
  }
  Diagnostics diagnostics;
  CHECK(backends::seccomp::kBackend.compile(made, {}, diagnostics).empty());
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].kind == DiagnosticKind::SeccompFilterTooLong);
}

TEST_CASE("seccomp: readback says nothing of other operations") {
  CHECK(!backends::seccomp::kBackend.readback({}, {.child = "", .operation = ir::CapabilityRequest{}}));
}
