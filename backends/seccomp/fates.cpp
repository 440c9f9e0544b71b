#include "backends/seccomp/fates.h"

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;

// The lower half of the head word.
constexpr std::uint32_t kFirstNumberVariable = 64 * ir::kHeadWord + 32;
constexpr std::uint32_t kFirstArgumentVariable = 64 * ir::kFirstArgumentWord;

class Numbers {
 public:
  explicit Numbers(const ir::DecisionDiagrams& diagrams) : diagrams_(diagrams) {}

  // Adds the numbers below `node`, whose bits before `depth` are those of `first`. False beyond the limit.
  bool collect(Diagram node, unsigned depth, std::uint32_t first) {
    const auto branch = diagrams_.branch(node);
    const std::uint32_t rest = depth == 32 ? 0 : 0xffffffff >> depth;
    if (!branch || branch->variable >= kFirstArgumentVariable) return add({first, first | rest, node});
    ISOLA_CHECK(branch->variable >= kFirstNumberVariable + depth, "the architecture is settled");
    const bool is_tested = branch->variable == kFirstNumberVariable + depth;
    const std::uint32_t bit = 0x80000000 >> depth;
    return collect(is_tested ? branch->low : node, depth + 1, first) &&
           collect(is_tested ? branch->high : node, depth + 1, first | bit);
  }

  std::vector<NumberFate> take() { return std::move(fates_); }

 private:
  bool add(NumberFate fate) {
    if (!fates_.empty() && fates_.back().function == fate.function) {
      fates_.back().last = fate.last;
      return true;
    }
    fates_.push_back(fate);
    return fates_.size() <= kMostNumberFates;
  }

  const ir::DecisionDiagrams& diagrams_;
  std::vector<NumberFate> fates_;
};

}  // namespace

std::optional<std::vector<NumberFate>> number_fates(ir::DecisionDiagrams& diagrams, Diagram filter,
                                                    std::uint32_t audit_arch) {
  ir::CallWords known{};
  known[ir::kHeadWord] = std::uint64_t{0xffffffff} << 32;
  const Diagram of_arch = diagrams.restrict_to(filter, known, ir::words_of(audit_arch, 0, {}));
  Numbers numbers(diagrams);
  if (!numbers.collect(of_arch, 0, 0)) return std::nullopt;
  return numbers.take();
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
