#include "tests/bench/seccomp_targets.h"

#include <fmt/format.h>

namespace isola::bench {

namespace {

using Goal = backends::FilterGoal;

struct Target {
  const char* workload;
  double size, typed_size, mean, weighted;
};

// Source: the best filters that other compilers and a prototype made of these workloads, and what was asked
// of us.
constexpr Target kTargets[] = {
    {"a", 213, 0, 10.0, 6.75}, {"b", 67, 0, 9.1, 6.75},   {"c", 67, 0, 8.8, 6.55},
    {"d", 27, 0, 7.7, 7.6},    {"e", 193, 169, 9.9, 9.0},
};
constexpr double kLongestPath = 25;
// Microseconds, lowering and emission together, without the proof.
constexpr double kFullCompile = 1000;
constexpr double kFastCompileA = 300;
constexpr double kFastCompileB = 60;
// How many times faster than libseccomp.
constexpr double kFasterA = 25;
constexpr double kFasterB = 10;
constexpr double kPeakMebibytes = 64;

void print_line(const std::string& what, double found, double limit, bool is_met) {
  const std::string verdict =
      is_met ? "met" : fmt::format("NOT MET, by {:.1f} %", 100 * std::abs(found / limit - 1));
  fmt::print("  {:<66} {:>9.2f} {:>9.2f}   {}\n", what, found, limit, verdict);
}

void at_most(const std::string& what, double found, double limit) {
  // Means are held against limits of two digits, so as rounded to two digits.
  print_line(what, found, limit, found < limit + 0.005);
}

void at_least(const std::string& what, double found, double limit) {
  print_line(what, found, limit, found >= limit);
}

void print_workload(const Target& target, const WorkloadFigures& figures) {
  const std::string name = target.workload;
  const FilterFigures& size = figures.wide.at(Goal::Size);
  at_most(name + ": instructions, smallest", static_cast<double>(size.instructions), target.size);
  if (target.typed_size > 0) {
    const FilterFigures& typed = figures.typed.at(Goal::Size);
    at_most(name + ": instructions, smallest, typed", static_cast<double>(typed.instructions),
            target.typed_size);
  }
  at_most(name + ": executed, mean, balanced", figures.wide.at(Goal::Balanced).executed.mean, target.mean);
  at_most(name + ": executed, weighted mean, frequency", figures.wide.at(Goal::Frequency).executed.weighted,
          target.weighted);
  std::size_t longest = 0;
  std::size_t missed = 0;
  for (const auto* table : {&figures.wide, &figures.typed}) {
    for (const auto& [goal, one] : *table) {
      longest = std::max(longest, one.longest);
      missed += one.always_allowed - one.cached;
    }
  }
  at_most(name + ": executed, longest path of any number, all goals", static_cast<double>(longest),
          kLongestPath);
  at_most(name + ": always allowed and not cached, all goals", static_cast<double>(missed), 0);
}

}  // namespace

void print_targets(const std::map<std::string, WorkloadFigures>& figures, std::size_t peak_kib) {
  fmt::print("\nfigures to reach{:>62} {:>9}\n", "reached", "limit");
  for (const Target& target : kTargets) {
    if (const auto found = figures.find(target.workload); found != figures.end())
      print_workload(target, found->second);
  }
  if (!figures.contains("a") || !figures.contains("b")) return;
  const WorkloadFigures& a = figures.at("a");
  const WorkloadFigures& b = figures.at("b");
  const double fast_a = a.wide.at(Goal::Fast).compile.minimum;
  const double fast_b = b.wide.at(Goal::Fast).compile.minimum;
  at_most("a: compilation without proof, fast, us", fast_a, kFastCompileA);
  at_most("b: compilation without proof, fast, us", fast_b, kFastCompileB);
  at_most("a: compilation without proof, balanced, us", a.wide.at(Goal::Balanced).compile.minimum,
          kFullCompile);
  at_most("b: compilation without proof, balanced, us", b.wide.at(Goal::Balanced).compile.minimum,
          kFullCompile);
  at_least("a: times faster than libseccomp (linear), fast", a.linear.compile.minimum / fast_a, kFasterA);
  at_least("b: times faster than libseccomp (linear), fast", b.linear.compile.minimum / fast_b, kFasterB);
  const double proven_a = fast_a + a.wide.at(Goal::Fast).proof.minimum;
  const double proven_b = fast_b + b.wide.at(Goal::Fast).proof.minimum;
  at_least("a: the same with our proof counted in", a.linear.compile.minimum / proven_a, kFasterA);
  at_least("b: the same with our proof counted in", b.linear.compile.minimum / proven_b, kFasterB);
  at_most("a: peak memory of a process that compiles and proves it, MiB",
          static_cast<double>(peak_kib) / 1024, kPeakMebibytes);
}

}  // namespace isola::bench
