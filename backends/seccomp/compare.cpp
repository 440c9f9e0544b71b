#include "backends/seccomp/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/action_code.h"
#include "backends/seccomp/fates.h"
#include "backends/seccomp/policy_function.h"
#include "backends/seccomp/symbolic.h"
#include "compiler/base/check.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;
using kernel::Arch;

Direction direction_of(std::uint32_t filter_answer, std::uint32_t policy_answer) {
  const bool filter_runs = decode_action(filter_answer).lets_call_run();
  const bool policy_runs = decode_action(policy_answer).lets_call_run();
  if (filter_runs == policy_runs) return Direction::Otherwise;
  return filter_runs ? Direction::AllowsMore : Direction::AllowsLess;
}

// The architecture whose table a number is looked up in.
Arch arch_of_number(Arch arch, std::uint32_t number) {
  const bool is_x32 = arch == Arch::X86_64 && number >= kernel::kX32Bit && number != 0xffffffff;
  return is_x32 ? Arch::X32 : arch;
}

class Comparing {
 public:
  Comparing(const Program& program, const ir::Profile& profile, kernel::ArchSet arches)
      : program_(program),
        arches_(arches),
        diagrams_(kMostDiagramNodes),
        policy_(profile, arches, diagrams_) {}

  std::optional<Comparison> run() {
    const std::optional<Diagram> filter = filter_function(program_, diagrams_);
    if (!filter) return std::nullopt;
    filter_ = diagrams_.map_outcomes(*filter, effective_answer);
    for (const Arch arch : arches_) {
      if (!own_.insert(kernel::info(arch).audit_arch).second) continue;
      if (!compare_arch(arch == Arch::X32 ? Arch::X86_64 : arch)) return std::nullopt;
    }
    if (!compare_foreign()) return std::nullopt;
    if (diagrams_.is_exhausted()) return std::nullopt;
    result_.functions = functions_.size();
    for (const auto& [key, difference] : found_) result_.differences.push_back(difference);
    std::stable_sort(result_.differences.begin(), result_.differences.end(),
                     [](const Difference& a, const Difference& b) {
                       return a.direction != b.direction ? a.direction < b.direction : a.width > b.width;
                     });
    return std::move(result_);
  }

 private:
  // A 32-bit architecture has no upper halves; a caller's registers are as wide as the kernel reads them.
  Diagram possible(Arch arch, Diagram function) {
    if (kernel::info(arch).is_64_bit) return function;
    ir::CallWords known{};
    for (std::size_t word = ir::kFirstArgumentWord; word <= ir::kPointerWord; ++word) {
      known[word] = std::uint64_t{0xffffffff} << 32;
    }
    return diagrams_.restrict_to(function, known, {});
  }

  bool compare_arch(Arch arch) {
    const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
    const auto fates = number_fates(diagrams_, filter_, audit_arch);
    if (!fates) return false;
    summarise(arch, *fates);
    const PolicyFunction::ByNumber expected = policy_.by_number(arch);
    for (const NumberFate& fate : *fates) {
      const Diagram filter = possible(arch, fate.function);
      functions_.insert(filter);
      auto at = std::prev(expected.upper_bound(fate.first));
      for (; at != expected.end() && at->first <= fate.last; ++at) {
        const std::uint32_t first = std::max(fate.first, at->first);
        const auto next = std::next(at);
        const std::uint32_t last = next == expected.end() ? fate.last : std::min(fate.last, next->first - 1);
        const Diagram policy = possible(arch, diagrams_.map_outcomes(at->second, effective_answer));
        if (policy != filter) add_numbers(arch, first, last, filter, policy);
      }
    }
    return true;
  }

  void summarise(Arch arch, const std::vector<NumberFate>& fates) {
    for (const Arch each : arches_) {
      if (kernel::info(each).audit_arch != kernel::info(arch).audit_arch) continue;
      ArchSummary summary{.arch = each};
      for (const NumberFate& fate : fates) count_calls(fate, summary);
      result_.arches.push_back(summary);
    }
  }

  void count_calls(const NumberFate& fate, ArchSummary& summary) {
    const bool is_allowed = fate.function == diagrams_.outcome(SECCOMP_RET_ALLOW);
    for (const std::uint32_t number : numbers_between(summary.arch, fate.first, fate.last)) {
      ++summary.calls;
      if (!is_allowed) continue;
      ++summary.always_allowed;
      const bool has_cache = summary.arch != Arch::X32;
      if (has_cache && is_cached(program_, number, kernel::info(summary.arch).audit_arch)) ++summary.cached;
    }
  }

  // The numbers that the architecture's table has, ascending.
  const std::set<std::uint32_t>& numbers_of(Arch arch) {
    std::set<std::uint32_t>& numbers = numbers_[arch];
    if (!numbers.empty()) return numbers;
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      if (const auto number = kernel::number(static_cast<kernel::SyscallId>(index), arch)) {
        numbers.insert(*number);
      }
    }
    return numbers;
  }

  std::vector<std::uint32_t> numbers_between(Arch arch, std::uint32_t first, std::uint32_t last) {
    const std::set<std::uint32_t>& numbers = numbers_of(arch);
    return {numbers.lower_bound(first), numbers.upper_bound(last)};
  }

  // Numbers with calls one by one, those between them together.
  void add_numbers(Arch arch, std::uint32_t first, std::uint32_t last, Diagram filter, Diagram policy) {
    std::vector<std::uint32_t> calls = numbers_between(arch, first, last);
    if (arch == Arch::X86_64 && arches_.contains(Arch::X32)) {
      for (const std::uint32_t number : numbers_between(Arch::X32, first, last)) calls.push_back(number);
    }
    std::uint64_t next = first;
    for (const std::uint32_t number : calls) {
      if (next < number) add_pairs(arch, next, number - 1, filter, policy);
      add_pairs(arch, number, number, filter, policy);
      next = std::uint64_t{number} + 1;
    }
    if (next <= last) add_pairs(arch, next, last, filter, policy);
  }

  void add_pairs(Arch arch, std::uint64_t first, std::uint64_t last, Diagram filter, Diagram policy) {
    const auto number = static_cast<std::uint32_t>(first);
    const Arch own = arch_of_number(arch, number);
    Difference difference{.arch = own};
    if (arches_.contains(own)) difference.call = kernel::syscall_at(own, number);
    difference.example[ir::kHeadWord] = (std::uint64_t{kernel::info(arch).audit_arch} << 32) | number;
    add(difference, filter, policy, static_cast<double>(last - first + 1));
  }

  // One difference for each pair of answers that some call gets. `like` has everything but the answers.
  void add(const Difference& like, Diagram filter, Diagram policy, double numbers) {
    for (const std::uint32_t wanted : diagrams_.outcomes(policy)) {
      const Diagram where = holds(policy, wanted);
      for (const std::uint32_t found : diagrams_.outcomes(filter)) {
        if (found == wanted) continue;
        const Diagram both = diagrams_.both(where, holds(filter, found));
        if (both == diagrams_.outcome(0) || diagrams_.is_exhausted()) continue;
        Difference difference = like;
        difference.direction = direction_of(found, wanted);
        difference.filter_answer = found;
        difference.policy_answer = wanted;
        difference.width = numbers * diagrams_.share(both);
        const std::uint64_t head = like.example[ir::kHeadWord];
        difference.example = *diagrams_.witness_call(both, 1);
        difference.example[ir::kHeadWord] |= head;
        keep(difference);
      }
    }
  }

  Diagram holds(Diagram function, std::uint32_t answer) {
    return diagrams_.map_outcomes(function, [&](std::uint32_t value) { return value == answer ? 1U : 0U; });
  }

  // Numbers that the architecture does not have are told apart by their answers only, and so are foreign
  // architectures.
  void keep(const Difference& difference) {
    const int arch = difference.arch ? static_cast<int>(*difference.arch) : -1;
    const auto number = static_cast<std::uint32_t>(difference.example[ir::kHeadWord]);
    const std::uint64_t call = difference.call ? number : std::uint64_t{1} << 32;
    const auto [place, is_new] =
        found_.try_emplace({arch, call, difference.filter_answer, difference.policy_answer}, difference);
    if (!is_new) place->second.width += difference.width;
  }

  // ---- architectures that are not the policy's

  bool compare_foreign() {
    const Diagram wanted = diagrams_.map_outcomes(policy_.foreign(), effective_answer);
    const auto fates = arch_fates(diagrams_, filter_);
    if (!fates) return false;
    // Those with a name first, so that examples are calls that somebody may make.
    for (const kernel::ArchInfo& info : kernel::all_arches()) {
      const bool is_ours = own_.contains(info.audit_arch);
      if (is_ours || info.is_big_endian != (program_.byte_order == ByteOrder::Big)) continue;
      const Diagram found = possible(info.arch, function_of_arch(info.audit_arch));
      if (found != wanted) add_foreign(info.audit_arch, found, wanted);
    }
    for (const ArchFate& fate : *fates) {
      const std::optional<std::uint32_t> value = nameless_within(fate);
      if (value && fate.function != wanted) add_foreign(*value, fate.function, wanted);
    }
    return true;
  }

  Diagram function_of_arch(std::uint32_t audit_arch) {
    ir::CallWords known{};
    known[ir::kHeadWord] = std::uint64_t{0xffffffff} << 32;
    return diagrams_.restrict_to(filter_, known, ir::words_of(audit_arch, 0, {}));
  }

  static std::optional<std::uint32_t> nameless_within(const ArchFate& fate) {
    std::uint64_t value = fate.first;
    const auto has_name = [&] {
      const auto all = kernel::all_arches();
      return std::any_of(all.begin(), all.end(),
                         [&](const kernel::ArchInfo& info) { return info.audit_arch == value; });
    };
    while (value <= fate.last && has_name()) ++value;
    return value <= fate.last ? std::optional(static_cast<std::uint32_t>(value)) : std::nullopt;
  }

  void add_foreign(std::uint32_t audit_arch, Diagram filter, Diagram policy) {
    Difference difference;
    difference.example[ir::kHeadWord] = std::uint64_t{audit_arch} << 32;
    add(difference, filter, policy, std::ldexp(1.0, 32));
  }

  const Program& program_;
  kernel::ArchSet arches_;
  ir::DecisionDiagrams diagrams_;
  PolicyFunction policy_;
  Diagram filter_ = 0;
  std::set<std::uint32_t> own_;  // AUDIT_ARCH values of arches_
  std::set<Diagram> functions_;
  std::map<Arch, std::set<std::uint32_t>> numbers_;
  // Architecture or -1, number or 2^32, both answers.
  std::map<std::tuple<int, std::uint64_t, std::uint32_t, std::uint32_t>, Difference> found_;
  Comparison result_;
};

}  // namespace

std::optional<Comparison> compare(const Program& program, const ir::Profile& profile,
                                  kernel::ArchSet arches) {
  return Comparing(program, profile, arches).run();
}

}  // namespace isola::backends::seccomp
