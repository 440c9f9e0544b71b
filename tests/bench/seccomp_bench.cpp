// Our seccomp filters beside libseccomp's, all in one run on one machine.
//
//   isola_seccomp_bench SOURCE_TREE           the table, then each figure to reach
//   isola_seccomp_bench --once FILE           compiles and proves one workload, for its peak memory
//
// Workloads a to e come from the corpus (ISOLA_CORPUS); the shipped policies are measured always. Executed
// instructions are of classic BPF, all arguments 0: the mean over all calls of the first architecture's
// table, weighted by how often programs make them, the most of any call of all architectures; `longest` is
// the longest path of any number, whatever the arguments. Times are of this process: ours from the profile to
// the bytes of the program, the proof apart; libseccomp's from seccomp_init to the exported program.

#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/dispatch.h"
#include "backends/seccomp/emit.h"
#include "backends/seccomp/lower.h"
#include "backends/seccomp/prove.h"
#include "backends/seccomp/walk.h"
#include "compiler/base/check.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/library.h"
#include "tests/bench/install_time.h"
#include "tests/bench/peer_libseccomp.h"
#include "tests/bench/seccomp_targets.h"
#include "tests/seccomp/goals.h"
#include "tests/seccomp/workload.h"

using namespace isola;
using backends::seccomp::Goal;
using backends::seccomp::Program;
using bench::FilterFigures;
using testing::CountedCall;
using testing::Width;

namespace {

constexpr int kCompilations = 300;
constexpr int kPeerCompilations = 20;
constexpr int kProofs = 20;
constexpr int kInstallations = 60;

// What is measured alike for both sides.
struct Measured {
  const ir::Profile& profile;
  const std::vector<CountedCall>& calls;
};

// The calls that the rules allow whatever the arguments, of architectures that have a cache.
void count_cached(const Program& program, const Measured& measured, FilterFigures& figures) {
  for (const ir::Rule& rule : measured.profile.rules) {
    const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
    if (use == nullptr || !use->condition.is_always() || use->action.kind != ir::SyscallAction::Kind::Allow)
      continue;
    const auto number = kernel::number(use->syscall, use->arch);
    const kernel::ArchInfo& arch = kernel::info(use->arch);
    if (!number || use->arch == kernel::Arch::X32 || arch.is_big_endian) continue;
    ++figures.always_allowed;
    figures.cached += backends::seccomp::is_cached(program, *number, arch.audit_arch) ? 1 : 0;
  }
}

FilterFigures figures_of(const Program& program, const Measured& measured) {
  FilterFigures figures;
  figures.instructions = program.instructions.size();
  figures.executed = testing::executed_figures(program, measured.calls);
  figures.install = bench::install_times(program, kInstallations);
  count_cached(program, measured, figures);
  return figures;
}

// Tests of the number that the first architecture's part of one of our programs holds, to the fewest that any
// tree or graph of such tests can have.
double tests_over_bound(const Program& program, kernel::Arch arch) {
  const auto segments = backends::seccomp::number_segments(program, kernel::info(arch).audit_arch);
  std::vector<backends::seccomp::Interval> intervals;
  std::set<std::size_t> ends;
  std::map<std::pair<bool, std::size_t>, backends::seccomp::NodeId> places;
  for (const auto& segment : segments) {
    const sock_filter& end = program.instructions[segment.at];
    const bool is_answer = BPF_CLASS(end.code) == BPF_RET;
    // Copies of an answer are one place.
    const std::pair place{is_answer, is_answer ? std::size_t{end.k} : segment.at};
    const auto target = static_cast<backends::seccomp::NodeId>(places.size());
    intervals.push_back({segment.first, places.try_emplace(place, target).first->second, 0});
    ends.insert(segment.at);
  }
  std::size_t tests = 0;
  std::set<std::size_t> seen{0};
  std::vector<std::size_t> open{0};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    const sock_filter& instruction = program.instructions[at];
    if (ends.contains(at) || BPF_CLASS(instruction.code) == BPF_RET) continue;
    const bool jumps = BPF_CLASS(instruction.code) == BPF_JMP;
    const bool is_test = jumps && BPF_OP(instruction.code) != BPF_JA;
    tests += is_test ? 1 : 0;
    const std::size_t then = at + 1 + (is_test ? instruction.jt : jumps ? instruction.k : 0);
    const std::size_t otherwise = is_test ? at + 1 + instruction.jf : then;
    for (const std::size_t next : {then, otherwise}) {
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  // One of the tests is the architecture's.
  return static_cast<double>(tests - 1) / static_cast<double>(backends::seccomp::fewest_tests(intervals));
}

FilterFigures measure_ours(const Measured& measured, Goal goal, const kernel::CallFrequencies& frequencies) {
  using namespace backends::seccomp;
  Program program;
  const bench::Times compile = bench::measure(
      kCompilations, [&] { program = emit(lower(measured.profile, goal, frequencies).front()); });
  const Model model = std::move(lower(measured.profile, goal, frequencies).front());
  FilterFigures figures = figures_of(program, measured);
  figures.compile = compile;
  figures.proof = bench::measure(kProofs, [&] {
    prove_meaning(program, measured.profile, model.arches);
    prove_cacheable(program, model.arches);
  });
  figures.longest = testing::longest_path(program, model.arches);
  const bool is_alone = model.arches == kernel::ArchSet{kernel::Arch::X86_64};
  if (is_alone) figures.tests_over_bound = tests_over_bound(program, kernel::Arch::X86_64);
  return figures;
}

FilterFigures measure_peer(const Measured& measured, const bench::PeerPolicy& policy,
                           bench::PeerOrder order) {
  Program program;
  const bench::Times compile =
      bench::measure(kPeerCompilations, [&] { program = bench::compile_with_libseccomp(policy, order); });
  FilterFigures figures = figures_of(program, measured);
  figures.compile = compile;
  return figures;
}

void print_row(const std::string& what, const FilterFigures& figures, const FilterFigures& linear) {
  const auto or_dash = [](double value, const char* format) {
    return value > 0 ? fmt::format(fmt::runtime(format), value) : std::string("-");
  };
  fmt::print(
      "  {:<24} {:>6} {:>7.2f} {:>8.2f} {:>8.2f} {:>5} {:>7} {:>6} {:>8.0f} {:>8.0f} {:>7.1f} {:>7} {:>8.1f} "
      "{:>5.0f} %\n",
      what, figures.instructions, figures.executed.mean, figures.executed.mean_all_arches,
      figures.executed.weighted, figures.executed.most,
      or_dash(static_cast<double>(figures.longest), "{:.0f}"), or_dash(figures.tests_over_bound, "{:.2f}"),
      figures.compile.minimum, figures.compile.median, linear.compile.minimum / figures.compile.minimum,
      or_dash(figures.proof.minimum, "{:.0f}"), figures.install.minimum,
      100.0 * static_cast<double>(figures.cached) / static_cast<double>(figures.always_allowed));
}

void print_heading() {
  fmt::print("{:<26} {:>6} {:>7} {:>8} {:>8} {:>5} {:>7} {:>6} {:>8} {:>8} {:>7} {:>7} {:>8} {:>7}\n", "",
             "insns", "mean", "all arch", "weighted", "most", "longest", "bound", "us min", "us med",
             "faster", "proof", "install", "cached");
}

bench::WorkloadFigures measure_workload(const std::string& title, const ir::Profile& wide,
                                        const ir::Profile* typed, const bench::PeerPolicy& policy,
                                        const std::vector<CountedCall>& calls,
                                        const kernel::CallFrequencies& frequencies) {
  bench::WorkloadFigures figures;
  fmt::print("{}\n", title);
  figures.linear = measure_peer({wide, calls}, policy, bench::PeerOrder::Linear);
  figures.tree = measure_peer({wide, calls}, policy, bench::PeerOrder::BinaryTree);
  print_row("libseccomp, linear", figures.linear, figures.linear);
  print_row("libseccomp, binary tree", figures.tree, figures.linear);
  for (const testing::NamedGoal& named : testing::kGoals) {
    figures.wide[named.goal] = measure_ours({wide, calls}, named.goal, frequencies);
    print_row(fmt::format("isola, {}", named.name), figures.wide[named.goal], figures.linear);
  }
  for (const testing::NamedGoal& named : testing::kGoals) {
    if (typed == nullptr) break;
    figures.typed[named.goal] = measure_ours({*typed, calls}, named.goal, frequencies);
    print_row(fmt::format("isola, {}, typed", named.name), figures.typed[named.goal], figures.linear);
  }
  return figures;
}

struct CorpusWorkload {
  const char* name;
  const char* file;
  const char* what;
};
constexpr CorpusWorkload kWorkloads[] = {
    {"a", "a_docker3", "container default, x86_64 + x86 + x32"},
    {"b", "b_docker1", "container default, x86_64"},
    {"c", "c_podman1", "another container default, x86_64"},
    {"d", "d_nginx40", "nginx, 40 calls"},
    {"e", "e_args", "many argument rules"},
};

std::map<std::string, bench::WorkloadFigures> measure_corpus(const std::string& directory) {
  std::map<std::string, bench::WorkloadFigures> figures;
  const auto frequencies = testing::workload_frequencies(testing::read_json_object(directory + "freq.json"));
  const llvm::json::Object tables = testing::read_json_object(directory + "tables.json");
  for (const CorpusWorkload& workload : kWorkloads) {
    const llvm::json::Object object = testing::read_json_object(directory + workload.file + ".json");
    const ir::Profile wide = testing::workload_profile(object, Width::Register);
    const ir::Profile typed = testing::workload_profile(object, Width::Parameter);
    const auto calls = testing::workload_calls(tables, wide.syscalls.arches, frequencies);
    figures[workload.name] = measure_workload(fmt::format("{}: {}", workload.name, workload.what), wide,
                                              &typed, bench::peer_policy(object), calls, frequencies);
  }
  return figures;
}

void measure_shipped(const std::string& tree, const std::string& name) {
  driver::Session session;
  session.library_directories = {tree + "/stdlib-policies"};
  const auto file = driver::read_source(session, tree + "/examples/" + name + "/policy.yaml");
  ISOLA_CHECK(file, "the shipped policy is there");
  driver::FileSystemLibrary library(session);
  const ir::Target target{.arches = kernel::ArchSet{kernel::Arch::X86_64}};
  const auto resolved =
      driver::compile_to_profile(session.sources, *file, library, target, session.diagnostics);
  ISOLA_CHECK(resolved, "the shipped policy compiles");
  Diagnostics ignored;
  const bench::PeerPolicy policy =
      bench::peer_policy(backends::lower_oci_seccomp(resolved->profile, ignored));
  const auto frequencies = kernel::shipped_call_frequencies();
  const auto calls = testing::calls_of({kernel::Arch::X86_64}, frequencies);
  measure_workload("examples/" + name + ", x86_64", resolved->profile, nullptr, policy, calls, frequencies);
}

// Kibibytes that a process of its own needs at most.
std::size_t peak_of(const std::string& self, const std::string& file) {
  std::string flag = "--once";
  std::string path = file;
  std::string program = self;
  char* words[] = {program.data(), flag.data(), path.data(), nullptr};
  pid_t child = 0;
  ISOLA_CHECK(posix_spawn(&child, self.c_str(), nullptr, nullptr, words, environ) == 0,
              "a process of our own");
  struct rusage usage{};
  int status = 0;
  wait4(child, &status, 0, &usage);
  ISOLA_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it compiles the workload");
  return static_cast<std::size_t>(usage.ru_maxrss);
}

int compile_once(const std::string& file) {
  using namespace backends::seccomp;
  const ir::Profile profile = testing::workload_profile(testing::read_json_object(file), Width::Register);
  const Model model = std::move(lower(profile, Goal::Balanced).front());
  const Program program = emit(model);
  prove_meaning(program, profile, model.arches);
  prove_cacheable(program, model.arches);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count == 3 && std::string(words[1]) == "--once") return compile_once(words[2]);
  if (count != 2) {
    fmt::print(stderr, "usage: isola_seccomp_bench SOURCE_TREE\n");
    return 2;
  }
  print_heading();
  for (const char* name : {"nginx", "postgresql", "redis"}) measure_shipped(words[1], name);
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) {
    fmt::print(
        "\nworkloads a to e are missing, and with them the figures to reach: ISOLA_CORPUS is not set\n");
    return 0;
  }
  const std::string directory = std::string(corpus) + "/seccomp/";
  const auto figures = measure_corpus(directory);
  bench::print_targets(figures, peak_of(words[0], directory + "a_docker3.json"));
  return 0;
}
