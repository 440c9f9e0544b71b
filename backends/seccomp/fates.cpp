#include "backends/seccomp/fates.h"

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;

// Both halves of the head word: where the variables of a half begin.
constexpr std::uint32_t kFirstArchVariable = 64 * ir::kHeadWord;
constexpr std::uint32_t kFirstNumberVariable = kFirstArchVariable + 32;

// The values of one half of the head word, as intervals with one function each.
template <typename Fate>
class Intervals {
 public:
  Intervals(const ir::DecisionDiagrams& diagrams, std::uint32_t first_variable)
      : diagrams_(diagrams), first_variable_(first_variable) {}

  // Adds the values below `node`, whose bits before `depth` are those of `first`. False beyond the limit.
  bool collect(Diagram node, unsigned depth, std::uint32_t first) {
    const auto branch = diagrams_.branch(node);
    const std::uint32_t rest = depth == 32 ? 0 : 0xffffffff >> depth;
    if (!branch || branch->variable >= first_variable_ + 32) return add({first, first | rest, node});
    ISOLA_CHECK(branch->variable >= first_variable_ + depth, "what comes before is settled");
    const bool is_tested = branch->variable == first_variable_ + depth;
    const std::uint32_t bit = 0x80000000 >> depth;
    return collect(is_tested ? branch->low : node, depth + 1, first) &&
           collect(is_tested ? branch->high : node, depth + 1, first | bit);
  }

  std::vector<Fate> take() { return std::move(fates_); }

 private:
  bool add(Fate fate) {
    if (!fates_.empty() && fates_.back().function == fate.function) {
      fates_.back().last = fate.last;
      return true;
    }
    fates_.push_back(fate);
    return fates_.size() <= kMostNumberFates;
  }

  const ir::DecisionDiagrams& diagrams_;
  std::uint32_t first_variable_;
  std::vector<Fate> fates_;
};

}  // namespace

std::optional<std::vector<NumberFate>> number_fates(ir::DecisionDiagrams& diagrams, Diagram filter,
                                                    std::uint32_t audit_arch) {
  ir::CallWords known{};
  known[ir::kHeadWord] = std::uint64_t{0xffffffff} << 32;
  const Diagram of_arch = diagrams.restrict_to(filter, known, ir::words_of(audit_arch, 0, {}));
  Intervals<NumberFate> numbers(diagrams, kFirstNumberVariable);
  if (!numbers.collect(of_arch, 0, 0)) return std::nullopt;
  return numbers.take();
}

std::optional<std::vector<ArchFate>> arch_fates(const ir::DecisionDiagrams& diagrams, Diagram filter) {
  Intervals<ArchFate> arches(diagrams, kFirstArchVariable);
  if (!arches.collect(filter, 0, 0)) return std::nullopt;
  return arches.take();
}

std::vector<PossibleAnswer> possible_answers(const ir::DecisionDiagrams& diagrams, const NumberFate& fate,
                                             std::uint32_t audit_arch) {
  std::vector<PossibleAnswer> answers;
  for (const std::uint32_t value : diagrams.outcomes(fate.function)) {
    const std::optional<ir::CallWords> found = diagrams.witness_call(fate.function, value);
    ISOLA_CHECK(found, "an outcome of the diagram has a witness");
    PossibleAnswer answer{value, *found};
    answer.example[ir::kHeadWord] = (std::uint64_t{audit_arch} << 32) | fate.first;
    answers.push_back(answer);
  }
  return answers;
}

}  // namespace isola::backends::seccomp
