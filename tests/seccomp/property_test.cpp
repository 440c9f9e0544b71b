// Emitted filters against decide, on random profiles and calls, by interpreter.
//
//   seccomp_property_tests [SEED [PROFILES]]      40 calls to each profile
//
// A difference is printed with the fewest rules that still show it.

#include <fmt/format.h>

#include <cstdlib>

#include "backends/seccomp/seccomp.h"
#include "compiler/ir/decide.h"
#include "compiler/ir/dump.h"
#include "tests/seccomp/random_profile.h"

using namespace isola;

static constexpr std::size_t kCallsPerProfile = 40;

// Nothing when the profile needs a longer filter than the kernel takes.
static std::optional<llvm::SmallVector<backends::Artifact, 2>> compile(const ir::Profile& profile) {
  Diagnostics diagnostics;
  auto artifacts = backends::seccomp::kBackend.compile(profile, {}, diagnostics);
  if (artifacts.empty()) return std::nullopt;
  return artifacts;
}

// The same action; who decided and why is not in a filter.
static bool agrees(const ir::Profile& profile, llvm::ArrayRef<backends::Artifact> artifacts,
                   const ir::Request& request) {
  const auto found = backends::seccomp::kBackend.readback(artifacts, request);
  const ir::Decision wanted = ir::decide(profile, request, {ir::Judge::Syscalls});
  return found && found->action == wanted.action && found->effect == wanted.effect;
}

static void print_failure(const ir::Profile& profile, const ir::Request& request) {
  const auto fails = [&](const ir::Profile& candidate) {
    const auto artifacts = compile(candidate);
    return artifacts && !agrees(candidate, *artifacts, request);
  };
  const ir::Profile smallest = testing::shrink(profile, fails);
  const auto& call = std::get<ir::SyscallRequest>(request.operation);
  const auto found = backends::seccomp::kBackend.readback(*compile(smallest), request);
  fmt::print("{}\n{}\nnumber {:#x}, arguments", ir::dump(smallest), ir::to_text(request), call.number);
  for (const std::uint64_t argument : call.arguments) fmt::print(" {:#x}", argument);
  fmt::print("\ndecide: {}\nfilter: {}\n",
             ir::to_text(ir::decide(smallest, request, {ir::Judge::Syscalls}).action),
             found ? ir::to_text(found->action) : "nothing");
}

int main(int argument_count, char** arguments) {
  const std::uint64_t seed =
      argument_count > 1 ? std::strtoull(arguments[1], nullptr, 0) : std::random_device{}();
  const std::size_t profiles = argument_count > 2 ? std::strtoull(arguments[2], nullptr, 0) : 500;
  fmt::print("seed {}, {} profiles, {} calls each\n", seed, profiles, kCallsPerProfile);

  testing::Random random(seed);
  const testing::ProfileShape shape = testing::any_shape();
  std::size_t checked = 0;
  std::size_t too_long = 0;
  for (std::size_t count = 0; count < profiles; ++count) {
    const ir::Profile profile = testing::random_profile(shape, random);
    const auto artifacts = compile(profile);
    if (!artifacts) {
      ++too_long;
      continue;
    }
    for (std::size_t call = 0; call < kCallsPerProfile; ++call) {
      const ir::Request request{.child = "", .operation = testing::random_request(profile, random)};
      if (!agrees(profile, *artifacts, request)) {
        print_failure(profile, request);
        return EXIT_FAILURE;
      }
      ++checked;
    }
  }
  fmt::print("{} pairs agree, {} profiles too long for one filter\n", checked, too_long);
  return too_long * 20 > profiles ? EXIT_FAILURE : EXIT_SUCCESS;
}
