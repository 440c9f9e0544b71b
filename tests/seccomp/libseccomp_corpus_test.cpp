// libseccomp's own tests as recorded API calls: each becomes a profile, is compiled, and the filter is asked
// for every verdict that libseccomp expects.
//
// A filter without add_arch is for the machine that it is made on; it is compiled for each of our
// architectures that its rows speak of. README.md here says how the API's meaning is put into our terms and
// what is left out. Needs the corpus (ISOLA_CORPUS); without it the program ends with 77.

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "backends/seccomp/readback.h"
#include "backends/seccomp/seccomp.h"
#include "compiler/base/check.h"
#include "compiler/kernel/constants.h"
#include "compiler/kernel/syscalls.h"
#include "tests/seccomp/libseccomp_calls.h"

using namespace isola;
using kernel::Arch;
using Kind = ir::SyscallAction::Kind;
using testing::action_of;
using testing::Filter;
using testing::replay;

namespace {

struct Tally {
  std::size_t cases = 0, verdicts = 0, programs = 0;
  std::map<std::string, std::size_t> left_out;  // by reason: rows, or cases
  std::set<std::string> differences;
};

// The differences that there are, as they are printed; README.md says why.
const std::set<std::string> kExplained = {
    "04-sim-multilevel_chains: read(0x0, 0x856b008, 0x7fffffff) on x86: SCMP_ACT_ALLOW instead of "
    "SCMP_ACT_KILL_THREAD",
    "04-sim-multilevel_chains: write(0x1, 0x856b008, 0x7fffffff) on x86: SCMP_ACT_ALLOW instead of "
    "SCMP_ACT_KILL_THREAD",
    "04-sim-multilevel_chains: write(0x2, 0x856b008, 0x7fffffff) on x86: SCMP_ACT_ALLOW instead of "
    "SCMP_ACT_KILL_THREAD",
};

// Numbers of no call from here on stand for calls that the case does not speak of, since a profile has no
// rules for what is no call. Source: the tests use 999 and above for that.
constexpr std::uint32_t kFirstFreeNumber = 999;
constexpr std::size_t kFirstStandIn = 424;  // calls from pidfd_send_signal on have one number everywhere
// What libseccomp takes for a call that the architecture does not have: a number below zero.
constexpr std::uint32_t kNoCall = 0xffffd8f0;

llvm::json::Object read_object(const std::string& path) {
  const auto buffer = llvm::MemoryBuffer::getFile(path);
  ISOLA_CHECK(buffer, "the corpus has the file");
  llvm::Expected<llvm::json::Value> value = llvm::json::parse((*buffer)->getBuffer());
  ISOLA_CHECK(static_cast<bool>(value) && value->getAsObject() != nullptr, "the file is a JSON object");
  return std::move(*value->getAsObject());
}

// Our architecture for libseccomp's name; nothing for those that we do not have.
std::optional<Arch> our_arch(llvm::StringRef name) {
  if (name == "mipsel64") return Arch::Mips64El;
  for (const kernel::ArchInfo& info : kernel::all_arches()) {
    if (name == llvm::StringRef(info.name)) return info.arch;
  }
  return std::nullopt;
}

// ---- a filter as a profile

// Stand-ins for numbers of no call, in the order in which they are met.
class StandIns {
 public:
  kernel::SyscallId of(std::uint32_t number) {
    const auto [found, is_new] = chosen_.try_emplace(number);
    if (is_new) {
      found->second =
          *kernel::syscall_at(Arch::X86_64, static_cast<std::uint32_t>(kFirstStandIn + chosen_.size() - 1));
    }
    return found->second;
  }

 private:
  std::map<std::uint32_t, kernel::SyscallId> chosen_;
};

// The call behind one number that also carries this one, and which operation that is: `socketcall(SYS_BIND)`.
struct Multiplexed {
  kernel::SyscallId multiplexer{};
  std::uint64_t operation = 0;
};

std::optional<Multiplexed> multiplexed(llvm::StringRef call, Arch arch) {
  if (arch != Arch::X86 && arch != Arch::Ppc64Le && arch != Arch::S390X) return std::nullopt;
  for (const auto& [prefix, multiplexer] : {std::pair{"SYS_", "socketcall"}, std::pair{"", "ipc"}}) {
    const std::string name = prefix + call.upper();
    const auto value = kernel::find_constant(name, arch);
    if (!value || kernel::constant_group(name) == std::nullopt) continue;
    if (*kernel::constant_group(name) != kernel::ConstantGroup::SocketCall) continue;
    return Multiplexed{*kernel::find_syscall(multiplexer), *value};
  }
  return std::nullopt;
}

// 64 bits wide, as libseccomp compares, but for registers of 32 bits, of which x32 is one to it.
ir::ArgumentCondition condition_of(const llvm::json::Array& parts, Arch arch) {
  const unsigned bits = kernel::info(arch).is_64_bit && arch != Arch::X32 ? 64 : 32;
  const std::uint64_t ones = bits == 64 ? ~std::uint64_t{0} : 0xffffffff;
  const std::uint64_t first = *parts[2].getAsUINT64() & ones;
  const std::uint64_t second = *parts[3].getAsUINT64() & ones;
  const llvm::StringRef name = *parts[1].getAsString();
  ir::ArgumentTest test{.index = static_cast<std::uint8_t>(*parts[0].getAsUINT64()),
                        .bits = static_cast<std::uint8_t>(bits),
                        .mask = name == "MASKED_EQ" ? first : ones,
                        .ranges = {{first, first}}};
  if (name == "MASKED_EQ") test.ranges = {{second & first, second & first}};
  if (name == "LE" || name == "GT") test.ranges = {{0, first}};
  if (name == "GE" || name == "LT") test.ranges = {{first, ones}};
  const ir::ArgumentCondition condition = ir::ArgumentCondition::of(test);
  const bool is_opposite = name == "NE" || name == "GT" || name == "LT";
  return is_opposite ? ir::ArgumentCondition::negation(condition) : condition;
}

void add(ir::Profile& profile, ir::SyscallUse use) {
  ir::Rule rule;
  rule.permission = std::move(use);
  if (std::find(profile.rules.begin(), profile.rules.end(), rule) == profile.rules.end())
    profile.rules.push_back(std::move(rule));
}

void add_rule(ir::Profile& profile, const Filter::Rule& rule, Arch arch, StandIns& stand_ins) {
  std::vector<ir::ArgumentCondition> parts;
  for (const llvm::json::Value& part : rule.conditions)
    parts.push_back(condition_of(*part.getAsArray(), arch));
  std::uint32_t number = 0;
  const bool is_number = !llvm::StringRef(rule.call).getAsInteger(10, number);
  const auto call = is_number ? std::optional(stand_ins.of(number)) : kernel::find_syscall(rule.call);
  const ir::ArgumentCondition condition = ir::ArgumentCondition::all(std::move(parts));
  if (call && kernel::number(*call, arch)) {
    add(profile, {.syscall = *call, .arch = arch, .condition = condition, .action = rule.action});
  }
  const auto carried = is_number ? std::nullopt : multiplexed(rule.call, arch);
  if (!carried || !rule.conditions.empty()) return;
  const ir::ArgumentTest operation{
      .index = 0, .bits = 32, .mask = 0xffffffff, .ranges = {{carried->operation, carried->operation}}};
  const auto is_operation = ir::ArgumentCondition::of(operation);
  add(profile, {carried->multiplexer, arch, is_operation, rule.action});
}

ir::Profile profile_of(const Filter& filter, StandIns& stand_ins) {
  ir::Profile profile;
  profile.name = "case";
  profile.syscalls.otherwise = profile.syscalls.newer = filter.otherwise;
  // The attribute ACT_BADARCH, which no case sets.
  profile.syscalls.foreign = {.kind = Kind::KillThread, .value = 0};
  for (const std::string& name : filter.arches) {
    const auto arch = our_arch(name);
    if (!arch) continue;
    profile.syscalls.arches.insert(*arch);
    for (const Filter::Rule& rule : filter.rules) add_rule(profile, rule, *arch, stand_ins);
  }
  return profile;
}

// ---- the verdicts

// `5`, `0x14`, `1-10`, `N` for not given, which is zero.
std::pair<std::uint64_t, std::uint64_t> range_of(llvm::StringRef text) {
  if (text == "N") return {0, 0};
  std::uint64_t first = 0;
  ISOLA_CHECK(!text.split('-').first.getAsInteger(0, first), "a number");
  std::uint64_t last = first;
  if (text.contains('-')) ISOLA_CHECK(!text.split('-').second.getAsInteger(0, last), "a number");
  return {first, last};
}

// Numbers that a row asks for: a name, `0-350`, `1000`.
std::vector<std::uint32_t> numbers_of(llvm::StringRef text, Arch arch, StandIns& stand_ins) {
  std::vector<std::uint32_t> numbers;
  if (!llvm::isDigit(text[0])) {
    const auto call = kernel::find_syscall(text);
    const auto carried = multiplexed(text, arch);
    const auto asked = carried ? std::optional(carried->multiplexer) : call;
    const auto number = asked ? kernel::number(*asked, arch) : std::nullopt;
    return {number.value_or(kNoCall)};
  }
  const auto [first, last] = range_of(text);
  for (std::uint64_t number = first; number <= last; ++number) {
    const auto value = static_cast<std::uint32_t>(number);
    numbers.push_back(value < kFirstFreeNumber ? value : *kernel::number(stand_ins.of(value), arch));
  }
  return numbers;
}

// Every combination of the row's argument ranges.
std::vector<ir::Arguments> arguments_of(const llvm::json::Array& texts, Arch arch) {
  std::vector<ir::Arguments> found(1);
  for (std::size_t index = 0; index < texts.size(); ++index) {
    const auto [first, last] = range_of(*texts[index].getAsString());
    std::vector<ir::Arguments> longer;
    for (const ir::Arguments& arguments : found) {
      for (std::uint64_t value = first; value <= last; ++value) {
        ir::Arguments next = arguments;
        next[index] = kernel::info(arch).is_64_bit ? value : value & 0xffffffff;
        longer.push_back(next);
      }
    }
    found = std::move(longer);
  }
  return found;
}

// `all`, `all,-x32`, `all_le`, `+x86,+arm`: libseccomp's names, without those that a `-` takes out.
std::vector<std::string> arches_of(llvm::StringRef text, const std::vector<std::string>& of_filter) {
  std::vector<std::string> found;
  llvm::SmallVector<llvm::StringRef, 8> words;
  text.split(words, ',');
  for (llvm::StringRef word : words) {
    const bool is_taken_out = word.consume_front("-");
    word.consume_front("+");
    std::vector<std::string> meant = {word.str()};
    if (word.starts_with("all")) {
      meant = of_filter;
      for (const kernel::ArchInfo& info : kernel::all_arches()) {
        const bool fits = word == "all" || (word == "all_64" && info.is_64_bit && info.arch != Arch::X32);
        if (of_filter.empty() && fits) meant.emplace_back(info.name);
      }
    }
    for (const std::string& name : meant) {
      std::erase(found, name);
      if (!is_taken_out) found.push_back(name);
    }
  }
  return found;
}

class Case {
 public:
  Case(std::string name, const llvm::json::Object& object, Tally& tally)
      : name_(std::move(name)),
        calls_(*object.getArray("filter_ops")),
        rows_(*object.getArray("bpf_sim")),
        tally_(tally) {}

  void run() {
    ++tally_.cases;
    // A filter that names its architectures means the same on every machine.
    const Filter filter = replay(calls_, "native");
    const bool is_native = filter.arches == std::vector<std::string>{"native"};
    for (const llvm::json::Value& row : rows_) {
      const llvm::json::Object& object = *row.getAsObject();
      const llvm::StringRef arches = *object.getString("arch");
      for (const std::string& arch :
           arches_of(arches, is_native ? std::vector<std::string>{} : filter.arches))
        ask(object, arch, is_native ? arch : "x86_64");
    }
  }

 private:
  void ask(const llvm::json::Object& row, const std::string& arch_name, const std::string& native) {
    const auto arch = our_arch(arch_name);
    if (!arch) {
      ++tally_.left_out["rows for " + arch_name + ", which isola does not know"];
      return;
    }
    const llvm::ArrayRef<backends::Artifact> artifacts = compile(native);
    const ir::SyscallAction wanted = action_of(*row.getString("result"));
    const llvm::StringRef call = *row.getString("syscall");
    for (const std::uint32_t number : numbers_of(call, *arch, stand_ins_)) {
      for (const ir::Arguments& arguments : arguments_of(*row.getArray("args"), *arch)) {
        const ir::SyscallRequest request{.arch = *arch, .number = number, .arguments = arguments};
        const auto answer = backends::seccomp::readback(artifacts, {.child = "", .operation = request});
        ISOLA_CHECK(answer, "the filter answers");
        ++tally_.verdicts;
        if (answer->action == wanted) continue;
        tally_.differences.insert(fmt::format("{}: {}({:#x}, {:#x}, {:#x}) on {}: {} instead of {}", name_,
                                              call.str(), arguments[0], arguments[1], arguments[2], arch_name,
                                              ir::to_text(answer->action), ir::to_text(wanted)));
      }
    }
  }

  llvm::ArrayRef<backends::Artifact> compile(const std::string& native) {
    const auto [found, is_new] = compiled_.try_emplace(native);
    if (!is_new) return found->second;
    Diagnostics diagnostics;
    const ir::Profile profile = profile_of(replay(calls_, native), stand_ins_);
    found->second = backends::seccomp::kBackend.compile(profile, {}, diagnostics);
    ISOLA_CHECK(!found->second.empty(), "the case compiles");
    ++tally_.programs;
    return found->second;
  }

  std::string name_;
  const llvm::json::Array& calls_;
  const llvm::json::Array& rows_;
  Tally& tally_;
  StandIns stand_ins_;
  std::map<std::string, llvm::SmallVector<backends::Artifact, 2>> compiled_;  // by machine
};

void run_file(const std::filesystem::path& path, Tally& tally) {
  const llvm::json::Object object = read_object(path);
  const llvm::json::Array* rows = object.getArray("bpf_sim");
  if (object.getArray("filter_ops") == nullptr || rows == nullptr || rows->empty()) {
    ++tally
          .left_out["cases without recorded calls or verdicts (they test the API itself, or a live process)"];
    return;
  }
  Case(path.stem(), object, tally).run();
}

}  // namespace

int main() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) return 77;
  const std::filesystem::path folder =
      std::filesystem::path(corpus) / "corpus" / "golden-libseccomp" / "seccomp+libseccomp";
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  Tally tally;
  for (const std::filesystem::path& path : files) run_file(path, tally);
  fmt::print("{} of {} cases, {} filters, {} verdicts, {} differences, {} of them explained\n", tally.cases,
             files.size(), tally.programs, tally.verdicts, tally.differences.size(), kExplained.size());
  for (const auto& [reason, count] : tally.left_out) fmt::print("left out: {} {}\n", count, reason);
  for (const std::string& difference : tally.differences) fmt::print("{}\n", difference);
  const bool is_whole = tally.cases >= 25 && tally.verdicts > 10'000;
  return is_whole && tally.differences == kExplained ? EXIT_SUCCESS : EXIT_FAILURE;
}
