// Where a filter goes, by number: the intervals of numbers that take one path until arguments are looked at.
//
// Stands on the emitted instructions alone, so that the proof, the disassembly and the reports do not repeat
// the mistakes of the lowering. Takes the programs that emit.h writes: the architecture is tested with `jeq`
// only, numbers with `jeq`, `jge` and `jgt`, also after a mask that keeps them apart.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backends/seccomp/program.h"
#include "compiler/ir/decision_diagram.h"

namespace isola::backends::seccomp {

struct NumberSegment {
  std::uint32_t first = 0;
  std::uint32_t last = 0;    // inclusive
  std::size_t at = 0;        // an answer, or the first load of an argument
  std::size_t executed = 0;  // instructions before `at`
  friend bool operator==(const NumberSegment&, const NumberSegment&) = default;
};

// All numbers with one architecture, ascending. Fails a check on other programs than those above.
std::vector<NumberSegment> number_segments(const Program& program, std::uint32_t audit_arch);

// What the instructions from `at` on answer, as a function of the arguments; outcomes are SECCOMP_RET_*
// values. Keeps what it has worked out, so many segments of one program cost little.
class ArgumentDiagrams {
 public:
  ArgumentDiagrams(const Program& program, ir::DecisionDiagrams& diagrams)
      : program_(program), diagrams_(diagrams) {}

  // `at` as in a segment.
  ir::DecisionDiagrams::Node diagram(std::size_t at) { return from(at, {}); }

 private:
  struct Accumulator {
    Word word = kArchWord;  // kArchWord: nothing that may be tested
    std::uint32_t mask = 0;
  };
  ir::DecisionDiagrams::Node from(std::size_t at, Accumulator accumulator);
  ir::DecisionDiagrams::Node step(std::size_t at, Accumulator accumulator);
  ir::DecisionDiagrams::Node condition(const sock_filter& instruction, Accumulator accumulator);

  const Program& program_;
  ir::DecisionDiagrams& diagrams_;
  llvm::DenseMap<std::pair<std::uint64_t, std::uint32_t>, ir::DecisionDiagrams::Node> done_;
};

}  // namespace isola::backends::seccomp
