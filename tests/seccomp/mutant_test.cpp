// Filters with one instruction changed: the proof must find every one that answers a call in another way.
//
//   seccomp_mutant_tests [--seed N] [--count N]
//
// Each mutant of a shipped policy's, a workload's (with ISOLA_CORPUS) or a random policy's filter is either
// refused by the kernel's checks; or refuted, with a call for which the interpreter and decide really differ
// as said; or found to be equal, which Z3 then has to confirm; or, one in two hundred at most, too complex.
// `count` does not count the refused ones.

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/compare.h"
#include "backends/seccomp/disassembly.h"
#include "backends/seccomp/emit.h"
#include "backends/seccomp/kernel_check.h"
#include "compiler/ir/decide.h"
#include "tests/seccomp/goals.h"
#include "tests/seccomp/random_profile.h"
#include "tests/seccomp/shipped_policies.h"
#include "tests/seccomp/test_options.h"
#include "tests/seccomp/z3_terms.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

constexpr std::size_t kRandomProfiles = 40;

struct Subject {
  std::string name;
  ir::Profile profile;
  kernel::ArchSet arches;  // of the program
  Program program;
};

void add_subjects(const std::string& name, const ir::Profile& profile, std::vector<Subject>& subjects) {
  for (const testing::NamedGoal& goal : testing::kGoals) {
    for (const Model& model : lower(profile, goal.goal)) {
      Program program = emit(model);
      if (program.instructions.size() > kMostInstructions) continue;
      subjects.push_back({fmt::format("{}, {}", name, goal.name), profile, model.arches, std::move(program)});
    }
  }
}

std::vector<Subject> make_subjects(testing::Random& random) {
  std::vector<Subject> subjects;
  for (const testing::NamedProfile& named : testing::shipped_profiles()) {
    add_subjects(named.name, named.profile, subjects);
  }
  for (const testing::NamedProfile& named : testing::workload_profiles()) {
    add_subjects(named.name, named.profile, subjects);
  }
  for (std::size_t count = 0; count < kRandomProfiles; ++count) {
    const ir::Profile profile = testing::random_profile(testing::any_shape(), random);
    add_subjects(fmt::format("random profile {}", count), profile, subjects);
  }
  return subjects;
}

// ---- mutations

constexpr std::uint16_t kCodes[] = {BPF_LD | BPF_W | BPF_ABS,
                                    BPF_LD | BPF_W | BPF_LEN,
                                    BPF_LDX | BPF_W | BPF_LEN,
                                    BPF_LD | BPF_IMM,
                                    BPF_LDX | BPF_IMM,
                                    BPF_LD | BPF_MEM,
                                    BPF_ST,
                                    BPF_STX,
                                    BPF_MISC | BPF_TAX,
                                    BPF_MISC | BPF_TXA,
                                    BPF_RET | BPF_K,
                                    BPF_RET | BPF_A,
                                    BPF_ALU | BPF_ADD | BPF_K,
                                    BPF_ALU | BPF_SUB | BPF_K,
                                    BPF_ALU | BPF_MUL | BPF_K,
                                    BPF_ALU | BPF_DIV | BPF_X,
                                    BPF_ALU | BPF_AND | BPF_K,
                                    BPF_ALU | BPF_AND | BPF_X,
                                    BPF_ALU | BPF_OR | BPF_K,
                                    BPF_ALU | BPF_XOR | BPF_K,
                                    BPF_ALU | BPF_LSH | BPF_K,
                                    BPF_ALU | BPF_RSH | BPF_K,
                                    BPF_ALU | BPF_NEG,
                                    BPF_JMP | BPF_JA,
                                    BPF_JMP | BPF_JEQ | BPF_K,
                                    BPF_JMP | BPF_JEQ | BPF_X,
                                    BPF_JMP | BPF_JGT | BPF_K,
                                    BPF_JMP | BPF_JGT | BPF_X,
                                    BPF_JMP | BPF_JGE | BPF_K,
                                    BPF_JMP | BPF_JGE | BPF_X,
                                    BPF_JMP | BPF_JSET | BPF_K};

std::uint32_t changed_constant(const Program& program, std::uint32_t value, testing::Random& random) {
  switch (random.below(4)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return value ^ (std::uint32_t{1} << random.below(32));
  }
  return random.pick(program.instructions).k;
}

std::uint8_t changed_offset(std::uint8_t value, testing::Random& random) {
  if (random.chance(60)) return static_cast<std::uint8_t>(random.chance(50) ? value + 1 : value - 1);
  return static_cast<std::uint8_t>(random.bits());
}

bool is_conditional(const sock_filter& instruction) {
  return BPF_CLASS(instruction.code) == BPF_JMP && BPF_OP(instruction.code) != BPF_JA;
}

// One place of one instruction, to another value.
Program mutate(const Program& program, testing::Random& random, std::size_t& place) {
  while (true) {
    Program mutant = program;
    place = random.below(mutant.instructions.size());
    sock_filter& instruction = mutant.instructions[place];
    const sock_filter before = instruction;
    const std::size_t kind = random.below(3);
    if (kind == 0) instruction.code = random.pick(kCodes);
    if (kind == 1) instruction.k = changed_constant(program, instruction.k, random);
    if (kind == 2 && is_conditional(instruction)) {
      std::uint8_t& offset = random.chance(50) ? instruction.jt : instruction.jf;
      offset = changed_offset(offset, random);
    }
    if (std::memcmp(&before, &instruction, sizeof before) != 0) return mutant;
  }
}

// ---- judging

// What decide says of the example; the foreign action for an architecture without a name.
std::uint32_t decided(const ir::Profile& profile, const ir::CallWords& example) {
  const auto audit_arch = static_cast<std::uint32_t>(example[ir::kHeadWord] >> 32);
  for (const kernel::ArchInfo& info : kernel::all_arches()) {
    if (info.audit_arch != audit_arch) continue;
    const ir::SyscallRequest call{.arch = info.arch,
                                  .number = static_cast<std::uint32_t>(example[ir::kHeadWord]),
                                  .arguments = ir::arguments_of(example),
                                  .any_arguments = 0};
    return encode_action(ir::decide(profile, {.child = "", .operation = call}, {ir::Judge::Syscalls}).action);
  }
  return encode_action(profile.syscalls.foreign);
}

// Whether the call shows what the difference says of it.
bool is_shown(const Subject& subject, const Program& mutant, const Difference& difference) {
  const auto answer = run(mutant, data_of(difference.example));
  if (!answer || effective_answer(*answer) != difference.filter_answer) return false;
  if (difference.filter_answer == difference.policy_answer) return false;
  return effective_answer(decided(subject.profile, difference.example)) == difference.policy_answer;
}

// A call for which Z3 finds that the two differ.
std::optional<testing::Counterexample> ask_z3(const Program& program, const Program& mutant) {
  const bool is_big_endian = program.byte_order == ByteOrder::Big;
  z3::context context;
  const testing::CallTerms call(context);
  const z3::expr before = testing::effect_of(testing::filter_term(call, to_bytes(program), is_big_endian));
  const z3::expr after = testing::effect_of(testing::filter_term(call, to_bytes(mutant), is_big_endian));
  return testing::find_difference(call, before, after, testing::is_possible(call, is_big_endian));
}

struct Tally {
  std::size_t refused = 0, refuted = 0, tried = 0, equivalent = 0, open = 0;
};

// What went wrong; empty when nothing did.
std::string judge(const Subject& subject, const Program& mutant, Tally& tally) {
  if (find_refusal(mutant)) {
    ++tally.refused;
    return "";
  }
  const Comparison comparison = compare(mutant, subject.profile, subject.arches);
  if (comparison.differences.empty()) {
    const bool is_equal = !ask_z3(subject.program, mutant);
    // Said to be too complex, which is no claim.
    const bool is_open = !comparison.is_complete && !is_equal;
    ++(is_open ? tally.open : tally.equivalent);
    return is_equal || is_open ? "" : "found to be equal, and Z3 has a call that shows it is not";
  }
  ++tally.refuted;
  if (!comparison.is_complete) ++tally.tried;
  for (const Difference& difference : comparison.differences) {
    if (!is_shown(subject, mutant, difference)) return "refuted with a call that does not show it";
  }
  return "";
}

}  // namespace

int main(int count, char** words) {
  const testing::TestOptions options(count, words, {"seed", "count"});
  const std::uint64_t seed = options.seed();
  const std::uint64_t wanted = options.number("count", 600);
  fmt::print("seed {}\n", seed);
  std::fflush(stdout);
  testing::Random random(seed);
  const std::vector<Subject> subjects = make_subjects(random);
  Tally tally;
  while (tally.refuted + tally.equivalent < wanted) {
    const Subject& subject = random.pick(subjects);
    std::size_t place = 0;
    const Program mutant = mutate(subject.program, random, place);
    const std::string failure = judge(subject, mutant, tally);
    if (failure.empty()) continue;
    const sock_filter& now = mutant.instructions[place];
    fmt::print("{}: instruction {} becomes code {:#x}, jt {}, jf {}, k {:#x}: {}\n{}", subject.name, place,
               now.code, now.jt, now.jf, now.k, failure, disassemble(subject.program));
    return EXIT_FAILURE;
  }
  fmt::print(
      "{} mutants of {} filters: {} refuted, each by a call that shows it ({} found by trying); {} "
      "equivalent, "
      "says Z3, too; {} too complex; and {} that the kernel refuses\n",
      tally.refuted + tally.equivalent + tally.open + tally.refused, subjects.size(), tally.refuted,
      tally.tried, tally.equivalent, tally.open, tally.refused);
  return tally.open * 200 <= wanted ? EXIT_SUCCESS : EXIT_FAILURE;
}
