// Any filter that the kernel takes, as one function of the call: architecture, number, arguments, instruction
// pointer.
//
// Classic BPF has no loops, so one pass over the instructions meets every state that the registers can be in
// at each of them, registers being words of functions (symbolic_word.h), and one pass back gives what is
// answered from there. States that differ only in what is not read any more are one.
//
// Not here: whether the kernel takes the program (kernel_check.h), and what to ask of the function (fates.h).

#pragma once

#include <optional>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/program.h"
#include "compiler/ir/decision_diagram.h"

namespace isola::backends::seccomp {

// States beyond this number make a program too complex. Real filters have one or two for each instruction.
constexpr std::size_t kMostSymbolicStates = 50'000;
// Diagram nodes within which filters as people and compilers write them stay by far; about 200 MB.
constexpr std::size_t kMostDiagramNodes = 2'000'000;

// What the program answers; outcomes are what the kernel makes of the values that it returns
// (effective_answer). Nothing when that is too complex: more states than above, or more nodes than `diagrams`
// may have. `program` must have passed find_refusal. `settle` may put answers together that need not be told
// apart: a filter that returns its accumulator can have tens of thousands.
std::optional<ir::DecisionDiagrams::Node> filter_function(
    const Program& program, ir::DecisionDiagrams& diagrams,
    ir::DecisionDiagrams::Settle settle = settle_answer);

}  // namespace isola::backends::seccomp
