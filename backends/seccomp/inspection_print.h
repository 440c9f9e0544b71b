// An inspected filter, for people and for programs. README.md describes the keys of the JSON.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <string>

#include "backends/seccomp/inspection.h"

namespace isola::backends::seccomp {

// `name` is what the filter is called, a path usually.
std::string inspection_text(const Inspection& inspection, llvm::StringRef name);
std::string inspection_json(const Inspection& inspection, llvm::StringRef name);

}  // namespace isola::backends::seccomp
