#include "backends/seccomp/compare.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/action_code.h"
#include "backends/seccomp/difference_list.h"
#include "backends/seccomp/policy_function.h"
#include "backends/seccomp/symbolic.h"
#include "backends/seccomp/try_calls.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;
using kernel::Arch;

constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call
const double kAllNumbers = std::ldexp(1.0, 32);

// The two halves of the head word, as numbers of 32 bits.
enum class Half : std::uint8_t { Arch, Number };
constexpr unsigned first_bit(Half half) {
  return half == Half::Arch ? 32 : 0;
}

class Comparing {
 public:
  Comparing(const Program& program, const ir::Profile& profile, kernel::ArchSet arches)
      : program_(program),
        arches_(arches),
        diagrams_(kMostDiagramNodes),
        policy_(profile, arches, diagrams_) {
    collect_answers(profile);
  }

  // Nothing when the filter is too complex.
  std::optional<Comparison> run() {
    const auto settle = [&](std::uint32_t known, std::uint32_t value) { return settle_class(known, value); };
    const std::optional<Diagram> filter = filter_function(program_, diagrams_, settle);
    if (!filter) return std::nullopt;
    filter_ = *filter;
    for (const Arch arch : arches_) {
      if (own_.insert(kernel::info(arch).audit_arch).second) compare_arch(arch);
    }
    compare_foreign();
    if (diagrams_.is_exhausted()) return std::nullopt;
    result_.functions = functions_.size();
    result_.differences = differences_.take();
    return std::move(result_);
  }

 private:
  // ---- answers
  //
  // Those that the policy or a `ret` with a constant gives are told apart; of all others, which a filter can
  // have that returns its accumulator, only the action is.

  void collect_answers(const ir::Profile& profile) {
    const ir::SyscallDefaults& defaults = profile.syscalls;
    for (const ir::SyscallAction action : {defaults.otherwise, defaults.newer, defaults.foreign}) {
      answers_.insert(effective_answer(encode_action(action)));
    }
    for (const ir::Rule& rule : profile.rules) {
      const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
      if (use != nullptr) answers_.insert(effective_answer(encode_action(use->action)));
    }
    for (const sock_filter& instruction : program_.instructions) {
      if (instruction.code == (BPF_RET | BPF_K)) answers_.insert(effective_answer(instruction.k));
    }
  }

  std::optional<std::uint32_t> settle_class(std::uint32_t known, std::uint32_t value) const {
    constexpr std::uint32_t kNoAction = 0x00010000;
    const std::uint32_t class_value = kNoAction | (value >> 16);
    if (const auto settled = settle_answer(known, value)) {
      return answers_.contains(*settled) ? *settled : kNoAction | (*settled >> 16);
    }
    if ((known & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ACTION_FULL) return std::nullopt;
    // High errnos are cut to one, whose bits say nothing of theirs.
    const auto may_be = [&](std::uint32_t answer) {
      return (answer & known) == (value & known) ||
             answer == effective_answer(SECCOMP_RET_ERRNO | SECCOMP_RET_DATA);
    };
    const bool is_open = std::any_of(answers_.begin(), answers_.end(), may_be);
    return is_open ? std::nullopt : std::optional(class_value);
  }

  // ---- functions

  // A 32-bit architecture has no upper halves; a caller's registers are as wide as the kernel reads them.
  Diagram possible(Arch arch, Diagram function) {
    if (kernel::info(arch).is_64_bit) return function;
    ir::CallWords known{};
    for (std::size_t word = ir::kFirstArgumentWord; word <= ir::kPointerWord; ++word) {
      known[word] = std::uint64_t{0xffffffff} << 32;
    }
    return diagrams_.restrict_to(function, known, {});
  }

  // The function with one half of the head word fixed; of the number, what is left is about arguments.
  Diagram fix(Diagram function, Half half, std::uint32_t value) {
    ir::CallWords known{}, values{};
    known[ir::kHeadWord] = std::uint64_t{0xffffffff} << first_bit(half);
    values[ir::kHeadWord] = std::uint64_t{value} << first_bit(half);
    return diagrams_.restrict_to(function, known, values);
  }

  // The function that is `pieces`' from each key to the next. Bits from the most significant one down.
  Diagram from_pieces(Half half, const PolicyFunction::ByNumber& pieces, std::uint32_t first = 0,
                      unsigned depth = 0) {
    const std::uint32_t last = first | (depth == 32 ? 0 : 0xffffffff >> depth);
    const auto piece = std::prev(pieces.upper_bound(first));
    const auto next = std::next(piece);
    if (next == pieces.end() || next->first > last) return piece->second;
    const std::uint32_t bit = 0x80000000 >> depth;
    const Diagram low = from_pieces(half, pieces, first, depth + 1);
    const Diagram high = from_pieces(half, pieces, first | bit, depth + 1);
    return diagrams_.choose(diagrams_.bit(ir::kHeadWord, first_bit(half) + 31 - depth), high, low);
  }

  // Holds for none of `values`.
  Diagram none_of(Half half, const std::set<std::uint32_t>& values) {
    PolicyFunction::ByNumber pieces{{0, diagrams_.outcome(1)}};
    for (const std::uint32_t value : values) {
      pieces[value] = diagrams_.outcome(0);
      if (value != 0xffffffff) pieces.try_emplace(value + 1, diagrams_.outcome(1));
    }
    return from_pieces(half, pieces);
  }

  // ---- architectures of the policy

  void compare_arch(Arch arch) {
    const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
    const Diagram filter = possible(arch, fix(filter_, Half::Arch, audit_arch));
    count_functions(filter);
    const PolicyFunction::ByNumber by_number = policy_.by_number(arch);
    std::set<std::uint32_t> calls;
    for (const Arch each : arches_) {
      if (kernel::info(each).audit_arch == audit_arch) compare_table(each, filter, by_number, calls);
    }
    // What is left are numbers without a call.
    const Diagram wanted = diagrams_.map_outcomes(from_pieces(Half::Number, by_number), effective_answer);
    const Diagram policy = possible(arch, wanted);
    if (policy == filter) return;
    const Diagram others = none_of(Half::Number, calls);
    const bool shares_words = arch == Arch::X86_64 || arch == Arch::X32;
    if (!shares_words) return add_numbers(arch, others, filter, policy);
    const Diagram is_x32 = from_pieces(Half::Number, {{0, diagrams_.outcome(0)},
                                                      {kernel::kX32Bit, diagrams_.outcome(1)},
                                                      {kNoCall, diagrams_.outcome(0)}});
    add_numbers(Arch::X86_64, diagrams_.both(others, diagrams_.negate(is_x32)), filter, policy);
    add_numbers(Arch::X32, diagrams_.both(others, is_x32), filter, policy);
  }

  // The calls of one table, one by one.
  void compare_table(Arch arch, Diagram filter, const PolicyFunction::ByNumber& by_number,
                     std::set<std::uint32_t>& calls) {
    ArchSummary summary{.arch = arch};
    const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      const auto number = kernel::number(static_cast<kernel::SyscallId>(index), arch);
      if (!number || !calls.insert(*number).second) continue;
      const Diagram found = fix(filter, Half::Number, *number);
      summarise(*number, found, summary);
      const Diagram policy = std::prev(by_number.upper_bound(*number))->second;
      const Diagram wanted = possible(arch, diagrams_.map_outcomes(policy, effective_answer));
      if (found == wanted) continue;
      Difference difference{.arch = arch, .call = kernel::syscall_at(arch, *number)};
      difference.example = ir::words_of(audit_arch, *number, {});
      add(difference, found, wanted, 1);
    }
    result_.arches.push_back(summary);
  }

  void summarise(std::uint32_t number, Diagram function, ArchSummary& summary) const {
    ++summary.calls;
    const auto allow = static_cast<std::uint32_t>(SECCOMP_RET_ALLOW);
    if (diagrams_.branch(function) || diagrams_.evaluate(function, ir::CallWords{}) != allow) return;
    ++summary.always_allowed;
    if (summary.arch == Arch::X32) return;  // for which the kernel has no cache
    if (is_cached(program_, number, kernel::info(summary.arch).audit_arch)) ++summary.cached;
  }

  // Numbers are the topmost variables, so functions of arguments are what comes below them.
  void count_functions(Diagram function) {
    if (!seen_.insert(function).second) return;
    const auto branch = diagrams_.branch(function);
    if (!branch || branch->variable >= 64 * ir::kFirstArgumentWord) {
      functions_.insert(function);
      return;
    }
    count_functions(branch->low);
    count_functions(branch->high);
  }

  void add_numbers(Arch arch, Diagram where, Diagram filter, Diagram policy) {
    Difference difference{.arch = arch};
    difference.example = ir::words_of(kernel::info(arch).audit_arch, 0, {});
    add(difference, filter, policy, kAllNumbers, where);
  }

  // ---- architectures that are not the policy's

  void compare_foreign() {
    const Diagram wanted = diagrams_.map_outcomes(policy_.foreign(), effective_answer);
    std::set<std::uint32_t> named = own_;
    // Those with a name first, so that examples are calls that somebody may make.
    for (const kernel::ArchInfo& info : kernel::all_arches()) {
      const bool is_done = !named.insert(info.audit_arch).second;
      if (is_done || info.is_big_endian != (program_.byte_order == ByteOrder::Big)) continue;
      Difference difference;
      difference.example = ir::words_of(info.audit_arch, 0, {});
      add(difference, possible(info.arch, fix(filter_, Half::Arch, info.audit_arch)), wanted, kAllNumbers);
    }
    add({}, filter_, wanted, kAllNumbers * kAllNumbers, none_of(Half::Arch, named));
  }

  // ---- differences

  // One difference for each pair of answers that some call, of `where` if given, gets. `like` has everything
  // but the answers and what is open in the example.
  void add(const Difference& like, Diagram filter, Diagram policy, double numbers,
           std::optional<Diagram> where = std::nullopt) {
    if (filter == policy) return;
    const std::vector<std::uint32_t> wanted_answers = diagrams_.outcomes(policy);
    for (const std::uint32_t wanted : wanted_answers) {
      const Diagram answered = holds(policy, wanted);
      const Diagram here = where ? diagrams_.both(*where, answered) : answered;
      for (const std::uint32_t found : diagrams_.outcomes(filter)) {
        if (found == wanted) continue;
        const Diagram both = diagrams_.both(here, holds(filter, found));
        if (diagrams_.is_exhausted()) return;
        const auto example = diagrams_.witness_call(both, 1);
        if (!example) continue;
        Difference difference = like;
        difference.policy_answer = wanted;
        difference.width = numbers * diagrams_.share(both);
        difference.example = *example;
        difference.example[ir::kHeadWord] |= like.example[ir::kHeadWord];
        difference.filter_answer = effective_answer(*seccomp::run(program_, data_of(difference.example)));
        differences_.add(difference);
      }
    }
  }

  Diagram holds(Diagram function, std::uint32_t answer) {
    return diagrams_.map_outcomes(function, [&](std::uint32_t value) { return value == answer ? 1U : 0U; });
  }

  const Program& program_;
  kernel::ArchSet arches_;
  ir::DecisionDiagrams diagrams_;
  PolicyFunction policy_;
  Diagram filter_ = 0;
  std::set<std::uint32_t> answers_;
  std::set<std::uint32_t> own_;  // AUDIT_ARCH values of arches_
  std::set<Diagram> seen_;       // by count_functions
  std::set<Diagram> functions_;  // of arguments
  DifferenceList differences_;
  Comparison result_;
};

}  // namespace

Comparison compare(const Program& program, const ir::Profile& profile, kernel::ArchSet arches) {
  if (auto comparison = Comparing(program, profile, arches).run()) return std::move(*comparison);
  return {
      .is_complete = false, .differences = try_calls(program, profile, arches), .arches = {}, .functions = 0};
}

}  // namespace isola::backends::seccomp
