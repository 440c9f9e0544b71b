// The sizes of filters for known workloads, held against limits; prints a table.
//
// Instructions executed are those of a call without arguments: the mean over all calls of the architectures'
// tables, the mean weighted by how often programs make the call, the most. Needs the corpus (ISOLA_CORPUS);
// without it the program ends with 77, which CTest takes as skipped.

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/MemoryBuffer.h>

#include <chrono>
#include <cstdlib>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/emit.h"
#include "backends/seccomp/lower.h"
#include "backends/seccomp/prove.h"
#include "compiler/base/check.h"
#include "compiler/kernel/syscalls.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

struct Workload {
  const char* file;
  std::size_t most_instructions;
};

// Source of the limits: the best filters that other compilers and a prototype of ours make of these.
constexpr Workload kWorkloads[] = {
    {"a_docker3", 213}, {"b_docker1", 67}, {"c_podman1", 68}, {"d_nginx40", 27}, {"e_args", 193},
};

llvm::json::Object read_object(const std::string& path) {
  const auto buffer = llvm::MemoryBuffer::getFile(path);
  ISOLA_CHECK(buffer, "the corpus has the file");
  llvm::Expected<llvm::json::Value> value = llvm::json::parse((*buffer)->getBuffer());
  ISOLA_CHECK(static_cast<bool>(value) && value->getAsObject() != nullptr, "the file is a JSON object");
  return std::move(*value->getAsObject());
}

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
                 std::uint32_t action, bool is_typed) {
  std::vector<ir::ArgumentCondition> parts;
  for (const llvm::json::Value& part : conditions) {
    const auto parameters = kernel::parameters(call, arch);
    const std::uint64_t index = number_of((*part.getAsArray())[0]);
    const bool is_narrow = is_typed && index < parameters.size() && parameters[index].bits < 64;
    const bool has_narrow_registers = !kernel::info(arch).is_64_bit;
    parts.push_back(condition_of(*part.getAsArray(), is_narrow || has_narrow_registers ? 32 : 64));
  }
  ir::Rule rule;
  rule.permission = ir::SyscallUse{.syscall = call,
                                   .arch = arch,
                                   .condition = ir::ArgumentCondition::all(std::move(parts)),
                                   .action = decode_action(action)};
  return rule;
}

ir::Profile profile_of(const llvm::json::Object& workload, bool is_typed) {
  ir::Profile profile;
  profile.syscalls.otherwise = decode_action(static_cast<std::uint32_t>(*workload.getInteger("default")));
  profile.syscalls.newer = profile.syscalls.otherwise;
  profile.syscalls.foreign = decode_action(static_cast<std::uint32_t>(*workload.getInteger("badarch")));
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
        profile.rules.push_back(rule_of(arch, *call, *parts[0].getAsArray(), action, is_typed));
      }
    }
  }
  return profile;
}

// Instructions that a call runs.
std::size_t executed(const Program& program, std::uint32_t number, std::uint32_t audit_arch) {
  const seccomp_data data{
      .nr = static_cast<int>(number), .arch = audit_arch, .instruction_pointer = 0, .args = {}};
  std::size_t steps = 0;
  run(program, data, &steps);
  return steps;
}

struct Figures {
  double mean = 0, weighted = 0;
  std::size_t most = 0;
};

Figures measure(const Program& program, kernel::ArchSet arches, const llvm::json::Object& weights) {
  Figures figures;
  std::size_t count = 0;
  double weight_sum = 0;
  for (const kernel::Arch arch : arches) {
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      const auto call = static_cast<kernel::SyscallId>(index);
      const auto number = kernel::number(call, arch);
      if (!number) continue;
      const std::size_t steps = executed(program, *number, kernel::info(arch).audit_arch);
      figures.mean += static_cast<double>(steps);
      figures.most = std::max(figures.most, steps);
      ++count;
      const double weight = weights.getNumber(kernel::name(call)).value_or(0);
      if (arch != kernel::Arch::X86_64) continue;
      figures.weighted += weight * static_cast<double>(steps);
      weight_sum += weight;
    }
  }
  figures.mean /= static_cast<double>(count);
  figures.weighted /= weight_sum;
  return figures;
}

bool report(const Workload& workload, const std::string& directory, bool is_typed, Goal goal,
            const llvm::json::Object& weights) {
  const ir::Profile profile = profile_of(read_object(directory + workload.file + ".json"), is_typed);
  const auto start = std::chrono::steady_clock::now();
  std::vector<Model> models = lower(profile, goal);
  const auto lowered = std::chrono::steady_clock::now();
  const Program program = emit(models.front());
  const auto emitted = std::chrono::steady_clock::now();
  prove_meaning(program, profile, models.front().arches);
  prove_cacheable(program, models.front().arches);
  const auto proven = std::chrono::steady_clock::now();
  const Figures figures = measure(program, profile.syscalls.arches, weights);
  const auto microseconds = [](auto from, auto to) {
    return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
  };
  fmt::print(
      "{:10} {:6} {:8} {:5} insns (at most {:3})  mean {:5.2f}  weighted {:5.2f}  most {:3}   lower {} us, "
      "emit {} us, prove {} us\n",
      workload.file, is_typed ? "typed" : "64-bit", goal == Goal::Smallest ? "smallest" : "balanced",
      program.instructions.size(), workload.most_instructions, figures.mean, figures.weighted, figures.most,
      microseconds(start, lowered), microseconds(lowered, emitted), microseconds(emitted, proven));
  return goal == Goal::Balanced || program.instructions.size() <= workload.most_instructions;
}

}  // namespace

int main() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) {
    fmt::print("ISOLA_CORPUS is not set: skipped\n");
    return 77;
  }
  const std::string directory = std::string(corpus) + "/seccomp/";
  const llvm::json::Object frequencies = read_object(directory + "freq.json");
  bool is_small = true;
  for (const Workload& workload : kWorkloads) {
    for (const Goal goal : {Goal::Balanced, Goal::Smallest}) {
      for (const bool is_typed : {false, true}) {
        is_small = report(workload, directory, is_typed, goal, *frequencies.getObject("weights")) && is_small;
      }
    }
  }
  return is_small ? EXIT_SUCCESS : EXIT_FAILURE;
}
