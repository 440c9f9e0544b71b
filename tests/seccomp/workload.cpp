#include "tests/seccomp/workload.h"

#include <llvm/Support/MemoryBuffer.h>

#include "backends/seccomp/action_code.h"
#include "compiler/base/check.h"
#include "compiler/kernel/syscalls.h"

namespace isola::testing {

llvm::json::Object read_json_object(const std::string& path) {
  const auto buffer = llvm::MemoryBuffer::getFile(path);
  ISOLA_CHECK(buffer, "the corpus has the file");
  llvm::Expected<llvm::json::Value> value = llvm::json::parse((*buffer)->getBuffer());
  ISOLA_CHECK(static_cast<bool>(value) && value->getAsObject() != nullptr, "the file is a JSON object");
  return std::move(*value->getAsObject());
}

namespace {

std::uint64_t number_of(const llvm::json::Value& value) {
  return *value.getAsUINT64();
}

// [argument, operator, value or mask, value under the mask], as the seccomp part of OCI has it.
ir::ArgumentCondition condition_of(const llvm::json::Array& parts, unsigned bits) {
  const std::uint64_t ones = bits == 64 ? ~std::uint64_t{0} : 0xffffffff;
  const std::uint64_t value = number_of(parts[2]) & ones;
  const llvm::StringRef name = *parts[1].getAsString();
  ir::ArgumentTest test{.index = static_cast<std::uint8_t>(number_of(parts[0])),
                        .bits = static_cast<std::uint8_t>(bits),
                        .mask = name == "MASKED_EQ" ? value : ones,
                        .ranges = {}};
  if (name == "MASKED_EQ") test.ranges = {{number_of(parts[3]) & ones, number_of(parts[3]) & ones}};
  if (name == "EQ" || name == "NE") test.ranges = {{value, value}};
  if (name == "LE" || name == "GT") test.ranges = {{0, value}};
  if (name == "GE" || name == "LT") test.ranges = {{value, ones}};
  const ir::ArgumentCondition condition = ir::ArgumentCondition::of(test);
  const bool is_opposite = name == "NE" || name == "GT" || name == "LT";
  return is_opposite ? ir::ArgumentCondition::negation(condition) : condition;
}

ir::Rule rule_of(kernel::Arch arch, kernel::SyscallId call, const llvm::json::Array& conditions,
                 std::uint32_t action, Width width) {
  std::vector<ir::ArgumentCondition> parts;
  for (const llvm::json::Value& part : conditions) {
    const auto parameters = kernel::parameters(call, arch);
    const std::uint64_t index = number_of((*part.getAsArray())[0]);
    const bool is_narrow =
        width == Width::Parameter && index < parameters.size() && parameters[index].bits < 64;
    const bool has_narrow_registers = !kernel::info(arch).is_64_bit;
    parts.push_back(condition_of(*part.getAsArray(), is_narrow || has_narrow_registers ? 32 : 64));
  }
  ir::Rule rule;
  rule.permission = ir::SyscallUse{.syscall = call,
                                   .arch = arch,
                                   .condition = ir::ArgumentCondition::all(std::move(parts)),
                                   .action = backends::seccomp::decode_action(action)};
  return rule;
}

}  // namespace

ir::Profile workload_profile(const llvm::json::Object& workload, Width width) {
  ir::Profile profile;
  profile.syscalls.otherwise =
      backends::seccomp::decode_action(static_cast<std::uint32_t>(*workload.getInteger("default")));
  profile.syscalls.newer = profile.syscalls.otherwise;
  profile.syscalls.foreign =
      backends::seccomp::decode_action(static_cast<std::uint32_t>(*workload.getInteger("badarch")));
  for (const auto& [name, numbers] : *workload.getObject("map")) {
    const kernel::Arch arch = *kernel::find_arch(name);
    profile.syscalls.arches.insert(arch);
    for (const auto& [number, rules] : *numbers.getAsObject()) {
      std::uint32_t value = 0;
      ISOLA_CHECK(!llvm::StringRef(number).getAsInteger(10, value), "a number");
      const auto call = kernel::syscall_at(arch, value);
      if (!call) continue;
      for (const llvm::json::Value& rule : *rules.getAsArray()) {
        const llvm::json::Array& parts = *rule.getAsArray();
        const auto action = static_cast<std::uint32_t>(number_of(parts[1]));
        profile.rules.push_back(rule_of(arch, *call, *parts[0].getAsArray(), action, width));
      }
    }
  }
  return profile;
}

kernel::CallFrequencies workload_frequencies(const llvm::json::Object& table) {
  std::vector<double> counts(kernel::syscall_count());
  for (const auto& [name, weight] : *table.getObject("weights")) {
    const auto call = kernel::find_syscall(name);
    ISOLA_CHECK(call, "the table has known calls only");
    counts[static_cast<std::size_t>(*call)] = *weight.getAsNumber();
  }
  return kernel::CallFrequencies::of_counts(std::move(counts));
}

std::vector<CountedCall> workload_calls(const llvm::json::Object& tables, kernel::ArchSet arches,
                                        const kernel::CallFrequencies& frequencies) {
  std::vector<CountedCall> calls;
  for (const kernel::Arch arch : arches) {
    for (const auto& [name, number] : *tables.getObject(kernel::info(arch).name)) {
      const auto call = kernel::find_syscall(name);
      const bool has_share = call && arch == *arches.begin();
      const auto value = static_cast<std::uint32_t>(number_of(number));
      calls.push_back({value, arch, has_share ? frequencies.share(*call) : 0});
    }
  }
  return calls;
}

}  // namespace isola::testing
