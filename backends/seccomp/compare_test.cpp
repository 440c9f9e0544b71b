#include "backends/seccomp/compare.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "backends/seccomp/emit.h"
#include "backends/seccomp/kernel_check.h"
#include "backends/seccomp/lower.h"
#include "compiler/kernel/syscalls.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t kReturn = BPF_RET | BPF_K;
constexpr std::uint32_t kUpperHalf = 20;  // of argument 0, in bytes
constexpr std::uint32_t kLowerHalf = 16;

// Allows `lseek` when the lower half of its first argument is 3, refuses everything else alike.
ir::Profile profile_for(kernel::Arch arch) {
  ir::Profile profile;
  profile.syscalls.arches = {arch};
  profile.syscalls.newer = profile.syscalls.otherwise;
  ir::Rule rule;
  rule.permission = ir::SyscallUse{.syscall = *kernel::find_syscall("lseek"),
                                   .arch = arch,
                                   .condition = ir::ArgumentCondition::of(
                                       {.index = 0, .bits = 32, .mask = 0xffffffff, .ranges = {{3, 3}}}),
                                   .action = {}};
  profile.rules.push_back(rule);
  return profile;
}

// The same, but the whole register must be 3.
Program whole_register_filter(kernel::Arch arch) {
  const std::uint32_t number = *kernel::number(*kernel::find_syscall("lseek"), arch);
  const Program program{ByteOrder::Little,
                        {{kLoad, 0, 0, 4},
                         {kEqual, 1, 0, kernel::info(arch).audit_arch},
                         {kReturn, 0, 0, SECCOMP_RET_KILL_PROCESS},
                         {kLoad, 0, 0, 0},
                         {kEqual, 0, 5, number},
                         {kLoad, 0, 0, kUpperHalf},
                         {kEqual, 0, 3, 0},
                         {kLoad, 0, 0, kLowerHalf},
                         {kEqual, 0, 1, 3},
                         {kReturn, 0, 0, SECCOMP_RET_ALLOW},
                         {kReturn, 0, 0, SECCOMP_RET_ERRNO | 1}}};
  REQUIRE_FALSE(find_refusal(program).has_value());
  return program;
}

}  // namespace

TEST_CASE("compare: our own filter differs nowhere, and its always allowed calls are cached") {
  ir::Profile profile = profile_for(kernel::Arch::X86_64);
  std::get<ir::SyscallUse>(profile.rules[0].permission).condition = ir::ArgumentCondition::always();
  const Model model = lower(profile, Goal::Balanced).front();
  const Comparison found = compare(emit(model), profile, model.arches);
  CHECK(found.differences.empty());
  REQUIRE(found.arches.size() == 1);
  CHECK(found.arches[0].always_allowed == 1);
  CHECK(found.arches[0].cached == 1);
}

TEST_CASE("compare: an upper half that the kernel does not look at makes a difference, shown by a call") {
  const kernel::Arch arch = kernel::Arch::AArch64;
  const Comparison found = compare(whole_register_filter(arch), profile_for(arch), {arch});
  REQUIRE(found.differences.size() == 1);
  const Difference& difference = found.differences[0];
  CHECK(difference.direction == Direction::AllowsLess);
  CHECK(kernel::name(*difference.call) == "lseek");
  CHECK(ir::arguments_of(difference.example)[0] == 0x100000003);
}

TEST_CASE("compare: registers of 32-bit architectures have no upper half that could make a difference") {
  const kernel::Arch arch = kernel::Arch::Arm;
  const Comparison found = compare(whole_register_filter(arch), profile_for(arch), {arch});
  CHECK(found.differences.empty());
}

TEST_CASE("compare: architectures that the policy does not list are one kind of call") {
  ir::Profile profile = profile_for(kernel::Arch::AArch64);
  profile.syscalls.foreign = {.kind = ir::SyscallAction::Kind::Trap, .value = 0};
  const Comparison found =
      compare(whole_register_filter(kernel::Arch::AArch64), profile, profile.syscalls.arches);
  const auto is_foreign = [](const Difference& difference) { return !difference.arch.has_value(); };
  const auto count = std::count_if(found.differences.begin(), found.differences.end(), is_foreign);
  CHECK(count == 1);
}

TEST_CASE("compare: answers with the same effect are equal") {
  const kernel::Arch arch = kernel::Arch::Arm;
  Program program = whole_register_filter(arch);
  program.instructions[9].k = SECCOMP_RET_ALLOW | 7;  // the datum of an allow goes nowhere
  const Comparison found = compare(program, profile_for(arch), {arch});
  CHECK(found.differences.empty());
}

TEST_CASE("compare: of a filter that is too complex, calls that differ are found by trying") {
  // `lseek` is refused unless the product of two arguments is one certain number.
  const kernel::Arch arch = kernel::Arch::AArch64;
  const std::uint32_t number = *kernel::number(*kernel::find_syscall("lseek"), arch);
  const Program program{ByteOrder::Little,
                        {{kLoad, 0, 0, 0},
                         {kEqual, 0, 5, number},
                         {kLoad, 0, 0, kLowerHalf},
                         {BPF_MISC | BPF_TAX, 0, 0, 0},
                         {kLoad, 0, 0, kLowerHalf + 8},
                         {BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0},
                         {kEqual, 1, 0, 0x12345679},
                         {kReturn, 0, 0, SECCOMP_RET_ERRNO | 1},
                         {kReturn, 0, 0, SECCOMP_RET_ALLOW}}};
  REQUIRE_FALSE(find_refusal(program).has_value());
  const Comparison found = compare(program, profile_for(arch), {arch});
  CHECK_FALSE(found.is_complete);
  const auto is_refused_lseek = [&](const Difference& difference) {
    return difference.call && difference.arch == arch && difference.direction == Direction::AllowsLess;
  };
  const auto lseek = std::find_if(found.differences.begin(), found.differences.end(), is_refused_lseek);
  REQUIRE(lseek != found.differences.end());
  CHECK(kernel::name(*lseek->call) == "lseek");
  CHECK(static_cast<std::uint32_t>(ir::arguments_of(lseek->example)[0]) == 3);
}
