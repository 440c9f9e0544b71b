// What runc and crun really install, held against the loader model and against our own filter.
//
//   loaded_filters random SEED COUNT PROBE        random objects against the model
//   loaded_filters artifacts PROBE DIRECTORY...   seccomp.json of compiled policies against model and
//   seccomp.bpf
//
// Works in the current directory and leaves its bundle there. Object i is made of SEED + i.

#include <fmt/format.h>
#include <llvm/Support/FormatVariadic.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backends/oci_loader.h"
#include "backends/seccomp/kernel_check.h"
#include "backends/seccomp/symbolic.h"
#include "tests/enforcement/installed_filter.h"
#include "tests/oci/random_seccomp.h"

using namespace isola;
using backends::LoadedFilter;
using backends::OciRuntime;
using llvm::json::Array;
using llvm::json::Object;
namespace seccomp = backends::seccomp;

namespace {

constexpr kernel::Arch kHost = kernel::Arch::X86_64;
constexpr kernel::Arch kArches[] = {kernel::Arch::X86_64,  kernel::Arch::X86,     kernel::Arch::X32,
                                    kernel::Arch::AArch64, kernel::Arch::Arm,     kernel::Arch::RiscV64,
                                    kernel::Arch::Ppc64Le, kernel::Arch::Mips64El};
constexpr std::size_t kCallsNearRules = 2000;

struct Sum {
  std::size_t installed = 0, refused = 0, unknown = 0, differences = 0;
};

void make_bundle(const std::string& probe) {
  namespace files = std::filesystem;
  files::create_directories("bundle/rootfs/proc");
  files::create_directories("bundle/rootfs/dev");
  files::copy_file(probe, "bundle/rootfs/probe", files::copy_options::overwrite_existing);
}

void write_config(const Object& filter) {
  Array capabilities{"CAP_SYS_ADMIN"};
  Object process{{"terminal", false},
                 {"user", Object{{"uid", 0}, {"gid", 0}}},
                 {"args", Array{"/probe"}},
                 {"env", Array{}},
                 {"cwd", "/"},
                 {"noNewPrivileges", true},
                 {"capabilities", Object{{"bounding", Array(capabilities)},
                                         {"effective", Array(capabilities)},
                                         {"permitted", Array(capabilities)}}}};
  Object configuration{
      {"ociVersion", "1.0.2"},
      {"process", std::move(process)},
      {"root", Object{{"path", "rootfs"}, {"readonly", true}}},
      {"mounts", Array{Object{{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}}}},
      {"linux", Object{{"namespaces", Array{Object{{"type", "mount"}}, Object{{"type", "pid"}}}},
                       {"seccomp", Object(filter)}}}};
  std::ofstream("bundle/config.json")
      << llvm::formatv("{0}", llvm::json::Value(std::move(configuration))).str();
}

std::vector<std::string> command_of(OciRuntime runtime, std::size_t number) {
  const std::string id = fmt::format("loaded-{}-{}", getpid(), number);
  if (runtime == OciRuntime::Runc) return {"runc", "--root", "../state-runc", "run", "--bundle", ".", id};
  return {"crun", "--root", "../state-crun", "--cgroup-manager=disabled", "run", "--bundle", ".", id};
}

std::string_view name_of(OciRuntime runtime) {
  return runtime == OciRuntime::Runc ? "runc" : "crun";
}

class Comparison {
 public:
  Comparison(Sum& sum, OciRuntime runtime, std::string what)
      : sum_(sum), runtime_(runtime), what_(std::move(what)) {}

  // The filter that was installed, where the model has one, too.
  std::optional<testing::InstalledFilter> run(const Object& filter, std::size_t number,
                                              llvm::ArrayRef<testing::FilterCall> calls) {
    const auto model = backends::load_oci_seccomp(filter, runtime_, kHost);
    if (std::holds_alternative<backends::LoadUnknown>(model)) {
      ++sum_.unknown;
      return std::nullopt;
    }
    write_config(filter);
    auto outcome = testing::run_until_installed(command_of(runtime_, number), "bundle");
    auto* installed = std::get_if<testing::InstalledFilter>(&outcome);
    if (const auto* refused = std::get_if<backends::LoadRefused>(&model)) {
      ++sum_.refused;
      if (installed != nullptr) differs("is installed, and the model refuses: " + refused->why);
      return std::nullopt;
    }
    if (installed == nullptr) {
      differs("is not installed: " + std::get<testing::NotInstalled>(outcome).log);
      return std::nullopt;
    }
    ++sum_.installed;
    compare(std::get<LoadedFilter>(model), *installed, calls);
    return std::move(*installed);
  }

  void differs(const std::string& how) {
    if (++sum_.differences <= 10) fmt::print("{} of {} {}\n", name_of(runtime_), what_, how);
  }

 private:
  void compare(const LoadedFilter& model, const testing::InstalledFilter& installed,
               llvm::ArrayRef<testing::FilterCall> calls) {
    if (installed.flags != model.flags())
      differs(fmt::format("has flags {:#x}, predicted {:#x}", installed.flags, model.flags()));
    for (const testing::FilterCall& call : calls) {
      seccomp_data data{
          .nr = static_cast<int>(call.number), .arch = call.audit_arch, .instruction_pointer = 0, .args = {}};
      std::copy(call.arguments.begin(), call.arguments.end(), data.args);
      const std::uint32_t wanted = model.answer(call.audit_arch, call.number, call.arguments);
      const auto found = seccomp::run(installed.program, data);
      if (found == wanted) continue;
      differs(fmt::format("answers {:#x} to {}, predicted {:#x}", found.value_or(0), to_text(call), wanted));
      return;
    }
  }

  Sum& sum_;
  const OciRuntime runtime_;
  const std::string what_;
};

void check_random(std::uint64_t seed, std::size_t number, Sum& runc, Sum& crun) {
  testing::Random random(seed);
  const auto shape = static_cast<testing::SeccompShape>(seed % 3);
  const Object filter = testing::random_seccomp(shape, kArches, random);
  const auto calls = testing::calls_for(filter, kArches, kCallsNearRules, random);
  for (const OciRuntime runtime : {OciRuntime::Runc, OciRuntime::Crun}) {
    Comparison comparison(runtime == OciRuntime::Runc ? runc : crun, runtime, fmt::format("object {}", seed));
    comparison.run(filter, number, calls);
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Holds for calls with exactly this half of the first word.
ir::DecisionDiagrams::Node has_head(ir::DecisionDiagrams& diagrams, std::uint32_t value, unsigned first_bit) {
  ir::DecisionDiagrams::Node all = diagrams.outcome(1);
  for (unsigned bit = 0; bit < 32; ++bit) {
    const auto one = diagrams.bit(ir::kHeadWord, first_bit + bit);
    all = diagrams.both(all, (value >> bit & 1) != 0 ? one : diagrams.negate(one));
  }
  return all;
}

// Our filter as a runtime's loader must leave it: calls of other architectures, x32 among them, end the
// thread, and names that libseccomp does not know fall to the default, which stands for newer calls. runc
// itself answers ENOSYS to numbers behind all calls, but for those with the bit of x32.
ir::DecisionDiagrams::Node as_loaded(ir::DecisionDiagrams& diagrams, ir::DecisionDiagrams::Node filter,
                                     OciRuntime runtime, std::uint32_t default_action) {
  for (const std::uint16_t index : kernel::calls_by_number(kHost)) {
    const auto call = static_cast<kernel::SyscallId>(index);
    const auto number = kernel::number(call, kHost);
    if (!number || backends::is_known_to_loader(call)) continue;
    filter = diagrams.choose(has_head(diagrams, *number, 0), diagrams.outcome(default_action), filter);
  }
  const auto is_negative = diagrams.bit(ir::kHeadWord, 31);
  const auto has_x32_bit = diagrams.bit(ir::kHeadWord, 30);
  const auto is_no_call = has_head(diagrams, 0xffffffff, 0);
  const auto is_foreign =
      diagrams.both(diagrams.either(is_negative, has_x32_bit), diagrams.negate(is_no_call));
  filter = diagrams.choose(is_foreign, diagrams.outcome(SECCOMP_RET_KILL_THREAD), filter);
  if (runtime == OciRuntime::Runc) {
    const auto is_behind = diagrams.both(is_negative, diagrams.negate(has_x32_bit));
    filter = diagrams.choose(is_behind, diagrams.outcome(SECCOMP_RET_ERRNO | ENOSYS), filter);
  }
  const auto is_own = has_head(diagrams, kernel::info(kHost).audit_arch, 32);
  return diagrams.choose(is_own, filter, diagrams.outcome(SECCOMP_RET_KILL_THREAD));
}

// Empty when they are one function; otherwise where they differ first.
std::string difference(const seccomp::Program& ours, const seccomp::Program& installed, OciRuntime runtime,
                       std::uint32_t default_action) {
  ir::DecisionDiagrams diagrams(seccomp::kMostDiagramNodes);
  const auto wanted = seccomp::filter_function(ours, diagrams);
  const auto found = seccomp::filter_function(installed, diagrams);
  if (!wanted || !found) return "is too complex to compare";
  const auto loaded = as_loaded(diagrams, *wanted, runtime, default_action);
  if (loaded == *found) return "";
  for (const std::uint32_t answer : diagrams.outcomes(*found)) {
    const auto is_answered = [answer](std::uint32_t value) { return value == answer ? 1u : 0u; };
    const auto more = diagrams.both(diagrams.map_outcomes(*found, is_answered),
                                    diagrams.negate(diagrams.map_outcomes(loaded, is_answered)));
    const auto call = diagrams.witness_call(more, 1);
    if (!call) continue;
    return fmt::format("is not the policy's filter: {:#x} and not {:#x} to a call with the words {:#x}",
                       answer, diagrams.evaluate(loaded, *call), fmt::join(*call, " "));
  }
  return "is not the policy's filter";
}

void check_artifacts(const std::filesystem::path& directory, std::size_t number, Sum& runc, Sum& crun) {
  auto parsed = llvm::json::parse(read_file(directory / "seccomp.json"));
  const auto ours = seccomp::from_bytes(read_file(directory / "seccomp.bpf"), seccomp::ByteOrder::Little);
  if (!parsed || !ours) {
    fmt::print("{}: no seccomp.json and seccomp.bpf\n", directory.string());
    std::exit(EXIT_FAILURE);
  }
  const Object& filter = *parsed->getAsObject();
  testing::Random random(number);
  const auto calls = testing::calls_for(filter, kArches, kCallsNearRules, random);
  for (const OciRuntime runtime : {OciRuntime::Runc, OciRuntime::Crun}) {
    Comparison comparison(runtime == OciRuntime::Runc ? runc : crun, runtime, directory.filename().string());
    const auto installed = comparison.run(filter, number, calls);
    if (!installed) {
      comparison.differs("has no filter to compare");
      continue;
    }
    const auto model = backends::load_oci_seccomp(filter, runtime, kHost);
    const std::uint32_t default_action = std::get<LoadedFilter>(model).default_action();
    const std::string how = difference(*ours, installed->program, runtime, default_action);
    if (!how.empty()) comparison.differs(how);
  }
}

int finish(const Sum& runc, const Sum& crun) {
  for (const auto& [name, sum] : {std::pair("runc", runc), std::pair("crun", crun)}) {
    fmt::print("{}: {} filters read back, {} refused, {} not to be predicted, {} differences\n", name,
               sum.installed, sum.refused, sum.unknown, sum.differences);
  }
  const bool is_good = runc.differences + crun.differences == 0 && runc.installed > 0 && crun.installed > 0;
  return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  Sum runc;
  Sum crun;
  if (arguments.size() == 4 && arguments[0] == "random") {
    make_bundle(arguments[3]);
    const std::uint64_t seed = std::stoull(arguments[1]);
    for (std::size_t each = 0; each < std::stoull(arguments[2]); ++each)
      check_random(seed + each, each, runc, crun);
    fmt::print("seed {}\n", seed);
    return finish(runc, crun);
  }
  if (arguments.size() >= 3 && arguments[0] == "artifacts") {
    make_bundle(arguments[1]);
    for (std::size_t each = 2; each < arguments.size(); ++each)
      check_artifacts(arguments[each], each, runc, crun);
    return finish(runc, crun);
  }
  fmt::print(stderr, "usage: loaded_filters random SEED COUNT PROBE | artifacts PROBE DIRECTORY...\n");
  return EXIT_FAILURE;
}
