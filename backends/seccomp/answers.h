// A function of a call's arguments in words: which answer under which condition.
//
//   socket   ALLOW if family in {AF_UNIX, AF_INET} && (type & 0xf) == SOCK_STREAM, otherwise ERRNO(EPERM)
//
// Words of the call are taken in the order of the diagram; the values of one are put into ranges, or into
// ranges under a mask where that is shorter. What has too many parts is not said in words.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/seccomp/value_names.h"
#include "compiler/ir/decision_diagram.h"

namespace isola::backends::seccomp {

struct Answer {
  std::uint32_t value = 0;  // SECCOMP_RET_*
  std::string condition;    // empty: otherwise
  friend bool operator==(const Answer&, const Answer&) = default;
};

// The call whose arguments these are, for names; without one they are arg0 to arg5.
struct NamedCall {
  kernel::SyscallId syscall{};
  kernel::Arch arch{};
};

// The answers, one of them without a condition at the end: what most arguments get. Nothing when the
// conditions would be too long to read.
//
// `function` is about arguments and instruction pointer. An argument is called by its name; `name:64` is the
// whole register of an argument of which the kernel reads less, `name:32` the lower half of one of which it
// reads more.
std::optional<std::vector<Answer>> answers_in_words(const ir::DecisionDiagrams& diagrams,
                                                    ir::DecisionDiagrams::Node function,
                                                    std::optional<NamedCall> call, ValueNames& names);

}  // namespace isola::backends::seccomp
