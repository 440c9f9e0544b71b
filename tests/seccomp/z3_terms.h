// Both sides of a filter's proof as terms of Z3, each from its own source and by code of its own: the filter
// from its bytes, the policy from its rules.
//
// On purpose nothing is shared with the compiler's proofs: no decision diagrams, no interpreter, no decide.
// What is shared are the facts of compiler/kernel (numbers, names, since-versions) and the profile itself.

#pragma once

#include <z3++.h>

#include <string>

#include "compiler/ir/profile.h"

namespace isola::testing {

// A call with nothing known: bit vectors of 32 bits, and 64 for arguments and pointer.
struct CallTerms {
  explicit CallTerms(z3::context& context);
  z3::expr arch, number, pointer;
  std::vector<z3::expr> arguments;
};

// What the bytes answer, as a term of 32 bits. They must be a program that the kernel takes.
z3::expr filter_term(const CallTerms& call, const std::string& bytes, bool is_big_endian);

// What the policy answers on machines of one byte order.
z3::expr policy_term(const CallTerms& call, const ir::Profile& profile, bool is_big_endian);

// What the kernel makes of an answer: data that it does not look at are gone, what it does not know kills.
z3::expr effect_of(const z3::expr& answer);

// Holds for calls that a machine of the byte order can make: registers of 32-bit architectures have no upper
// halves, and architectures of the other byte order do not come up.
z3::expr is_possible(const CallTerms& call, bool is_big_endian);

// A call for which `where` holds and two answers of 32 bits differ; nothing when Z3 proves that there is none.
// Ends the program when Z3 gives up.
struct Counterexample {
  std::uint32_t arch = 0, number = 0;
  ir::Arguments arguments{};
  std::uint64_t pointer = 0;
  std::uint32_t left = 0, right = 0;
};
std::optional<Counterexample> find_difference(const CallTerms& call, const z3::expr& left,
                                              const z3::expr& right, const z3::expr& where);

}  // namespace isola::testing
