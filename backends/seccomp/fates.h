// What a filter does with the numbers of an architecture: questions to its function (symbolic.h).

#pragma once

#include <optional>
#include <vector>

#include "compiler/ir/decision_diagram.h"

namespace isola::backends::seccomp {

// Neighbouring numbers that the filter treats alike, both ends inclusive.
struct NumberFate {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  ir::DecisionDiagrams::Node function = 0;  // of arguments and instruction pointer
};

// Numbers that a filter tells apart by single bits can fall into very many pieces.
constexpr std::size_t kMostNumberFates = 300'000;

// All numbers of one architecture, ascending; no two neighbours are alike. Nothing beyond the limit.
// `filter` is the whole function.
std::optional<std::vector<NumberFate>> number_fates(ir::DecisionDiagrams& diagrams,
                                                    ir::DecisionDiagrams::Node filter,
                                                    std::uint32_t audit_arch);

// The same for whole architectures: AUDIT_ARCH values that the filter treats alike, both ends inclusive.
struct ArchFate {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  ir::DecisionDiagrams::Node function = 0;  // of number, arguments and instruction pointer
};
std::optional<std::vector<ArchFate>> arch_fates(const ir::DecisionDiagrams& diagrams,
                                                ir::DecisionDiagrams::Node filter);

// Every answer that calls with the fate's numbers can get, ascending, each with a call that gets it: of the
// fate's first number, with zero bits wherever they are free. One answer: arguments make no difference.
struct PossibleAnswer {
  std::uint32_t value = 0;  // SECCOMP_RET_*
  ir::CallWords example{};
};
std::vector<PossibleAnswer> possible_answers(const ir::DecisionDiagrams& diagrams, const NumberFate& fate,
                                             std::uint32_t audit_arch);

}  // namespace isola::backends::seccomp
