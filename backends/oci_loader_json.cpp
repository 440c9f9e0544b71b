// The object as a runtime reads it, rule by rule into libseccomp's trees.

#include <llvm/ADT/STLExtras.h>

#include <algorithm>

#include "backends/oci_loader.h"
#include "compiler/kernel/filter_flags.h"

namespace isola::backends {

using kernel::Arch;
using llvm::json::Array;
using llvm::json::Object;

// SECCOMP_RET_* and the flags. Source: linux/seccomp.h, Linux 6.12.
constexpr std::uint32_t kKillThread = 0x00000000;
constexpr std::uint32_t kKillProcess = 0x80000000;
constexpr std::uint32_t kTrap = 0x00030000;
constexpr std::uint32_t kErrno = 0x00050000;
constexpr std::uint32_t kNotify = 0x7fc00000;
constexpr std::uint32_t kTrace = 0x7ff00000;
constexpr std::uint32_t kLog = 0x7ffc0000;
constexpr std::uint32_t kAllow = 0x7fff0000;
constexpr std::uint32_t kActionBits = 0xffff0000;
constexpr std::uint32_t kDataBits = 0x0000ffff;

// `syscall` is a call of 32-bit mips alone, which is not among our architectures.
static bool is_known_to_loader(llvm::StringRef name) {
  const auto call = kernel::find_syscall(name);
  return name == "syscall" || (call && is_known_to_loader(*call));
}

// ---- calls that some architectures also make through one that takes their number

struct MultiplexedCall {
  std::string_view name;
  bool is_socket = false;  // through socketcall; otherwise through ipc
  std::uint32_t code = 0;  // its first argument
};
// Sources: SYS_* of linux/net.h, SEMOP to SHMCTL of linux/ipc.h.
constexpr MultiplexedCall kMultiplexedCalls[] = {
    {"socket", true, 1},    {"bind", true, 2},        {"connect", true, 3},     {"listen", true, 4},
    {"accept", true, 5},    {"getsockname", true, 6}, {"getpeername", true, 7}, {"socketpair", true, 8},
    {"send", true, 9},      {"recv", true, 10},       {"sendto", true, 11},     {"recvfrom", true, 12},
    {"shutdown", true, 13}, {"setsockopt", true, 14}, {"getsockopt", true, 15}, {"sendmsg", true, 16},
    {"recvmsg", true, 17},  {"accept4", true, 18},    {"recvmmsg", true, 19},   {"sendmmsg", true, 20},
    {"semop", false, 1},    {"semget", false, 2},     {"semctl", false, 3},     {"semtimedop", false, 4},
    {"msgsnd", false, 11},  {"msgrcv", false, 12},    {"msgget", false, 13},    {"msgctl", false, 14},
    {"shmat", false, 21},   {"shmdt", false, 22},     {"shmget", false, 23},    {"shmctl", false, 24},
};

static bool has_multiplexer(Arch arch) {
  return arch == Arch::X86 || arch == Arch::S390X || arch == Arch::Ppc64Le;
}

static const MultiplexedCall* find_multiplexed(llvm::StringRef name, Arch arch) {
  if (!has_multiplexer(arch)) return nullptr;
  for (const MultiplexedCall& call : kMultiplexedCalls) {
    if (name == llvm::StringRef(call.name)) return &call;
  }
  return nullptr;
}

// ---- reading the object as a runtime does

std::optional<kernel::SyscallId> multiplexer_of(kernel::SyscallId call, Arch arch) {
  const MultiplexedCall* found = find_multiplexed(kernel::name(call), arch);
  if (found == nullptr) return std::nullopt;
  return kernel::find_syscall(found->is_socket ? "socketcall" : "ipc");
}

namespace {

struct ActionName {
  llvm::StringLiteral name;
  std::uint32_t value;
};
constexpr ActionName kActions[] = {
    {"SCMP_ACT_KILL", kKillThread},
    {"SCMP_ACT_KILL_THREAD", kKillThread},
    {"SCMP_ACT_KILL_PROCESS", kKillProcess},
    {"SCMP_ACT_TRAP", kTrap},
    {"SCMP_ACT_ERRNO", kErrno},
    {"SCMP_ACT_TRACE", kTrace},
    {"SCMP_ACT_LOG", kLog},
    {"SCMP_ACT_ALLOW", kAllow},
    {"SCMP_ACT_NOTIFY", kNotify},
};

struct OperatorName {
  llvm::StringLiteral name;
  LoaderOperator op;
};
constexpr OperatorName kOperators[] = {
    {"SCMP_CMP_NE", LoaderOperator::NotEqual},           {"SCMP_CMP_LT", LoaderOperator::Less},
    {"SCMP_CMP_LE", LoaderOperator::LessOrEqual},        {"SCMP_CMP_EQ", LoaderOperator::Equal},
    {"SCMP_CMP_GE", LoaderOperator::GreaterOrEqual},     {"SCMP_CMP_GT", LoaderOperator::Greater},
    {"SCMP_CMP_MASKED_EQ", LoaderOperator::MaskedEqual},
};

std::uint64_t number_of(const Object& object, llvm::StringRef key) {
  const llvm::json::Value* value = object.get(key);
  return value == nullptr ? 0 : value->getAsUINT64().value_or(0);
}

// libseccomp takes error numbers below this one. Source: sys_chk_seccomp_action, src/system.c.
constexpr std::uint32_t kFirstBadErrno = 4095;

bool is_bad_errno(std::uint32_t action) {
  return (action & kActionBits) == kErrno && (action & kDataBits) >= kFirstBadErrno;
}

bool has_number(std::uint32_t action) {
  return action == kErrno || action == kTrace;
}

}  // namespace

class OciLoading {
 public:
  OciLoading(const Object& seccomp, OciRuntime runtime, Arch host)
      : seccomp_(seccomp), runtime_(runtime), host_(host) {}

  std::variant<LoadedFilter, LoadRefused, LoadUnknown> run() {
    read_flags();
    if (const auto action = read_action(seccomp_, "defaultAction", "defaultErrnoRet"))
      filter_.default_action_ = *action;
    if (is_bad_errno(filter_.default_action_)) refuse("an error number that libseccomp does not take");
    if (runtime_ == OciRuntime::Runc && filter_.default_action_ == kNotify)
      refuse("SCMP_ACT_NOTIFY is the default action");
    read_arches();
    if (const Array* entries = seccomp_.getArray("syscalls")) {
      for (const llvm::json::Value& entry : *entries) {
        if (const Object* object = entry.getAsObject()) read_entry(*object);
      }
    }
    // No rule is added after a refusal, so a tree that is lost was so before it.
    for (const auto& [key, tree] : filter_.calls_) {
      if (tree.is_lost())
        return LoadUnknown{"libseccomp goes round in circles, or uses memory that it has freed"};
    }
    if (refusal_) return LoadRefused{*refusal_};
    if (unknown_) return LoadUnknown{*unknown_};
    filter_.make_code();
    return filter_;
  }

 private:
  // The first of each stays.
  void refuse(std::string why) {
    if (!refusal_) refusal_ = std::move(why);
  }
  void give_up(std::string why) {
    if (!unknown_) unknown_ = std::move(why);
  }

  void read_flags() {
    const Array* flags = seccomp_.getArray("flags");
    if (runtime_ == OciRuntime::Runc) {
      if (flags != nullptr && !flags->empty()) refuse("flags are not supported");
      return;
    }
    if (flags == nullptr) filter_.flags_ = kernel::info(kernel::FilterFlag::SpecAllow).bit;
    if (flags == nullptr) return;
    for (const llvm::json::Value& value : *flags) {
      const llvm::StringRef name = value.getAsString().value_or("");
      const auto flag = name.starts_with("SECCOMP_") ? kernel::find_filter_flag(name) : std::nullopt;
      if (flag) {
        filter_.flags_ |= kernel::info(*flag).bit;
      } else {
        refuse("unknown flag " + name.str());
      }
    }
  }

  std::optional<std::uint32_t> read_action(const Object& object, llvm::StringRef key,
                                           llvm::StringRef value_key) {
    const llvm::StringRef name = object.getString(key).value_or("");
    const auto* found = std::find_if(std::begin(kActions), std::end(kActions),
                                     [&](const ActionName& action) { return action.name == name; });
    if (found == std::end(kActions)) {
      refuse("unknown action " + name.str());
      return std::nullopt;
    }
    const bool says_number = object.get(value_key) != nullptr;
    if (!has_number(found->value)) {
      if (says_number && runtime_ == OciRuntime::Crun) refuse("a number with " + name.str());
      return found->value;
    }
    constexpr std::uint64_t kEperm = 1;
    const std::uint64_t number = says_number ? number_of(object, value_key) : kEperm;
    return found->value | static_cast<std::uint32_t>(number & kDataBits);
  }

  // What the runtime's own table and libseccomp know. The second: little-endian ones that we do not.
  std::optional<Arch> find_arch(llvm::StringRef name) {
    constexpr llvm::StringLiteral kUnmodelled[] = {"SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32"};
    if (llvm::is_contained(kUnmodelled, name)) {
      give_up("the model has no table of " + name.str());
      return std::nullopt;
    }
    const auto arch = name.starts_with("SCMP_ARCH_") ? kernel::find_arch(name) : std::nullopt;
    const bool is_known =
        arch && *arch != Arch::LoongArch64 && (runtime_ == OciRuntime::Crun || *arch != Arch::RiscV64);
    if (!is_known) {
      refuse("unknown architecture " + name.str());
      return std::nullopt;
    }
    if (kernel::info(*arch).is_big_endian != kernel::info(host_).is_big_endian) {
      refuse("another byte order than the machine's: " + name.str());
      return std::nullopt;
    }
    return arch;
  }

  void read_arches() {
    filter_.arches_.push_back(host_);
    const Array* arches = seccomp_.getArray("architectures");
    if (arches == nullptr) return;
    for (const llvm::json::Value& value : *arches) {
      const auto arch = find_arch(value.getAsString().value_or(""));
      if (!arch) continue;
      listed_.insert(*arch);
      if (!filter_.has(*arch)) filter_.arches_.push_back(*arch);
    }
  }

  void read_entry(const Object& entry) {
    const auto action = read_action(entry, "action", "errnoRet");
    const auto tests = read_tests(entry);
    const Array* names = entry.getArray("names");
    if (!action || !tests || names == nullptr) return;
    for (const llvm::json::Value& value : *names) {
      const llvm::StringRef name = value.getAsString().value_or("");
      note_highest(name);
      if (runtime_ == OciRuntime::Runc && name == "write" && *action == kNotify)
        refuse("SCMP_ACT_NOTIFY for write");
      if (*action == filter_.default_action_ || !is_known_to_loader(name)) continue;
      if (is_bad_errno(*action)) refuse("an error number that libseccomp does not take");
      add_rules(name, *tests, *action);
    }
  }

  std::optional<std::vector<LoaderTest>> read_tests(const Object& entry) {
    std::vector<LoaderTest> tests;
    const Array* arguments = entry.getArray("args");
    if (arguments == nullptr) return tests;
    for (const llvm::json::Value& value : *arguments) {
      const Object* object = value.getAsObject();
      if (object == nullptr) continue;
      const llvm::StringRef name = object->getString("op").value_or("");
      const auto* op = std::find_if(std::begin(kOperators), std::end(kOperators),
                                    [&](const OperatorName& candidate) { return candidate.name == name; });
      const std::uint64_t index = number_of(*object, "index");
      if (op == std::end(kOperators) || index >= ir::kMaxArguments) {
        refuse("an argument's test is not one");
        return std::nullopt;
      }
      const bool is_masked = op->op == LoaderOperator::MaskedEqual;
      const std::uint64_t first = number_of(*object, "value");
      tests.push_back({.index = static_cast<std::uint8_t>(index),
                       .op = op->op,
                       .mask = is_masked ? first : ~std::uint64_t{0},
                       .datum = is_masked ? number_of(*object, "valueTwo") : first});
    }
    // crun looks at six.
    if (runtime_ == OciRuntime::Crun && tests.size() > ir::kMaxArguments) tests.resize(ir::kMaxArguments);
    return tests;
  }

  // runc only; with whatever action the name is listed.
  void note_highest(llvm::StringRef name) {
    const std::uint32_t kind = filter_.default_action_ & kActionBits;
    const bool lets_run = kind == kAllow || kind == kLog || kind == kTrace;
    const auto call = kernel::find_syscall(name);
    if (runtime_ != OciRuntime::Runc || lets_run || !call) return;
    for (const Arch arch : listed_) {
      const auto number = loader_number(*call, arch);
      if (!number || *number == 0 || find_multiplexed(name, arch) != nullptr) continue;
      std::uint32_t& highest = filter_.highest_[arch];
      highest = std::max(highest, *number);
    }
  }

  void add_rules(llvm::StringRef call, llvm::ArrayRef<LoaderTest> tests, std::uint32_t action) {
    std::vector<LoaderTest> sorted = tests.vec();
    const auto by_index = [](const LoaderTest& a, const LoaderTest& b) { return a.index < b.index; };
    std::stable_sort(sorted.begin(), sorted.end(), by_index);
    const auto same_index = [](const LoaderTest& a, const LoaderTest& b) { return a.index == b.index; };
    if (std::adjacent_find(sorted.begin(), sorted.end(), same_index) == sorted.end()) {
      add_rule(call, sorted, action);
      return;
    }
    for (const LoaderTest& test : tests) add_rule(call, test, action);
  }

  // To all architectures, also when one of them refuses it.
  void add_rule(llvm::StringRef name, llvm::ArrayRef<LoaderTest> tests, std::uint32_t action) {
    if (refusal_) return;
    // Where the machine has neither of the two, libseccomp gives them one number and finds the second by it.
    if (name == "sys_debug_setcontext" && host_ != Arch::Ppc64Le) name = "switch_endian";
    const auto call = kernel::find_syscall(name);
    const LoadedFilter::CallKey absent =
        LoadedFilter::kAbsent + (call ? static_cast<std::uint32_t>(*call) : kernel::syscall_count());
    for (const Arch arch : filter_.arches_) {
      if (const MultiplexedCall* through = find_multiplexed(name, arch))
        add_multiplexed(*through, arch, tests, action);
      const auto number = call ? loader_number(*call, arch) : std::nullopt;
      // There, calls that it does not have are only kept in mind when they are multiplexed ones.
      if (!number && has_multiplexer(arch) && find_multiplexed(name, arch) == nullptr) continue;
      add_to(arch, number ? *number : absent, tests, action);
    }
  }

  // The first argument becomes the code; the others stay where they are.
  void add_multiplexed(const MultiplexedCall& call, Arch arch, llvm::ArrayRef<LoaderTest> tests,
                       std::uint32_t action) {
    const auto through = kernel::find_syscall(call.is_socket ? "socketcall" : "ipc");
    std::vector<LoaderTest> all{
        {.index = 0, .op = LoaderOperator::Equal, .mask = ~std::uint64_t{0}, .datum = call.code}};
    for (const LoaderTest& test : tests) {
      if (test.index != 0) all.push_back(test);
    }
    add_to(arch, *loader_number(*through, arch), all, action);
  }

  void add_to(Arch arch, LoadedFilter::CallKey key, llvm::ArrayRef<LoaderTest> tests, std::uint32_t action) {
    const bool is_narrow = arch == Arch::X86 || arch == Arch::X32 || arch == Arch::Arm;
    const LoaderTree empty(is_narrow ? LoaderWidth::Bits32 : LoaderWidth::Bits64);
    LoaderTree& tree = filter_.calls_.try_emplace({arch, key}, empty).first->second;
    if (!tree.add(tests, action)) refuse("two rules of one call contradict each other");
  }

  const Object& seccomp_;
  OciRuntime runtime_;
  Arch host_;
  LoadedFilter filter_;
  kernel::ArchSet listed_;
  std::optional<std::string> refusal_;
  std::optional<std::string> unknown_;
};

std::variant<LoadedFilter, LoadRefused, LoadUnknown> load_oci_seccomp(const Object& seccomp,
                                                                      OciRuntime runtime, Arch host) {
  return OciLoading(seccomp, runtime, host).run();
}

}  // namespace isola::backends
