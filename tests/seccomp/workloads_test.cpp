// The figures of filters for known workloads, held against limits; prints a table.
//
// Each goal is held against what it is for: Size against instructions, Balanced against the mean over all
// calls, Frequency against the mean over calls as they are made, all of them against the longest path. Needs
// the corpus (ISOLA_CORPUS); without it the program ends with 77, which CTest takes as skipped.

#include <fmt/format.h>

#include <cstdlib>

#include "backends/seccomp/emit.h"
#include "backends/seccomp/lower.h"
#include "backends/seccomp/prove.h"
#include "tests/seccomp/figures.h"
#include "tests/seccomp/goals.h"
#include "tests/seccomp/workload.h"

using namespace isola;
using namespace isola::backends::seccomp;
using testing::Width;

namespace {

struct Limits {
  const char* file;
  std::size_t instructions, typed_instructions;  // Size
  double mean;                                   // Balanced
  double weighted;                               // Frequency
};

// Source: the best filters that other compilers and a prototype of ours make of these, or what we had reached
// when the line was written.
constexpr Limits kLimits[] = {
    {"a_docker3", 179, 175, 10.0, 6.75}, {"b_docker1", 66, 62, 9.1, 6.75}, {"c_podman1", 67, 61, 8.8, 6.55},
    {"d_nginx40", 27, 27, 7.7, 7.6},     {"e_args", 190, 168, 9.9, 9.0},
};
constexpr std::size_t kLongestPath = 25;
// Of the goal that is quick to compile: so much more than the smallest.
constexpr double kFastExcess = 1.25;

bool keeps(const Limits& limits, Goal goal, Width width, const testing::ExecutedFigures& figures,
           std::size_t instructions) {
  const std::size_t most = width == Width::Parameter ? limits.typed_instructions : limits.instructions;
  switch (goal) {
    case Goal::Size:
      return instructions <= most;
    case Goal::Balanced:
      return figures.mean <= limits.mean;
    case Goal::Frequency:
      return figures.weighted <= limits.weighted;
    case Goal::Fast:
      return static_cast<double>(instructions) <= kFastExcess * static_cast<double>(most);
  }
  return false;
}

bool report(const Limits& limits, const ir::Profile& profile, Width width, testing::NamedGoal named,
            const kernel::CallFrequencies& frequencies, llvm::ArrayRef<testing::CountedCall> calls) {
  const Model model = std::move(lower(profile, named.goal, frequencies).front());
  const Program program = emit(model);
  prove_meaning(program, profile, model.arches);
  prove_cacheable(program, model.arches);
  const testing::ExecutedFigures figures = testing::executed_figures(program, calls);
  const std::size_t longest = testing::longest_path(program, model.arches);
  const bool is_kept =
      keeps(limits, named.goal, width, figures, program.instructions.size()) && longest <= kLongestPath;
  fmt::print(
      "{:10} {:9} {:9} {:4} instructions  mean {:5.2f} (all architectures {:5.2f})  weighted {:5.2f}  "
      "most {:2}  longest path {:2}  {}\n",
      limits.file, width == Width::Parameter ? "typed" : "64-bit", named.name, program.instructions.size(),
      figures.mean, figures.mean_all_arches, figures.weighted, figures.most, longest,
      is_kept ? "kept" : "NOT KEPT");
  return is_kept;
}

}  // namespace

int main() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) {
    fmt::print("ISOLA_CORPUS is not set: skipped\n");
    return 77;
  }
  const std::string directory = std::string(corpus) + "/seccomp/";
  const auto frequencies = testing::workload_frequencies(testing::read_json_object(directory + "freq.json"));
  const llvm::json::Object tables = testing::read_json_object(directory + "tables.json");
  bool is_kept = true;
  for (const Limits& limits : kLimits) {
    const llvm::json::Object workload = testing::read_json_object(directory + limits.file + ".json");
    for (const Width width : {Width::Register, Width::Parameter}) {
      const ir::Profile profile = testing::workload_profile(workload, width);
      const auto calls = testing::workload_calls(tables, profile.syscalls.arches, frequencies);
      for (const testing::NamedGoal& named : testing::kGoals) {
        is_kept = report(limits, profile, width, named, frequencies, calls) && is_kept;
      }
    }
  }
  return is_kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
