// The loader model against libseccomp itself, called in this process as runc and crun call it.
//
//   oci_loader_tests [--seed N] [--profiles N] [--calls N]
//
// Profile i is made of seed + i. What the runtimes add to libseccomp's filter is left to tests/enforcement,
// which starts them; here it is runs of crun, which adds nothing.

#include <fmt/format.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "backends/oci_loader.h"
#include "backends/seccomp/program.h"
#include "tests/oci/random_seccomp.h"
#include "tests/seccomp/test_options.h"

using namespace isola;
using backends::LoadedFilter;
using backends::LoadRefused;
using llvm::json::Array;
using llvm::json::Object;

namespace {

constexpr kernel::Arch kArches[] = {kernel::Arch::X86_64,  kernel::Arch::X86,     kernel::Arch::X32,
                                    kernel::Arch::AArch64, kernel::Arch::Arm,     kernel::Arch::RiscV64,
                                    kernel::Arch::Ppc64Le, kernel::Arch::Mips64El};

std::uint32_t action_of(const Object& object, llvm::StringRef key, llvm::StringRef number_key) {
  const llvm::StringRef name = *object.getString(key);
  const auto number = static_cast<std::uint16_t>(object.getInteger(number_key).value_or(1));
  if (name == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  if (name == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
  if (name == "SCMP_ACT_TRAP") return SCMP_ACT_TRAP;
  if (name == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(number);
  if (name == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(number);
  return SCMP_ACT_KILL;
}

scmp_arg_cmp test_of(const Object& object) {
  const auto number = [&](llvm::StringRef key) {
    const llvm::json::Value* found = object.get(key);
    return found == nullptr ? std::uint64_t{0} : *found->getAsUINT64();
  };
  const llvm::StringRef op = *object.getString("op");
  const scmp_compare compare = op == "SCMP_CMP_NE"   ? SCMP_CMP_NE
                               : op == "SCMP_CMP_LT" ? SCMP_CMP_LT
                               : op == "SCMP_CMP_LE" ? SCMP_CMP_LE
                               : op == "SCMP_CMP_EQ" ? SCMP_CMP_EQ
                               : op == "SCMP_CMP_GE" ? SCMP_CMP_GE
                               : op == "SCMP_CMP_GT" ? SCMP_CMP_GT
                                                     : SCMP_CMP_MASKED_EQ;
  return {.arg = static_cast<unsigned>(number("index")),
          .op = compare,
          .datum_a = number("value"),
          .datum_b = number("valueTwo")};
}

// False when libseccomp refuses the rule.
bool add_entry(scmp_filter_ctx context, const Object& entry, std::uint32_t default_action) {
  const std::uint32_t action = action_of(entry, "action", "errnoRet");
  if (action == default_action) return true;
  std::vector<scmp_arg_cmp> tests;
  unsigned seen = 0;
  bool repeats = false;
  if (const Array* arguments = entry.getArray("args")) {
    for (const llvm::json::Value& argument : *arguments) {
      tests.push_back(test_of(*argument.getAsObject()));
      repeats = repeats || (seen >> tests.back().arg & 1) != 0;
      seen |= 1U << tests.back().arg;
    }
  }
  for (const llvm::json::Value& name : *entry.getArray("names")) {
    const int call = seccomp_syscall_resolve_name(name.getAsString()->str().c_str());
    if (call == __NR_SCMP_ERROR) continue;
    const std::size_t rules = repeats ? tests.size() : 1;
    for (std::size_t rule = 0; rule < rules; ++rule) {
      const scmp_arg_cmp* first = tests.data() + (repeats ? rule : 0);
      const auto count = static_cast<unsigned>(repeats ? 1 : tests.size());
      if (seccomp_rule_add_array(context, action, call, count, first) < 0) return false;
    }
  }
  return true;
}

bool fill(scmp_filter_ctx context, const Object& seccomp, std::uint32_t default_action) {
  if (const Array* arches = seccomp.getArray("architectures")) {
    for (const llvm::json::Value& value : *arches) {
      const std::string name = value.getAsString()->substr(llvm::StringRef("SCMP_ARCH_").size()).lower();
      const std::uint32_t token = seccomp_arch_resolve_name(name.c_str());
      const int failure = token == 0 ? -EINVAL : seccomp_arch_add(context, token);
      if (failure != 0 && failure != -EEXIST) return false;
    }
  }
  for (const llvm::json::Value& entry : *seccomp.getArray("syscalls")) {
    if (!add_entry(context, *entry.getAsObject(), default_action)) return false;
  }
  return true;
}

std::optional<backends::seccomp::Program> exported(scmp_filter_ctx context) {
  const int file = memfd_create("filter", 0);
  std::optional<backends::seccomp::Program> program;
  if (seccomp_export_bpf(context, file) == 0) {
    std::string bytes(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
    if (pread(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()))
      program = backends::seccomp::from_bytes(bytes, backends::seccomp::ByteOrder::Little);
  }
  close(file);
  return program;
}

// What libseccomp makes of the object; nothing when it refuses.
std::optional<backends::seccomp::Program> load(const Object& seccomp) {
  const std::uint32_t default_action = action_of(seccomp, "defaultAction", "defaultErrnoRet");
  scmp_filter_ctx context = seccomp_init(default_action);
  if (context == nullptr) return std::nullopt;
  std::optional<backends::seccomp::Program> program;
  if (fill(context, seccomp, default_action)) program = exported(context);
  seccomp_release(context);
  return program;
}

// How model and library differ on one object; nothing when they do not.
std::optional<std::string> difference(const Object& seccomp, llvm::ArrayRef<testing::FilterCall> calls) {
  const auto model = backends::load_oci_seccomp(seccomp, backends::OciRuntime::Crun, kernel::Arch::X86_64);
  if (const auto* refused = std::get_if<LoadRefused>(&model)) {
    const bool is_json_matter = llvm::StringRef(refused->why).starts_with("a number with");
    if (is_json_matter || !load(seccomp)) return std::nullopt;
    return "the model refuses: " + refused->why;
  }
  const auto* filter = std::get_if<LoadedFilter>(&model);
  // To be asked, libseccomp would have to come back.
  if (filter == nullptr) return std::nullopt;
  const auto program = load(seccomp);
  if (!program) return "libseccomp refuses";
  for (const testing::FilterCall& call : calls) {
    seccomp_data data{
        .nr = static_cast<int>(call.number), .arch = call.audit_arch, .instruction_pointer = 0, .args = {}};
    std::copy(call.arguments.begin(), call.arguments.end(), data.args);
    const std::uint32_t wanted = filter->answer(call.audit_arch, call.number, call.arguments);
    const auto found = backends::seccomp::run(*program, data);
    if (found != wanted)
      return fmt::format("{}: predicted {:#x}, installed {:#x}", to_text(call), wanted, found.value_or(0));
  }
  return std::nullopt;
}

// With as few of the elements as still differ.
Object shrink(Object seccomp, llvm::StringRef key, llvm::ArrayRef<testing::FilterCall> calls) {
  for (std::size_t at = seccomp.getArray(key) == nullptr ? 0 : seccomp.getArray(key)->size(); at-- > 0;) {
    Object smaller = seccomp;
    Array fewer;
    for (const llvm::json::Value& element : *seccomp.getArray(key)) {
      if (&element != &(*seccomp.getArray(key))[at]) fewer.push_back(element);
    }
    smaller[key] = std::move(fewer);
    if (difference(smaller, calls)) seccomp = std::move(smaller);
  }
  return seccomp;
}

struct Sum {
  std::size_t profiles = 0, refused = 0, unknown = 0, calls = 0, differences = 0;
};

void check(std::uint64_t seed, std::size_t call_count, Sum& sum) {
  testing::Random random(seed);
  const auto shape = static_cast<testing::SeccompShape>(seed % 3);
  Object seccomp = testing::random_seccomp(shape, kArches, random);
  seccomp.erase("flags");
  const auto calls = testing::calls_for(seccomp, kArches, call_count, random);
  ++sum.profiles;
  sum.calls += calls.size();
  const auto model = backends::load_oci_seccomp(seccomp, backends::OciRuntime::Crun, kernel::Arch::X86_64);
  if (std::holds_alternative<LoadRefused>(model)) ++sum.refused;
  if (std::holds_alternative<backends::LoadUnknown>(model)) ++sum.unknown;
  if (!difference(seccomp, calls)) return;
  if (++sum.differences > 10) return;
  seccomp = shrink(shrink(std::move(seccomp), "syscalls", calls), "architectures", calls);
  fmt::print("seed {}: {}\n{}\n", seed, *difference(seccomp, calls),
             llvm::formatv("{0}", llvm::json::Value(Object(seccomp))).str());
}

}  // namespace

int main(int count, char** words) {
  const testing::TestOptions options(count, words, {"seed", "profiles", "calls"});
  const std::uint64_t seed = options.seed();
  const std::uint64_t profiles = options.number("profiles", 600);
  Sum sum;
  for (std::uint64_t each = 0; each < profiles; ++each)
    check(seed + each, options.number("calls", 2000), sum);
  fmt::print("seed {}: {} objects, {} refused, {} not to be predicted, {} calls, {} objects differ\n", seed,
             sum.profiles, sum.refused, sum.unknown, sum.calls, sum.differences);
  return sum.differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
