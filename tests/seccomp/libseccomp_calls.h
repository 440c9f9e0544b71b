// Calls of libseccomp's API, recorded as data, replayed without libseccomp.

#pragma once

#include <llvm/Support/JSON.h>

#include <string>
#include <vector>

#include "compiler/ir/permission.h"

namespace isola::testing {

// What the calls have made of a filter.
struct Filter {
  ir::SyscallAction otherwise;
  std::vector<std::string> arches;  // libseccomp's names; `native` until it is known
  struct Rule {
    ir::SyscallAction action;
    std::string call;  // a name or a number
    llvm::json::Array conditions;
  };
  std::vector<Rule> rules;
};

// `ERRNO(5)`, `KILL`: libseccomp's KILL is the thread's.
ir::SyscallAction action_of(llvm::StringRef text);

// What [["init", "KILL"], ["add_rule", "ALLOW", "read", []], ...] make; `native` is the machine.
Filter replay(const llvm::json::Array& calls, const std::string& native);

}  // namespace isola::testing
