// What is known at each instruction of a filter on every way to it: the architecture, the numbers that a call
// may still have, and what the accumulator holds.
//
// For names in listings. Jumps go forward only, so one pass from the start sees all ways to an instruction
// before it gets there. What is known is never too much, and may be less than there is to know. Not here:
// what a call's answer is (symbolic evaluation).

#pragma once

#include <optional>
#include <vector>

#include "backends/seccomp/program.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

// Both ends inclusive.
struct NumberRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0xffffffff;
  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

// The calls of one architecture that come to a place.
struct Callers {
  std::optional<kernel::Arch> arch;                    // never X32: its calls come as X86_64; none: not known
  std::vector<NumberRange> numbers = {NumberRange{}};  // sorted, disjoint; what is too many is one hull
  friend bool operator==(const Callers&, const Callers&) = default;
};

struct Knowledge {
  std::vector<Callers> callers;  // by architecture; none: never reached
  std::optional<Word> word;      // in the accumulator, cut to the bits of `mask`
  std::uint32_t mask = kWholeWord;

  bool is_reached() const { return !callers.empty(); }
  // When there is one, and it is known.
  std::optional<kernel::Arch> arch() const;

  // The calls that come here; none unless they are few and known.
  struct Call {
    kernel::Arch arch{};
    kernel::SyscallId syscall{};
    friend bool operator==(const Call&, const Call&) = default;
  };
  std::vector<Call> calls() const;
};

// One for each instruction. `assumed`, when given, is the architecture that is known from the start.
std::vector<Knowledge> find_knowledge(const Program& program, std::optional<kernel::Arch> assumed);

// Instructions on the longest way from the start to an answer.
std::size_t longest_path(const Program& program);

std::optional<kernel::Arch> arch_of(std::uint32_t audit_arch);

// A jump with a condition.
bool is_test(const sock_filter& instruction);
// Where an instruction goes on: nowhere from a `ret`, two places from a test (the first when it holds).
// The program is one that the kernel takes.
std::vector<std::size_t> successors(const Program& program, std::size_t at);

}  // namespace isola::backends::seccomp
