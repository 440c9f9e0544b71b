#include "backends/seccomp/inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/fates.h"
#include "backends/seccomp/flow.h"
#include "backends/seccomp/symbolic.h"

namespace isola::backends::seccomp {

namespace {

using kernel::Arch;
using Diagram = ir::DecisionDiagrams::Node;

// Architectures, by AUDIT_ARCH_*, for which the filter is one function. Both ends inclusive.
struct ArchSpan {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  Diagram function = 0;
  std::uint64_t size() const { return std::uint64_t{last} - first + 1; }
};

// A filter that tells architectures apart by single bits falls into very many spans.
constexpr std::size_t kMostSpans = 4096;

class Inspector {
 public:
  Inspector(const Program& program, std::optional<Arch> only)
      : program_(program), only_(only), diagrams_(kMostDiagramNodes) {}

  Inspection run() {
    Inspection inspection{.program = program_,
                          .longest_path = longest_path(program_),
                          .lines = disassemble_lines(program_, only_),
                          .arches = {},
                          .other_arches = {}};
    const std::optional<Diagram> function = filter_function(program_, diagrams_);
    if (!function || !cut_by_arch(*function, 0, 0)) {
      inspection.is_too_complex = true;
      return inspection;
    }
    function_ = *function;
    inspection.asks_for_arch = spans_.size() > 1;
    for (const std::uint32_t audit_arch : shown_arches()) show(audit_arch, inspection);
    if (!only_ && inspection.asks_for_arch) show_others(inspection);
    return inspection;
  }

 private:
  // Collects the spans; as Numbers in fates.cpp, one word up.
  bool cut_by_arch(Diagram node, unsigned depth, std::uint32_t first) {
    const auto branch = diagrams_.branch(node);
    const std::uint32_t rest = depth == 32 ? 0 : 0xffffffff >> depth;
    if (!branch || branch->variable >= 32) {
      if (!spans_.empty() && spans_.back().function == node) {
        spans_.back().last = first | rest;
      } else {
        spans_.push_back({first, first | rest, node});
      }
      return spans_.size() <= kMostSpans;
    }
    const bool is_tested = branch->variable == depth;
    return cut_by_arch(is_tested ? branch->low : node, depth + 1, first) &&
           cut_by_arch(is_tested ? branch->high : node, depth + 1, first | (0x80000000 >> depth));
  }

  Diagram function_of(std::uint32_t audit_arch) const {
    for (const ArchSpan& span : spans_) {
      if (span.first <= audit_arch && audit_arch <= span.last) return span.function;
    }
    return function_;
  }

  // Of architectures that isola does not know.
  std::string span_name(std::uint32_t audit_arch) const {
    for (const ArchSpan& span : spans_) {
      const bool is_it = span.first <= audit_arch && audit_arch <= span.last;
      if (is_it && span.size() > 1) return fmt::format("architectures {:#x}..{:#x}", span.first, span.last);
    }
    return fmt::format("architecture {:#x}", audit_arch);
  }

  // What most architectures get.
  Diagram common_function() const {
    std::map<Diagram, std::uint64_t> sizes;
    for (const ArchSpan& span : spans_) sizes[span.function] += span.size();
    return std::max_element(sizes.begin(), sizes.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

  // Ours in their order, then those that isola does not know, then the single ends of longer spans.
  std::vector<std::uint32_t> shown_arches() const {
    if (only_) return {kernel::info(*only_).audit_arch};
    if (spans_.size() == 1) return {kernel::info(Arch::X86_64).audit_arch};
    const Diagram common = common_function();
    std::vector<std::uint32_t> shown;
    for (const kernel::ArchInfo& info : kernel::all_arches()) {
      const bool is_own = function_of(info.audit_arch) != common && info.arch != Arch::X32;
      if (is_own) shown.push_back(info.audit_arch);
    }
    for (const ArchSpan& span : spans_) {
      const bool is_known = std::find(shown.begin(), shown.end(), span.first) != shown.end();
      if (span.function != common && !is_known && !arch_of(span.first)) shown.push_back(span.first);
    }
    return shown;
  }

  void show(std::uint32_t audit_arch, Inspection& inspection) {
    const auto fates = number_fates(diagrams_, function_, audit_arch);
    if (!fates) {
      inspection.is_too_complex = true;
      return;
    }
    const std::optional<Arch> arch = arch_of(audit_arch);
    if (arch != Arch::X86_64) {
      inspection.arches.push_back(inspect_numbers(arch, audit_arch, *fates, 0, 0xffffffff));
      return;
    }
    // 0xffffffff is what a tracer writes to skip a call, and no number of x32.
    if (only_ != Arch::X32) {
      ArchInspection own = inspect_numbers(arch, audit_arch, *fates, 0, kernel::kX32Bit - 1);
      std::vector<NumberAnswers> last = numbers_within(std::nullopt, *fates, 0xffffffff, 0xffffffff);
      own.numbers.insert(own.numbers.end(), last.begin(), last.end());
      inspection.arches.push_back(std::move(own));
    }
    inspection.arches.push_back(inspect_numbers(Arch::X32, audit_arch, *fates, kernel::kX32Bit, 0xfffffffe));
  }

  void show_others(Inspection& inspection) {
    const Diagram common = common_function();
    for (const ArchSpan& span : spans_) {
      if (span.function != common) continue;
      const auto fates = number_fates(diagrams_, function_, span.first);
      if (fates) inspection.other_arches = numbers_within(std::nullopt, *fates, 0, 0xffffffff);
      inspection.is_too_complex = !fates;
      return;
    }
  }

  ArchInspection inspect_numbers(std::optional<Arch> arch, std::uint32_t audit_arch,
                                 const std::vector<NumberFate>& fates, std::uint32_t first,
                                 std::uint32_t last) {
    ArchInspection found{
        .name = arch ? std::string(kernel::info(*arch).name) : fmt::format("architecture {:#x}", audit_arch),
        .audit_arch = audit_arch,
        .numbers = numbers_within(arch, fates, first, last),
        .has_cache = arch != Arch::X32};
    for (NumberAnswers& numbers : found.numbers) {
      const bool is_allowed = numbers.is_constant() && numbers.answers.front().value == SECCOMP_RET_ALLOW;
      numbers.is_cached = found.has_cache && is_allowed && is_cached(program_, numbers.first, audit_arch);
      if (numbers.call.empty()) continue;
      ++found.calls;
      if (is_allowed) ++found.always_allowed;
      if (numbers.is_cached) ++found.cached;
    }
    return found;
  }

  // The numbers from `first` to `last`: each call by itself, and the gaps between.
  std::vector<NumberAnswers> numbers_within(std::optional<Arch> arch, const std::vector<NumberFate>& fates,
                                            std::uint32_t first, std::uint32_t last) {
    const std::map<std::uint32_t, kernel::SyscallId> calls = calls_of(arch);
    std::vector<NumberAnswers> found;
    for (const NumberFate& fate : fates) {
      std::uint64_t next = std::max(fate.first, first);
      const std::uint64_t end = std::uint64_t{std::min(fate.last, last)} + 1;
      for (auto call = calls.lower_bound(static_cast<std::uint32_t>(next)); next < end; ++call) {
        const std::uint64_t stop = call == calls.end() ? end : std::min<std::uint64_t>(call->first, end);
        if (next < stop) found.push_back(answers_of(std::nullopt, next, stop - 1, fate.function));
        if (stop == end) break;
        found.push_back(answers_of(NamedCall{call->second, *arch}, stop, stop, fate.function));
        next = stop + 1;
      }
    }
    return found;
  }

  static std::map<std::uint32_t, kernel::SyscallId> calls_of(std::optional<Arch> arch) {
    std::map<std::uint32_t, kernel::SyscallId> calls;
    for (std::size_t index = 0; arch && index < kernel::syscall_count(); ++index) {
      const auto number = kernel::number(static_cast<kernel::SyscallId>(index), *arch);
      if (number) calls.emplace(*number, *kernel::syscall_at(*arch, *number));
    }
    return calls;
  }

  NumberAnswers answers_of(std::optional<NamedCall> call, std::uint64_t first, std::uint64_t last,
                           Diagram function) {
    NumberAnswers found{.call = call ? kernel::name(call->syscall).str() : "",
                        .first = static_cast<std::uint32_t>(first),
                        .last = static_cast<std::uint32_t>(last),
                        .answers = {}};
    if (auto answers = answers_in_words(diagrams_, function, call, names_)) {
      found.answers = std::move(*answers);
      return found;
    }
    found.is_in_words = false;
    for (const std::uint32_t value : diagrams_.outcomes(function)) found.answers.push_back({value, ""});
    return found;
  }

  const Program& program_;
  std::optional<Arch> only_;
  ir::DecisionDiagrams diagrams_;
  Diagram function_ = 0;
  std::vector<ArchSpan> spans_;
  ValueNames names_;
};

}  // namespace

Inspection inspect(const Program& program, std::optional<Arch> only) {
  return Inspector(program, only).run();
}

}  // namespace isola::backends::seccomp
