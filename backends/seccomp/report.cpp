#include "backends/seccomp/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/disassembly.h"
#include "backends/seccomp/flow.h"
#include "backends/seccomp/walk.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

using kernel::Arch;

constexpr std::size_t kWidth = 110;

// Why calls of one architecture end at one answer: a rule or a default, and the calls.
struct Cause {
  std::string label;               // `line 22`, `otherwise`
  std::vector<std::string> calls;  // with their conditions
};

// In the order of the policy's lines; what is not a rule comes last.
using Causes = std::map<std::tuple<bool, std::uint32_t, std::uint32_t, std::string>, Cause>;

// The label, then the calls from column `indent` on.
std::string wrapped(const Cause& cause, std::size_t indent) {
  std::string text = fmt::format("    {:{}}", cause.label, indent - 4);
  std::size_t column = indent;
  for (const std::string& call : cause.calls) {
    const bool is_first = &call == &cause.calls.front();
    if (is_first) {
      text += call;
    } else if (column + 2 + call.size() <= kWidth) {
      text += ", " + call;
      column += 2;
    } else {
      text += ",\n" + std::string(indent, ' ') + call;
      column = indent;
    }
    column += call.size();
  }
  return text + "\n";
}

class Report {
 public:
  Report(const Program& program, const ir::Profile& profile, kernel::ArchSet arches,
         const SourceManager* sources)
      : program_(program), profile_(profile), arches_(arches), sources_(sources) {
    for (const ir::Rule& rule : profile.rules) {
      const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
      if (use != nullptr) rules_[{use->arch, use->syscall}].push_back(&rule);
    }
  }

  std::string run() {
    for (const Arch arch : arches_) collect(arch);
    collect_foreign();
    std::string text = heading();
    const std::size_t indent = 4 + longest_label() + 2;
    for (const auto& [at, by_arch] : causes_) {
      const std::uint32_t value = program_.instructions[at].k;
      text += fmt::format("\n{:04}  {}\n", at, answer_text(value));
      for (const auto& [arch, causes] : by_arch) {
        text += fmt::format("  {}\n", arch ? kernel::info(*arch).name : "every other architecture");
        for (const auto& [order, cause] : causes) text += wrapped(cause, indent);
      }
    }
    return text + "\n" + disassemble(program_);
  }

 private:
  std::string heading() const {
    std::string text =
        fmt::format("{}: a seccomp filter of {} instructions, of which a call runs at most {}\n",
                    profile_.name, program_.instructions.size(), longest_path(program_));
    for (const Arch arch : arches_) {
      const auto found = always_allowed_.find(arch);
      const std::size_t count = found == always_allowed_.end() ? 0 : found->second;
      text += fmt::format("{}: {} calls are always allowed{}\n", kernel::info(arch).name, count,
                          arch == Arch::X32 ? "" : ", all of them from the kernel's action cache");
    }
    for (const kernel::FilterFlagInfo& flag : kernel::all_filter_flags()) {
      if (!profile_.syscalls.flags.contains(flag.flag)) continue;
      text += fmt::format("to be installed with {}: {}\n", flag.name, flag.summary);
    }
    return text;
  }

  std::size_t longest_label() const {
    std::size_t longest = 0;
    for (const auto& [at, by_arch] : causes_) {
      for (const auto& [arch, causes] : by_arch) {
        for (const auto& [order, cause] : causes) longest = std::max(longest, cause.label.size());
      }
    }
    return longest;
  }

  // The answers that can be reached from an instruction, by place.
  std::set<std::size_t> answers_from(std::size_t start) const {
    std::set<std::size_t> answers;
    std::set<std::size_t> seen{start};
    std::vector<std::size_t> open{start};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      const std::vector<std::size_t> next = successors(program_, at);
      if (next.empty()) answers.insert(at);
      for (const std::size_t place : next) {
        if (seen.insert(place).second) open.push_back(place);
      }
    }
    return answers;
  }

  void collect(Arch arch) {
    std::map<std::uint32_t, kernel::SyscallId> calls;
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      const auto number = kernel::number(static_cast<kernel::SyscallId>(index), arch);
      if (number) calls.emplace(*number, *kernel::syscall_at(arch, *number));
    }
    for (const NumberSegment& segment : number_segments(program_, kernel::info(arch).audit_arch)) {
      const std::set<std::size_t> answers = answers_from(segment.at);
      std::uint64_t next = segment.first;
      for (auto call = calls.lower_bound(segment.first); call != calls.end() && call->first <= segment.last;
           ++call) {
        if (call->first > next) add_gap(arch, answers, static_cast<std::uint32_t>(next));
        next = std::uint64_t{call->first} + 1;
        add_call(arch, call->second, answers);
      }
      if (next <= segment.last) add_gap(arch, answers, static_cast<std::uint32_t>(next));
    }
  }

  void collect_foreign() {
    constexpr std::uint32_t kNoArch =
        0;  // no AUDIT_ARCH_* value, so it goes the way of all that are not listed
    for (const NumberSegment& segment : number_segments(program_, kNoArch)) {
      add(std::nullopt, answers_from(segment.at), profile_.syscalls.foreign, "foreign", "all numbers");
    }
  }

  // Numbers without a call, from `first` on.
  void add_gap(Arch arch, const std::set<std::size_t>& answers, std::uint32_t first) {
    const bool is_x32 = first >= kernel::kX32Bit && first != 0xffffffff;
    const bool is_x86_64 = arch == Arch::X86_64 || arch == Arch::X32;
    if (is_x86_64 && is_x32 != (arch == Arch::X32)) {
      if (arches_.contains(is_x32 ? Arch::X32 : Arch::X86_64)) return;
      const std::string what = is_x32 ? "numbers of x32" : "numbers of x86_64";
      return add(arch, answers, profile_.syscalls.foreign, "foreign", what);
    }
    add(arch, answers, profile_.syscalls.newer, "newer", "numbers that are no call");
  }

  void add_call(Arch arch, kernel::SyscallId call, const std::set<std::size_t>& answers) {
    const ir::SyscallDefaults& defaults = profile_.syscalls;
    const std::string name = kernel::name(call).str();
    const auto rules = rules_.find({arch, call});
    if (rules == rules_.end()) {
      const bool is_known = kernel::since(call, arch) <= defaults.vocabulary;
      if (is_known) return add(arch, answers, defaults.otherwise, "otherwise", "calls that no rule names");
      return add(arch, answers, defaults.newer, "newer", name);
    }
    const bool is_constant = answers.size() == 1;
    if (is_constant && program_.instructions[*answers.begin()].k == SECCOMP_RET_ALLOW)
      ++always_allowed_[arch];
    for (const ir::Rule* rule : rules->second) {
      add_rule(arch, answers, *rule);
      if (std::get<ir::SyscallUse>(rule->permission).condition.is_always()) return;
    }
    add(arch, answers, defaults.otherwise, "otherwise", name + " with other arguments");
  }

  void add_rule(Arch arch, const std::set<std::size_t>& answers, const ir::Rule& rule) {
    if (!rule.merged_from.empty()) {
      for (const ir::Rule& part : rule.merged_from) add_rule(arch, answers, part);
      return;
    }
    const auto& use = std::get<ir::SyscallUse>(rule.permission);
    std::vector<std::string> names;
    for (const kernel::Parameter& parameter : kernel::parameters(use.syscall, arch)) {
      names.emplace_back(parameter.name);
    }
    std::string text = kernel::name(use.syscall).str();
    if (!use.condition.is_always()) text += " if " + ir::to_text(use.condition, names);
    const std::tuple order{false, static_cast<std::uint32_t>(rule.origin.file), rule.origin.begin,
                           label(rule)};
    add(arch, answers, use.action, order, text);
  }

  void add(std::optional<Arch> arch, const std::set<std::size_t>& answers, ir::SyscallAction action,
           const char* label, const std::string& what) {
    add(arch, answers, action, {true, 0, 0, label}, what);
  }

  // Says of those answers that are `action` that `what` ends there.
  void add(std::optional<Arch> arch, const std::set<std::size_t>& answers, ir::SyscallAction action,
           const Causes::key_type& order, const std::string& what) {
    for (const std::size_t at : answers) {
      if (program_.instructions[at].k != encode_action(action)) continue;
      Cause& cause = causes_[at][arch][order];
      cause.label = std::get<3>(order);
      if (std::find(cause.calls.begin(), cause.calls.end(), what) == cause.calls.end())
        cause.calls.push_back(what);
    }
  }

  // `line 22`; `std/glibc:22` for a rule of a bundle.
  std::string label(const ir::Rule& rule) const {
    if (sources_ == nullptr || !rule.origin.is_known()) return "rule";
    const std::uint32_t line = sources_->line_column(rule.origin.file, rule.origin.begin).line;
    if (!rule.brought_by.is_known()) return fmt::format("line {}", line);
    llvm::StringRef name = sources_->name(rule.origin.file);
    name.consume_back(".yaml");
    return fmt::format("{}:{}", (name.starts_with("std/") ? name : name.substr(name.rfind('/') + 1)).str(),
                       line);
  }

  const Program& program_;
  const ir::Profile& profile_;
  kernel::ArchSet arches_;
  const SourceManager* sources_;
  std::map<std::pair<Arch, kernel::SyscallId>, std::vector<const ir::Rule*>> rules_;
  // By the place of the answer, then by architecture; none: all that are not listed.
  std::map<std::size_t, std::map<std::optional<Arch>, Causes>> causes_;
  std::map<Arch, std::size_t> always_allowed_;
};

}  // namespace

std::string report(const Program& program, const ir::Profile& profile, kernel::ArchSet arches,
                   const SourceManager* sources) {
  return Report(program, profile, arches, sources).run();
}

}  // namespace isola::backends::seccomp
