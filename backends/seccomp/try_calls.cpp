#include "backends/seccomp/try_calls.h"

#include <random>
#include <set>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/difference_list.h"
#include "backends/seccomp/policy_function.h"
#include "compiler/base/check.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

using kernel::Arch;

// For each number: where the policy looks at arguments, and where it does not.
constexpr std::size_t kManyTries = 4096;
constexpr std::size_t kFewTries = 64;
constexpr std::size_t kMostCubes = 4096;
constexpr std::uint64_t kSeed = 1;

class Trial {
 public:
  Trial(const Program& program, const ir::Profile& profile, kernel::ArchSet arches)
      : program_(program), arches_(arches), policy_(profile, arches, diagrams_) {
    std::set<std::uint32_t> values{0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
    for (const sock_filter& instruction : program.instructions) {
      for (const std::uint32_t value : {instruction.k - 1, instruction.k, instruction.k + 1})
        values.insert(value);
    }
    values_.assign(values.begin(), values.end());
  }

  std::vector<Difference> run() {
    std::set<std::uint32_t> done;
    for (const kernel::ArchInfo& info : kernel::all_arches()) {
      if (info.is_big_endian != (program_.byte_order == ByteOrder::Big)) continue;
      if (done.insert(info.audit_arch).second) try_arch(info.arch);
    }
    return differences_.take();
  }

 private:
  void try_arch(Arch arch) {
    const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
    bool is_own = false;
    std::set<std::uint32_t> numbers(values_.begin(), values_.end());
    for (const Arch each : arches_) {
      if (kernel::info(each).audit_arch != audit_arch) continue;
      is_own = true;
      for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
        const auto number = kernel::number(static_cast<kernel::SyscallId>(index), each);
        if (number) numbers.insert(*number);
      }
    }
    const PolicyFunction::ByNumber functions =
        is_own ? policy_.by_number(arch) : PolicyFunction::ByNumber{{0, policy_.foreign()}};
    for (const std::uint32_t number : numbers) {
      const PolicyFunction::Diagram function = std::prev(functions.upper_bound(number))->second;
      try_number(arch, is_own, number, function);
    }
  }

  std::uint32_t any_value() { return values_[random_() % values_.size()]; }

  // Near some call that the policy answers in one of its ways, or just anything.
  ir::Arguments some_arguments(Arch arch, const std::vector<ir::Arguments>& near) {
    ir::Arguments arguments = near[random_() % near.size()];
    const std::size_t kept = random_() % 4;  // of four arguments
    for (std::uint64_t& argument : arguments) {
      if (random_() % 4 < kept) continue;
      const std::uint64_t upper = kernel::info(arch).is_64_bit && random_() % 4 == 0 ? any_value() : 0;
      argument = (upper << 32) | any_value();
    }
    return arguments;
  }

  void try_number(Arch arch, bool is_own, std::uint32_t number, PolicyFunction::Diagram function) {
    std::vector<ir::Arguments> near;
    for (const std::uint32_t answer : diagrams_.outcomes(function)) {
      near.push_back(*diagrams_.witness(function, answer));
    }
    // One of every way through the policy's own questions.
    if (const auto cubes = diagrams_.cubes(function, kMostCubes); cubes && near.size() > 1) {
      for (const ir::DecisionDiagrams::Cube& cube : *cubes) near.push_back(cube.value);
    }
    Difference difference;
    if (is_own) {
      const bool is_x32 = arch == Arch::X86_64 && number >= kernel::kX32Bit && number != 0xffffffff;
      difference.arch = is_x32 ? Arch::X32 : arch;
      if (arches_.contains(*difference.arch)) difference.call = kernel::syscall_at(*difference.arch, number);
    }
    const std::size_t tries = near.size() == 1 ? kFewTries : kManyTries;
    for (std::size_t count = 0; count < tries; ++count) {
      const ir::Arguments arguments = some_arguments(arch, near);
      difference.example = ir::words_of(kernel::info(arch).audit_arch, number, arguments);
      difference.policy_answer = effective_answer(diagrams_.evaluate(function, arguments));
      try_call(difference);
    }
  }

  void try_call(Difference& difference) {
    const auto returned = seccomp::run(program_, data_of(difference.example));
    ISOLA_CHECK(returned, "a program that the kernel takes answers");
    difference.filter_answer = effective_answer(*returned);
    difference.width = 1;
    if (difference.filter_answer != difference.policy_answer) differences_.add(difference);
  }

  const Program& program_;
  kernel::ArchSet arches_;
  ir::DecisionDiagrams diagrams_;
  PolicyFunction policy_;
  std::vector<std::uint32_t> values_;
  std::mt19937_64 random_{kSeed};
  DifferenceList differences_;
};

}  // namespace

std::vector<Difference> try_calls(const Program& program, const ir::Profile& profile,
                                  kernel::ArchSet arches) {
  return Trial(program, profile, arches).run();
}

}  // namespace isola::backends::seccomp
