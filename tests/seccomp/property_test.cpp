// Emitted filters against decide, on random profiles and calls, by interpreter.
//
//   seccomp_property_tests [--seed N] [--profiles N] [--calls N] [--jobs N]
//
// Every sixteenth filter is also compared with its profile as a function, for all calls (compare.h).
// Filters are made for one goal after the other. Profile i is made of seed + i, whatever the number of jobs:
// `--seed THAT --profiles 1` repeats one. A difference is printed with the fewest rules that still show it.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "backends/seccomp/compare.h"
#include "backends/seccomp/kernel_check.h"
#include "backends/seccomp/readback.h"
#include "backends/seccomp/seccomp.h"
#include "compiler/ir/decide.h"
#include "compiler/ir/dump.h"
#include "tests/seccomp/goals.h"
#include "tests/seccomp/random_profile.h"
#include "tests/seccomp/test_options.h"

using namespace isola;

namespace {

// Nothing when the profile needs a longer filter than the kernel takes.
std::optional<llvm::SmallVector<backends::Artifact, 2>> compile(const ir::Profile& profile,
                                                                backends::seccomp::Goal goal) {
  Diagnostics diagnostics;
  backends::Options options;
  options.filter_goal = goal;
  auto artifacts = backends::seccomp::kBackend.compile(profile, options, diagnostics);
  if (artifacts.empty()) return std::nullopt;
  return artifacts;
}

// The same action; who decided and why is not in a filter.
bool agrees(const ir::Profile& profile, llvm::ArrayRef<backends::Artifact> artifacts,
            const ir::Request& request) {
  const auto found = backends::seccomp::kBackend.readback(artifacts, request);
  const ir::Decision wanted = ir::decide(profile, request, {ir::Judge::Syscalls});
  return found && found->action == wanted.action && found->effect == wanted.effect;
}

void print_failure(const ir::Profile& profile, backends::seccomp::Goal goal, const ir::Request& request) {
  const auto fails = [&](const ir::Profile& candidate) {
    const auto artifacts = compile(candidate, goal);
    return artifacts && !agrees(candidate, *artifacts, request);
  };
  const ir::Profile smallest = testing::shrink(profile, fails);
  const auto& call = std::get<ir::SyscallRequest>(request.operation);
  const auto found = backends::seccomp::kBackend.readback(*compile(smallest, goal), request);
  fmt::print("{}\n{}\nnumber {:#x}, arguments", ir::dump(smallest), ir::to_text(request), call.number);
  for (const std::uint64_t argument : call.arguments) fmt::print(" {:#x}", argument);
  fmt::print("\ndecide: {}\nfilter: {}\n",
             ir::to_text(ir::decide(smallest, request, {ir::Judge::Syscalls}).action),
             found ? ir::to_text(found->action) : "nothing");
}

// What the comparison of functions says of all calls.
bool is_equal(const ir::Profile& profile, llvm::ArrayRef<backends::Artifact> artifacts) {
  using namespace backends::seccomp;
  for (const ByteOrder byte_order : {ByteOrder::Little, ByteOrder::Big}) {
    const bool is_big = byte_order == ByteOrder::Big;
    kernel::ArchSet arches;
    for (const kernel::Arch arch : profile.syscalls.arches) {
      if (kernel::info(arch).is_big_endian == is_big) arches.insert(arch);
    }
    for (const backends::Artifact& artifact : artifacts) {
      if (artifact.name != (is_big ? kBigEndianName : kLittleEndianName)) continue;
      const Comparison comparison =
          compare(*read_program(artifact.bytes, byte_order).program, profile, arches);
      if (!comparison.is_complete || !comparison.differences.empty()) return false;
    }
  }
  return true;
}

struct Tally {
  std::size_t pairs = 0;
  std::size_t too_long = 0;
  std::size_t differing = 0;  // profiles
};

void check_profile(std::uint64_t seed, std::size_t calls, Tally& tally) {
  testing::Random random(seed);
  const ir::Profile profile = testing::random_profile(testing::any_shape(), random);
  const testing::NamedGoal& goal = testing::kGoals[seed / 16 % std::size(testing::kGoals)];
  const auto artifacts = compile(profile, goal.goal);
  if (!artifacts) {
    ++tally.too_long;
    return;
  }
  if (seed % 16 == 0 && !is_equal(profile, *artifacts)) {
    fmt::print("--seed {}: compare finds a difference\n{}", seed, ir::dump(profile));
    ++tally.differing;
    return;
  }
  for (std::size_t call = 0; call < calls; ++call) {
    const ir::Request request{.child = "", .operation = testing::random_request(profile, random)};
    ++tally.pairs;
    if (agrees(profile, *artifacts, request)) continue;
    fmt::print("--seed {}, made for {}:\n", seed, goal.name);
    print_failure(profile, goal.goal, request);
    ++tally.differing;
    return;
  }
}

// Every `jobs`-th profile, in a process of its own; the tally comes back through the pipe.
int start_job(std::uint64_t first_seed, std::uint64_t end_seed, std::size_t jobs, std::size_t calls) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(EXIT_FAILURE);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) std::exit(EXIT_FAILURE);
  if (child > 0) {
    close(ends[1]);
    return ends[0];
  }
  Tally tally;
  for (std::uint64_t seed = first_seed; seed < end_seed; seed += jobs) check_profile(seed, calls, tally);
  std::fflush(stdout);
  const bool is_written = write(ends[1], &tally, sizeof tally) == sizeof tally;
  _exit(is_written ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace

int main(int count, char** words) {
  const testing::TestOptions options(count, words, {"seed", "profiles", "calls", "jobs"});
  const std::uint64_t seed = options.seed();
  const std::uint64_t profiles = options.number("profiles", 2000);
  const std::uint64_t calls = options.number("calls", 200);
  const std::uint64_t jobs = options.number("jobs", 1);
  fmt::print("seed {}, {} profiles, {} calls each\n", seed, profiles, calls);

  const auto start = std::chrono::steady_clock::now();
  std::vector<int> results;
  for (std::uint64_t job = 0; job < jobs; ++job) {
    results.push_back(start_job(seed + job, seed + profiles, jobs, calls));
  }
  Tally sum;
  bool is_complete = true;
  for (const int result : results) {
    Tally tally;
    is_complete = read(result, &tally, sizeof tally) == sizeof tally && is_complete;
    sum.pairs += tally.pairs;
    sum.too_long += tally.too_long;
    sum.differing += tally.differing;
  }
  while (wait(nullptr) > 0) continue;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("{} calls compared in {:.1f} s, {} profiles differ, {} are too long for one filter\n", sum.pairs,
             seconds.count(), sum.differing, sum.too_long);
  const bool is_fine = is_complete && sum.differing == 0 && sum.too_long * 20 <= profiles;
  return is_fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
