// Named sets of system calls: `@file-system`, `@network-io`, ...
//
// The names are the field's usual ones, so that a policy reads like the unit files and profiles people know.
// The content is ours and belongs to kVocabularyVersion: a call is in a set because of what it does, said in
// syscall_sets.def, never because a newer kernel appeared under a written policy.

#pragma once

#include "compiler/kernel/syscalls.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <optional>
#include <string_view>

namespace isola::kernel {

struct SyscallSet {
  std::string_view name;     // with its '@'
  std::string_view summary;  // one line
};

// In the order of the file.
llvm::ArrayRef<SyscallSet> all_sets();

// The calls of a set, nested sets expanded, sorted, each once. `name` begins with '@'.
std::optional<llvm::ArrayRef<SyscallId>> find_set(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_set(llvm::StringRef name);

}  // namespace isola::kernel
