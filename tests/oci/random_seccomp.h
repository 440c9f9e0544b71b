// Random `linux.seccomp` objects as people write them and as nobody should, and calls on the edges of what
// they say.

#pragma once

#include <llvm/Support/JSON.h>

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/request.h"
#include "compiler/kernel/arch.h"

#include "tests/seccomp/random_profile.h"

namespace isola::testing {

// Realistic: long lists of names, few conditions, one or two actions. Adversarial: few names in many rules
// with every operator on values that touch. Disjoint: what isola writes, masked equalities that do not
// overlap.
enum class SeccompShape : std::uint8_t { Realistic, Adversarial, Disjoint };

// `arches`: out of which to list some. A few objects are such that a runtime refuses them.
llvm::json::Object random_seccomp(SeccompShape shape, llvm::ArrayRef<kernel::Arch> arches, Random& random);

// What a filter is asked: the raw words, as any process can make them.
struct FilterCall {
  std::uint32_t audit_arch = 0;
  std::uint32_t number = 0;
  ir::Arguments arguments{};
};

// Every number up to 1000, of each of `arches` and as x32, and those around what filters tell apart, with no
// arguments; then `count` calls near the object's own rules.
std::vector<FilterCall> calls_for(const llvm::json::Object& seccomp, llvm::ArrayRef<kernel::Arch> arches,
                                  std::size_t count, Random& random);

std::string to_text(const FilterCall& call);

}  // namespace isola::testing
