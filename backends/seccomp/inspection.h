// What there is to know about a filter of anyone: what each call of each architecture gets, how long the
// longest path is, what the kernel's action cache takes off it.
//
// The base of `isola disasm`. Printed as text and as JSON by inspection_print.h.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/seccomp/answers.h"
#include "backends/seccomp/disassembly.h"
#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

// What calls with one number, or with neighbouring numbers that are no call, get.
struct NumberAnswers {
  std::string call;  // empty: the numbers are no call of the architecture
  std::uint32_t first = 0;
  std::uint32_t last = 0;       // inclusive
  std::vector<Answer> answers;  // as in answers.h; one: arguments make no difference
  bool is_in_words = true;      // false: `answers` have no conditions and stand in no order
  bool is_cached = false;       // the kernel lets it through without running the filter
  bool is_constant() const { return answers.size() == 1; }
};

struct ArchInspection {
  std::string name;  // ours, or the number of an architecture that isola does not know
  std::uint32_t audit_arch = 0;
  std::vector<NumberAnswers> numbers;  // ascending
  // Calls; of those that are always allowed, how many the cache serves.
  std::size_t calls = 0, always_allowed = 0, cached = 0;
  bool has_cache = true;  // x32 has none
};

struct Inspection {
  Program program;
  std::size_t longest_path = 0;  // instructions
  std::vector<Line> lines;
  std::vector<ArchInspection> arches;       // those that the filter treats in a way of their own
  std::vector<NumberAnswers> other_arches;  // all the others
  bool asks_for_arch = true;
  // The filter is no function that can be written down; then there is nothing in `arches` (symbolic.h).
  bool is_too_complex = false;
};

// `only`: this architecture alone, also when the filter does not ask for it; without it, a filter that does
// not ask is shown with the calls of x86_64. The program is one that the kernel takes (kernel_check.h).
Inspection inspect(const Program& program, std::optional<kernel::Arch> only);

}  // namespace isola::backends::seccomp
