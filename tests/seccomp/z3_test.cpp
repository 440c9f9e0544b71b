// Z3 proves that filters answer every call as their policies do, from encodings of its own (z3_terms.h).
//
//   seccomp_z3_tests shipped        every example and every bundle of the standard library
//   seccomp_z3_tests workloads      the known workloads of the corpus; 77 without ISOLA_CORPUS
//   seccomp_z3_tests random [SEED]  random profiles, which ask what people seldom do, big-endian machines
//   among them

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "backends/seccomp/emit.h"
#include "tests/seccomp/goals.h"
#include "tests/seccomp/random_profile.h"
#include "tests/seccomp/shipped_policies.h"
#include "tests/seccomp/z3_terms.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

void print_difference(const testing::Counterexample& found) {
  fmt::print("  differ: architecture {:#x}, number {:#x}, arguments", found.arch, found.number);
  for (const std::uint64_t argument : found.arguments) fmt::print(" {:#x}", argument);
  fmt::print(": filter {:#x}, policy {:#x}\n", found.left, found.right);
}

// One filter: whether all architectures, numbers and arguments get the same answer from both sides.
bool prove(const std::string& bytes, const ir::Profile& profile, bool is_big_endian) {
  z3::context context;
  const testing::CallTerms call(context);
  const z3::expr filter = testing::filter_term(call, bytes, is_big_endian);
  const z3::expr policy = testing::policy_term(call, profile, is_big_endian);
  const auto found = testing::find_difference(call, filter, policy, context.bool_val(true));
  if (found) print_difference(*found);
  return !found;
}

bool prove_all(const testing::NamedProfile& named) {
  bool is_proven = true;
  for (const testing::NamedGoal& goal : testing::kGoals) {
    for (const Model& model : lower(named.profile, goal.goal)) {
      const Program program = emit(model);
      if (program.instructions.size() > kMostInstructions) continue;
      const auto start = std::chrono::steady_clock::now();
      const bool is_equal = prove(to_bytes(program), named.profile, model.byte_order == ByteOrder::Big);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      fmt::print("{:45} {:10} {:4} instructions  {}  {:.2f} s\n", named.name, goal.name,
                 program.instructions.size(), is_equal ? "proven" : "REFUTED", seconds.count());
      std::fflush(stdout);
      is_proven = is_proven && is_equal;
    }
  }
  return is_proven;
}

constexpr std::uint64_t kRandomProfiles = 12;

std::vector<testing::NamedProfile> random_profiles(std::uint64_t seed) {
  fmt::print("seed {}\n", seed);
  std::vector<testing::NamedProfile> profiles;
  for (std::uint64_t count = 0; count < kRandomProfiles; ++count) {
    testing::Random random(seed + count);
    profiles.push_back(
        {fmt::format("seed {}", seed + count), testing::random_profile(testing::any_shape(), random)});
  }
  return profiles;
}

// Nothing for a word that is none.
std::optional<std::vector<testing::NamedProfile>> find_profiles(int count, char** words) {
  const std::string_view which = count > 1 ? words[1] : "";
  if (which == "shipped") return testing::shipped_profiles();
  if (which == "workloads") return testing::workload_profiles();
  if (which != "random") return std::nullopt;
  return random_profiles(count > 2 ? std::strtoull(words[2], nullptr, 0) : std::random_device{}());
}

}  // namespace

int main(int count, char** words) {
  const auto profiles = find_profiles(count, words);
  if (!profiles) {
    fmt::print(stderr, "usage: {} shipped|workloads|random [SEED]\n", words[0]);
    return EXIT_FAILURE;
  }
  if (profiles->empty()) {
    fmt::print("ISOLA_CORPUS is not set: skipped\n");
    return 77;
  }
  bool is_proven = true;
  for (const testing::NamedProfile& named : *profiles) is_proven = prove_all(named) && is_proven;
  return is_proven ? EXIT_SUCCESS : EXIT_FAILURE;
}
