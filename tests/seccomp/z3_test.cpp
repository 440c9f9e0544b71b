// Z3 proves that filters answer every call as their policies do, from encodings of its own (z3_terms.h).
//
//   seccomp_z3_tests shipped        every example and every bundle of the standard library
//   seccomp_z3_tests workloads      the known workloads of the corpus; 77 without ISOLA_CORPUS

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "backends/seccomp/emit.h"
#include "tests/seccomp/goals.h"
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

}  // namespace

int main(int count, char** words) {
  const std::string which = count == 2 ? words[1] : "";
  if (which != "shipped" && which != "workloads") {
    fmt::print(stderr, "usage: {} shipped|workloads\n", words[0]);
    return EXIT_FAILURE;
  }
  const std::vector<testing::NamedProfile> profiles =
      which == "shipped" ? testing::shipped_profiles() : testing::workload_profiles();
  if (profiles.empty()) {
    fmt::print("ISOLA_CORPUS is not set: skipped\n");
    return 77;
  }
  bool is_proven = true;
  for (const testing::NamedProfile& named : profiles) is_proven = prove_all(named) && is_proven;
  return is_proven ? EXIT_SUCCESS : EXIT_FAILURE;
}
