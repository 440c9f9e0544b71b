#include "tests/seccomp/random_profile.h"

#include <algorithm>

#include "compiler/kernel/syscalls.h"

namespace isola::testing {

using ir::ArgumentCondition;
using ir::ArgumentTest;
using ir::SyscallAction;
using kernel::Arch;

ProfileShape any_shape() {
  ProfileShape shape;
  shape.arches = {Arch::X86_64, Arch::X86, Arch::X32, Arch::AArch64, Arch::Arm, Arch::S390X};
  for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
    shape.calls.push_back(static_cast<kernel::SyscallId>(index));
  }
  using Kind = SyscallAction::Kind;
  shape.actions = {{.kind = Kind::Allow, .value = 0},      {.kind = Kind::Allow, .value = 0},
                   {.kind = Kind::Log, .value = 0},        {.kind = Kind::Errno, .value = 1},
                   {.kind = Kind::Errno, .value = 38},     {.kind = Kind::Errno, .value = 0},
                   {.kind = Kind::Trace, .value = 7},      {.kind = Kind::Trap, .value = 0},
                   {.kind = Kind::KillThread, .value = 0}, {.kind = Kind::KillProcess, .value = 0},
                   {.kind = Kind::Notify, .value = 0}};
  return shape;
}

namespace {

// Values on which rules and calls meet.
std::uint64_t interesting_value(Random& random) {
  static const std::vector<std::uint64_t> kValues = {0,
                                                     1,
                                                     2,
                                                     3,
                                                     4,
                                                     5,
                                                     7,
                                                     8,
                                                     16,
                                                     0x7f,
                                                     0x80,
                                                     0xff,
                                                     0x100,
                                                     0xfff,
                                                     0x1000,
                                                     0x8000,
                                                     0xffff,
                                                     0x10000000,
                                                     0x7fffffff,
                                                     0x80000000,
                                                     0xfffffffe,
                                                     0xffffffff,
                                                     0x100000000,
                                                     0x100000001,
                                                     0x1ffffffff,
                                                     0x200000000,
                                                     0x7fffffffffffffff,
                                                     0x8000000000000000,
                                                     0xfffffffeffffffff,
                                                     0xffffffff00000000,
                                                     0xfffffffffffffffe,
                                                     0xffffffffffffffff};
  if (random.chance(80)) return random.pick(kValues);
  return random.bits() >> random.below(64);
}

std::vector<ir::ValueRange> random_ranges(Random& random) {
  std::vector<ir::ValueRange> ranges;
  for (std::size_t count = 1 + random.below(random.chance(20) ? 6 : 2); count > 0; --count) {
    const std::uint64_t low = interesting_value(random);
    switch (random.below(4)) {
      case 0:
      case 1:
        ranges.push_back({low, low});
        break;
      case 2:
        ranges.push_back({low, std::max(low, interesting_value(random))});
        break;
      case 3:
        ranges.push_back({0, low});
        break;
    }
  }
  return ranges;
}

ArgumentCondition random_test(kernel::SyscallId call, Arch arch, Random& random) {
  ArgumentTest test;
  test.index = static_cast<std::uint8_t>(random.below(ir::kMaxArguments));
  const auto parameters = kernel::parameters(call, arch);
  test.bits = test.index < parameters.size() ? parameters[test.index].bits : random.chance(50) ? 32 : 64;
  if (random.chance(10)) test.bits = random.chance(50) ? 32 : 64;
  if (random.chance(35)) {
    test.mask = random.chance(50) ? interesting_value(random) : std::uint64_t{1} << random.below(64);
  }
  for (ir::ValueRange range : random_ranges(random)) {
    range.low &= test.mask & test.all_ones();
    range.high &= test.mask & test.all_ones();
    if (range.low <= range.high) test.ranges.push_back(range);
  }
  const ArgumentCondition condition = ArgumentCondition::of(test);
  return random.chance(25) ? ArgumentCondition::negation(condition) : condition;
}

// Up to six tests, in one or two levels.
ArgumentCondition random_condition(kernel::SyscallId call, Arch arch, Random& random) {
  if (random.chance(30)) return ArgumentCondition::always();
  std::vector<ArgumentCondition> alternatives;
  std::vector<ArgumentCondition> together;
  for (std::size_t count = 1 + random.below(random.chance(20) ? 6 : 3); count > 0; --count) {
    together.push_back(random_test(call, arch, random));
    if (!random.chance(25)) continue;
    alternatives.push_back(ArgumentCondition::all(std::move(together)));
    together.clear();
  }
  if (!together.empty()) alternatives.push_back(ArgumentCondition::all(std::move(together)));
  const ArgumentCondition condition = ArgumentCondition::any(std::move(alternatives));
  return random.chance(10) ? ArgumentCondition::negation(condition) : condition;
}

// All tests of a condition, for placing arguments on their edges.
void collect_tests(const ArgumentCondition& condition, std::vector<ArgumentTest>& tests) {
  if (condition.kind == ArgumentCondition::Kind::Test) tests.push_back(condition.test);
  for (const ArgumentCondition& operand : condition.operands) collect_tests(operand, tests);
}

void place_on_edge(const ArgumentTest& test, ir::Arguments& arguments, Random& random) {
  const ir::ValueRange& range = random.pick(test.ranges);
  std::uint64_t value = random.chance(50) ? range.low : range.high;
  if (random.chance(30)) value += random.chance(50) ? 1 : ~std::uint64_t{0};
  const std::uint64_t seen = test.mask & test.all_ones();
  const std::uint64_t unseen = random.chance(60) ? arguments[test.index] : random.bits();
  arguments[test.index] = (value & seen) | (unseen & ~seen);
}

std::uint32_t odd_number(Random& random) {
  static const std::vector<std::uint32_t> kNumbers = {
      0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff, 0x40000000, 0x3fffffff, 0x400001ff, 0x400003e8,
      1000,       334,        335,        512,        547,        548,        0x0f0002};
  return random.chance(70) ? random.pick(kNumbers) : static_cast<std::uint32_t>(random.bits());
}

}  // namespace

ir::Profile random_profile(const ProfileShape& shape, Random& random) {
  ir::Profile profile;
  profile.name = "random";
  const std::size_t arch_count = random.chance(60) ? 3 : 1 + random.below(2);
  while (profile.syscalls.arches.size() < arch_count) profile.syscalls.arches.insert(random.pick(shape.arches));
  const std::vector<kernel::KernelVersion> versions = {{2, 6}, {4, 4}, {5, 4}, {5, 15}, {6, 1}, {6, 12}};
  profile.syscalls.vocabulary = random.pick(versions);
  profile.syscalls.otherwise = random.pick(shape.actions);
  profile.syscalls.newer = random.pick(shape.actions);
  profile.syscalls.foreign = random.pick(shape.actions);

  std::vector<kernel::SyscallId> calls;
  for (std::size_t count = 1 + random.below(random.chance(50) ? 8 : 100); count > 0; --count) {
    calls.push_back(random.pick(shape.calls));
  }
  const std::vector<Arch> arches(profile.syscalls.arches.begin(), profile.syscalls.arches.end());
  const std::size_t most = random.chance(70) ? std::min<std::size_t>(shape.most_rules, 30) : shape.most_rules;
  for (std::size_t count = 1 + random.below(most); count > 0; --count) {
    const kernel::SyscallId call = random.pick(calls);
    const Arch arch = random.pick(arches);
    if (!kernel::number(call, arch)) continue;
    const SyscallAction action = random.pick(shape.actions);
    profile.rules.push_back({.effect = action.lets_call_run() ? ir::Effect::Allow : ir::Effect::Deny,
                             .permission = ir::SyscallUse{.syscall = call,
                                                          .arch = arch,
                                                          .condition = random_condition(call, arch, random),
                                                          .action = action},
                             .origin = {},
                             .brought_by = {},
                             .because = "",
                             .from_set = false,
                             .merged_from = {}});
  }
  return profile;
}

ir::SyscallRequest random_request(const ir::Profile& profile, Random& random) {
  ir::SyscallRequest request;
  for (std::uint64_t& argument : request.arguments) argument = interesting_value(random);
  const bool is_near_rule = !profile.rules.empty() && random.chance(75);
  if (!is_near_rule) {
    request.arch = random.pick(kernel::all_arches()).arch;
    if (random.chance(60)) {
      const std::vector<Arch> arches(profile.syscalls.arches.begin(), profile.syscalls.arches.end());
      request.arch = random.pick(arches);
    }
    request.number = random.chance(60) ? static_cast<std::uint32_t>(random.below(600)) : odd_number(random);
    return request;
  }
  const auto& use = std::get<ir::SyscallUse>(random.pick(profile.rules).permission);
  request.arch = use.arch;
  request.number = *kernel::number(use.syscall, use.arch);
  if (random.chance(3)) request.number ^= kernel::kX32Bit;
  std::vector<ArgumentTest> tests;
  collect_tests(use.condition, tests);
  for (const ArgumentTest& test : tests) {
    if (random.chance(85)) place_on_edge(test, request.arguments, random);
  }
  return request;
}

}  // namespace isola::testing
