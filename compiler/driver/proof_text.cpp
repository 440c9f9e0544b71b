#include "compiler/driver/proof_text.h"

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

#include "backends/seccomp/action_code.h"
#include "compiler/driver/decision_text.h"
#include "compiler/kernel/syscalls.h"

namespace isola::driver {

using backends::seccomp::ArchSummary;
using backends::seccomp::Difference;
using backends::seccomp::Direction;

namespace {

constexpr Direction kDirections[] = {Direction::AllowsMore, Direction::AllowsLess, Direction::Otherwise};

std::string_view direction_text(Direction direction) {
  switch (direction) {
    case Direction::AllowsMore:
      return "it lets run what the policy refuses";
    case Direction::AllowsLess:
      return "it refuses what the policy lets run";
    case Direction::Otherwise:
      return "it answers in another way";
  }
  return "";
}

std::string_view direction_key(Direction direction) {
  switch (direction) {
    case Direction::AllowsMore:
      return "allowsMore";
    case Direction::AllowsLess:
      return "allowsLess";
    case Direction::Otherwise:
      return "otherwise";
  }
  return "";
}

// As decisions are said elsewhere, and the datum where the kernel hands it on.
std::string answer_text(std::uint32_t answer) {
  const ir::SyscallAction action = backends::seccomp::decode_action(answer);
  const ir::Decision decision{.effect = action.lets_call_run() ? ir::Effect::Allow : ir::Effect::Deny,
                              .action = action,
                              .judge = ir::Judge::Syscalls,
                              .reason = ir::Reason::RuleAllows,
                              .because = nullptr,
                              .origin = {}};
  const bool has_datum = action.kind == ir::SyscallAction::Kind::Trap && (answer & 0xffff) != 0;
  return has_datum ? fmt::format("trap {}", answer & 0xffff) : verdict_text(decision);
}

std::uint32_t audit_arch_of(const Difference& difference) {
  return static_cast<std::uint32_t>(difference.example[ir::kHeadWord] >> 32);
}

std::uint32_t number_of(const Difference& difference) {
  return static_cast<std::uint32_t>(difference.example[ir::kHeadWord]);
}

// Whose call the example is; nothing for a value that no architecture has.
std::optional<kernel::Arch> arch_of(const Difference& difference) {
  if (difference.arch) return difference.arch;
  for (const kernel::ArchInfo& info : kernel::all_arches()) {
    if (info.audit_arch == audit_arch_of(difference)) return info.arch;
  }
  return std::nullopt;
}

std::string arch_name(const Difference& difference) {
  const std::optional<kernel::Arch> arch = arch_of(difference);
  return arch ? std::string(kernel::info(*arch).name) : fmt::format("{:#x}", audit_arch_of(difference));
}

// Differences that are alike but for the architecture: the same call, the same answers. The first is the
// widest.
using Case = std::vector<const Difference*>;

std::vector<Case> find_cases(const std::vector<Difference>& differences) {
  std::vector<Case> cases;
  for (const Difference& difference : differences) {
    const auto is_alike = [&](const Case& other) {
      const Difference& first = *other.front();
      return first.call == difference.call && first.arch.has_value() == difference.arch.has_value() &&
             first.filter_answer == difference.filter_answer &&
             first.policy_answer == difference.policy_answer;
    };
    const auto found = std::find_if(cases.begin(), cases.end(), is_alike);
    if (found == cases.end()) {
      cases.push_back({&difference});
    } else {
      found->push_back(&difference);
    }
  }
  return cases;
}

// What kind of call it is about: `ptrace on x86_64 (101), aarch64 (117)`.
std::string subject(const Case& alike) {
  const Difference& first = *alike.front();
  if (!first.arch) return "calls of other architectures";
  std::string text = first.call ? kernel::name(*first.call).str() : "other numbers";
  std::string separator = " on ";
  for (const Difference* difference : alike) {
    text += separator + std::string(kernel::info(*difference->arch).name);
    if (first.call) text += fmt::format(" ({})", number_of(*difference));
    separator = ", ";
  }
  return text;
}

std::optional<kernel::SyscallId> call_of(const Difference& difference) {
  const std::optional<kernel::Arch> arch = arch_of(difference);
  return arch ? kernel::syscall_at(*arch, number_of(difference)) : std::nullopt;
}

struct NamedValue {
  std::string name;
  std::uint64_t value;
};

// The registers that the call has, and others that are not zero.
std::vector<NamedValue> registers_of(const Difference& difference) {
  std::vector<NamedValue> found;
  const ir::Arguments arguments = ir::arguments_of(difference.example);
  const auto call = call_of(difference);
  const auto parameters =
      call ? kernel::parameters(*call, *arch_of(difference)) : llvm::ArrayRef<kernel::Parameter>{};
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const bool is_named = index < parameters.size() && !parameters[index].name.empty();
    if (!is_named && arguments[index] == 0) continue;
    found.push_back({is_named ? std::string(parameters[index].name) : fmt::format("argument{}", index),
                     arguments[index]});
  }
  const std::uint64_t pointer = difference.example[ir::kPointerWord];
  if (pointer != 0) found.push_back({"instruction_pointer", pointer});
  return found;
}

// `socket(family = 0x10, type = 0x0, protocol = 0x0)`, `call 0x3e8()`.
std::string call_text(const Difference& difference) {
  const auto call = call_of(difference);
  std::string text = call ? kernel::name(*call).str() : fmt::format("call {:#x}", number_of(difference));
  std::string separator = "(";
  for (const NamedValue& value : registers_of(difference)) {
    text += fmt::format("{}{} = {:#x}", separator, value.name, value.value);
    separator = ", ";
  }
  return text + (separator == "(" ? "()" : ")") + " on " + arch_name(difference);
}

// The line of the policy that decides the example.
std::string reason(const SourceManager& sources, const ir::Profile& profile, const Difference& difference) {
  const std::optional<kernel::Arch> arch = arch_of(difference);
  if (!arch) {
    return fmt::format("{}: {}", ir::name_of(ir::Judge::Syscalls),
                       ir::to_text(ir::Reason::ForeignArchitecture));
  }
  const ir::SyscallRequest call{.arch = *arch,
                                .number = number_of(difference),
                                .arguments = ir::arguments_of(difference.example),
                                .any_arguments = 0};
  const ir::Decision decision = ir::decide(profile, {.child = "", .operation = call}, {ir::Judge::Syscalls});
  return deciding_line(sources, profile, decision);
}

std::string case_text(const SourceManager& sources, const ir::Profile& profile, const Case& alike) {
  const Difference& first = *alike.front();
  return fmt::format("    {}: {} instead of {}\n      {}\n      {}\n", subject(alike),
                     answer_text(first.filter_answer), answer_text(first.policy_answer), call_text(first),
                     reason(sources, profile, first));
}

std::string cases_text(const SourceManager& sources, const ir::Profile& profile,
                       const std::vector<Case>& cases, Direction direction) {
  std::string lines;
  std::size_t count = 0;
  for (const Case& alike : cases) {
    if (alike.front()->direction != direction || ++count > kMostShownCases) continue;
    lines += case_text(sources, profile, alike);
  }
  if (count == 0) return "";
  std::string text =
      fmt::format("  {}: {} {}\n{}", direction_text(direction), count, count == 1 ? "case" : "cases", lines);
  if (count > kMostShownCases) {
    text += fmt::format("    and {} more, which --json lists\n", count - kMostShownCases);
  }
  return text;
}

std::string summary_text(const ArchSummary& summary) {
  const std::string cache = summary.arch == kernel::Arch::X32
                                ? std::string("for x32 the kernel has no cache")
                                : fmt::format("{} of them from the kernel's cache", summary.cached);
  return fmt::format("  {:<12}{} calls, {} always let run, {}\n", kernel::info(summary.arch).name,
                     summary.calls, summary.always_allowed, cache);
}

void write_difference(llvm::json::OStream& json, const SourceManager& sources, const ir::Profile& profile,
                      const Difference& difference) {
  json.object([&] {
    json.attribute("direction", std::string(direction_key(difference.direction)));
    json.attribute("subject", subject({&difference}));
    json.attribute("filter", answer_text(difference.filter_answer));
    json.attribute("policy", answer_text(difference.policy_answer));
    json.attribute("because", reason(sources, profile, difference));
    json.attributeObject("example", [&] {
      json.attribute("architecture", arch_name(difference));
      json.attribute("auditArch", audit_arch_of(difference));
      json.attribute("number", number_of(difference));
      const auto call = call_of(difference);
      if (call) json.attribute("name", kernel::name(*call));
      json.attributeArray("arguments", [&] {
        for (const std::uint64_t value : ir::arguments_of(difference.example)) {
          json.value(fmt::format("{:#x}", value));
        }
      });
      json.attribute("instructionPointer", fmt::format("{:#x}", difference.example[ir::kPointerWord]));
    });
  });
}

void write_proof(llvm::json::OStream& json, const SourceManager& sources, const ir::Profile& profile,
                 const Proof& proof) {
  json.object([&] {
    json.attribute("policy", proof.policy);
    json.attribute("filter", proof.filter);
    json.attribute("isEqual", proof.comparison.differences.empty());
    json.attribute("isComplete", proof.comparison.is_complete);
    json.attribute("instructions", proof.instructions);
    json.attribute("functions", proof.comparison.functions);
    json.attributeArray("architectures", [&] {
      for (const ArchSummary& summary : proof.comparison.arches) {
        json.object([&] {
          json.attribute("name", llvm::StringRef(kernel::info(summary.arch).name));
          json.attribute("calls", summary.calls);
          json.attribute("alwaysAllowed", summary.always_allowed);
          json.attribute("cached", summary.cached);
        });
      }
    });
    json.attributeArray("differences", [&] {
      for (const Difference& difference : proof.comparison.differences) {
        write_difference(json, sources, profile, difference);
      }
    });
  });
}

}  // namespace

std::size_t count_cases(const backends::seccomp::Comparison& comparison) {
  return find_cases(comparison.differences).size();
}

std::string proof_text(const SourceManager& sources, const ir::Profile& profile, const Proof& proof) {
  const std::vector<Difference>& differences = proof.comparison.differences;
  std::string text =
      fmt::format("{}: {} {}\n", proof.policy, proof.filter,
                  differences.empty() ? "answers every call as the policy does" : "differs from the policy");
  if (proof.comparison.is_complete) {
    text += fmt::format("  {} instructions, {} different functions of the arguments\n", proof.instructions,
                        proof.comparison.functions);
  } else {
    text += fmt::format("  {} instructions, too complex to be compared as a whole; found by trying calls\n",
                        proof.instructions);
  }
  for (const ArchSummary& summary : proof.comparison.arches) text += summary_text(summary);
  if (differences.empty()) {
    text += "  proven for every number of these, all arguments, and every other architecture\n";
  }
  const std::vector<Case> cases = find_cases(differences);
  for (const Direction direction : kDirections) text += cases_text(sources, profile, cases, direction);
  return text;
}

std::string proofs_json(const SourceManager& sources, const ir::Profile& profile,
                        const std::vector<Proof>& proofs) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, 2);
  json.array([&] {
    for (const Proof& proof : proofs) write_proof(json, sources, profile, proof);
  });
  stream << '\n';
  return text;
}

}  // namespace isola::driver
