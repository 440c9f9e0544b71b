#include "tests/oci/random_seccomp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/kernel/syscalls.h"

namespace isola::testing {

using llvm::json::Array;
using llvm::json::Object;

namespace {

constexpr llvm::StringLiteral kOperators[] = {"SCMP_CMP_NE",       "SCMP_CMP_LT", "SCMP_CMP_LE",
                                              "SCMP_CMP_EQ",       "SCMP_CMP_GE", "SCMP_CMP_GT",
                                              "SCMP_CMP_MASKED_EQ"};
constexpr llvm::StringLiteral kActions[] = {"SCMP_ACT_ALLOW",        "SCMP_ACT_ERRNO",       "SCMP_ACT_TRAP",
                                            "SCMP_ACT_KILL",         "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRACE",
                                            "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG"};
// Numbers of both halves that touch.
constexpr std::uint64_t kValues[] = {0,           1,           2,           3,
                                     5,           0x7fffffff,  0x80000000,  0xfffffffe,
                                     0xffffffff,  0x100000000, 0x100000001, 0x100000005,
                                     0x1ffffffff, 0x200000000, 1ULL << 63,  ~std::uint64_t{0}};
// Names that meet every way through a loader: multiplexed ones, ones that x86_64 lacks, unknown ones.
constexpr llvm::StringLiteral kOddNames[] = {
    "socket", "semop", "shmctl",           "socketcall", "ipc",
    "send",   "mseal", "no_such_call",     "waitpid",    "clone3",
    "accept", "read",  "arm_fadvise64_64", "getuid32",   "fadvise64"};

std::string random_name(Random& random) {
  if (random.chance(15)) return random.pick(kOddNames).str();
  const auto id = static_cast<kernel::SyscallId>(random.below(kernel::syscall_count()));
  return kernel::name(id).str();
}

class Maker {
 public:
  Maker(SeccompShape shape, llvm::ArrayRef<kernel::Arch> arches, Random& random)
      : shape_(shape), arches_(arches), random_(random) {}

  Object run() {
    Object seccomp;
    put_action(seccomp, "defaultAction", "defaultErrnoRet");
    Array listed;
    for (const kernel::Arch arch : arches_) {
      if (random_.chance(shape_ == SeccompShape::Realistic ? 60 : 40))
        listed.push_back(llvm::StringRef(kernel::info(arch).scmp_name));
    }
    if (random_.chance(2)) listed.push_back("SCMP_ARCH_S390");
    if (!listed.empty() || random_.chance(50)) seccomp["architectures"] = std::move(listed);
    put_flags(seccomp);
    Array entries;
    switch (shape_) {
      case SeccompShape::Realistic:
        for (std::size_t count = 1 + random_.below(20); count-- > 0;) entries.push_back(realistic_entry());
        break;
      case SeccompShape::Adversarial:
        for (std::size_t count = 1 + random_.below(4); count-- > 0;)
          few_names_.push_back(random_name(random_));
        for (std::size_t count = 1 + random_.below(12); count-- > 0;) entries.push_back(adversarial_entry());
        break;
      case SeccompShape::Disjoint:
        for (std::size_t count = 1 + random_.below(4); count-- > 0;) add_disjoint(entries);
        break;
    }
    seccomp["syscalls"] = std::move(entries);
    return seccomp;
  }

 private:
  void put_action(Object& object, llvm::StringRef key, llvm::StringRef number_key) {
    std::string action = random_.pick(kActions).str();
    if (shape_ != SeccompShape::Adversarial && random_.chance(80))
      action = random_.chance(50) ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO";
    const bool takes_number = action == "SCMP_ACT_ERRNO" || action == "SCMP_ACT_TRACE";
    constexpr std::int64_t kNumbers[] = {1, 13, 38, 0, 4094};
    if (takes_number ? random_.chance(70) : random_.chance(1)) object[number_key] = random_.pick(kNumbers);
    if (takes_number && random_.chance(1)) object[number_key] = random_.chance(50) ? 4095 : 65535;
    object[key] = std::move(action);
  }

  void put_flags(Object& object) {
    if (random_.chance(75)) return;
    Array flags;
    if (random_.chance(15)) flags.push_back("SECCOMP_FILTER_FLAG_LOG");
    if (random_.chance(15)) flags.push_back("SECCOMP_FILTER_FLAG_TSYNC");
    if (random_.chance(10)) flags.push_back("SECCOMP_FILTER_FLAG_SPEC_ALLOW");
    object["flags"] = std::move(flags);
  }

  Object test(std::int64_t index) {
    Object made{{"index", index}, {"op", llvm::StringRef(random_.pick(kOperators))}};
    made["value"] = llvm::json::Value(value());
    if (made.getString("op") == llvm::StringRef("SCMP_CMP_MASKED_EQ") || random_.chance(5))
      made["valueTwo"] = llvm::json::Value(value());
    return made;
  }

  std::uint64_t value() {
    return random_.chance(85) ? random_.pick(kValues) : random_.bits() >> random_.below(64);
  }

  Object realistic_entry() {
    Object entry;
    put_action(entry, "action", "errnoRet");
    Array names;
    for (std::size_t count = 1 + random_.below(random_.chance(30) ? 80 : 4); count-- > 0;)
      names.push_back(random_name(random_));
    entry["names"] = std::move(names);
    if (random_.chance(30)) entry["args"] = Array{test(static_cast<std::int64_t>(random_.below(6)))};
    return entry;
  }

  Object adversarial_entry() {
    Object entry;
    put_action(entry, "action", "errnoRet");
    entry["names"] = Array{random_.pick(few_names_)};
    Array tests;
    for (std::size_t count = random_.below(4); count-- > 0;)
      tests.push_back(test(static_cast<std::int64_t>(random_.below(random_.chance(70) ? 2 : 6))));
    if (!tests.empty() || random_.chance(30)) entry["args"] = std::move(tests);
    return entry;
  }

  // One call's values of an argument split by their lower bits, each part with an action of its own.
  void add_disjoint(Array& entries) {
    const std::string name = random_name(random_);
    const auto index = static_cast<std::int64_t>(random_.below(6));
    const std::uint64_t mask = random_.chance(50) ? 0xffffffff : 7;
    for (std::uint64_t part = 0; part < 1 + random_.below(6); ++part) {
      Object entry;
      put_action(entry, "action", "errnoRet");
      Object made{{"index", index}, {"op", "SCMP_CMP_MASKED_EQ"}};
      made["value"] = llvm::json::Value(mask);
      made["valueTwo"] = llvm::json::Value(part);
      entry["names"] = Array{name};
      entry["args"] = Array{std::move(made)};
      entries.push_back(std::move(entry));
    }
  }

  const SeccompShape shape_;
  llvm::ArrayRef<kernel::Arch> arches_;
  Random& random_;
  std::vector<std::string> few_names_;
};

// A value on an edge of one test of the entry.
void place(const Object& test, ir::Arguments& arguments, Random& random) {
  const auto number = [&](llvm::StringRef key) {
    const llvm::json::Value* found = test.get(key);
    return found == nullptr ? std::uint64_t{0} : found->getAsUINT64().value_or(0);
  };
  const std::uint64_t index = number("index");
  if (index >= ir::kMaxArguments) return;
  const bool is_masked = test.getString("op") == llvm::StringRef("SCMP_CMP_MASKED_EQ");
  std::uint64_t wanted = number("value");
  if (is_masked) wanted = number("valueTwo") | (random.bits() & ~number("value"));
  constexpr std::uint64_t kSteps[] = {0, 0, 0, 1, ~std::uint64_t{0}, 1ULL << 32, ~std::uint64_t{0} << 32};
  arguments[index] = wanted + random.pick(kSteps);
}

// Calls of one entry under one of its names.
FilterCall call_near(const Array& entries, llvm::ArrayRef<kernel::Arch> arches, Random& random) {
  const kernel::ArchInfo& arch = kernel::info(arches[random.below(arches.size())]);
  FilterCall call{.audit_arch = arch.audit_arch};
  for (std::uint64_t& argument : call.arguments) argument = random.pick(kValues);
  const Object& entry = *entries[random.below(entries.size())].getAsObject();
  const Array& names = *entry.getArray("names");
  const llvm::StringRef name = *names[random.below(names.size())].getAsString();
  const auto id = kernel::find_syscall(name);
  std::optional<std::uint32_t> number = id ? kernel::number(*id, arch.arch) : std::nullopt;
  if (random.chance(10) || !number) {
    number = kernel::number(*kernel::find_syscall(random.chance(50) ? "socketcall" : "ipc"), arch.arch);
    call.arguments[0] = random.below(26);
  }
  call.number = number.value_or(static_cast<std::uint32_t>(random.below(500)));
  const Array* tests = entry.getArray("args");
  if (tests == nullptr) return call;
  for (const llvm::json::Value& test : *tests) {
    if (random.chance(90)) place(*test.getAsObject(), call.arguments, random);
  }
  return call;
}

}  // namespace

Object random_seccomp(SeccompShape shape, llvm::ArrayRef<kernel::Arch> arches, Random& random) {
  return Maker(shape, arches, random).run();
}

std::vector<FilterCall> calls_for(const Object& seccomp, llvm::ArrayRef<kernel::Arch> arches,
                                  std::size_t count, Random& random) {
  constexpr std::uint32_t kOddNumbers[] = {0x0f0001,   0x0f0005,   5000,       5001,       5325,
                                           0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xbfffffff,
                                           0xc0000000, 0xfffffffe, 0xffffffff};
  std::vector<FilterCall> calls;
  for (const kernel::Arch arch : arches) {
    const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
    const std::uint32_t base = arch == kernel::Arch::X32        ? kernel::kX32Bit
                               : arch == kernel::Arch::Mips64El ? 5000
                                                                : 0;
    for (std::uint32_t number = 0; number < 1000; ++number) calls.push_back({audit_arch, base + number, {}});
    for (const std::uint32_t number : kOddNumbers) calls.push_back({audit_arch, number, {}});
  }
  calls.push_back({.audit_arch = 0x80000015});
  const Array* entries = seccomp.getArray("syscalls");
  if (entries == nullptr || entries->empty()) return calls;
  while (count-- > 0) calls.push_back(call_near(*entries, arches, random));
  return calls;
}

std::string to_text(const FilterCall& call) {
  return fmt::format("arch {:#x} number {} arguments {:#x}", call.audit_arch, call.number,
                     fmt::join(call.arguments, " "));
}

}  // namespace isola::testing
