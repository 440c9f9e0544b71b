// The filter as a C header: an array and a function that installs it, for a program that confines itself
// without any library.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <string>

#include "backends/seccomp/program.h"
#include "compiler/ir/profile.h"

namespace isola::backends::seccomp {

constexpr std::string_view kHeaderName = "seccomp.h";

// A filter and the architectures that it is for.
struct FilterOfArches {
  Program program;
  kernel::ArchSet arches;
};

// C99 and C++11; names start with the policy's, whose `-` become `_`. There is a filter at least.
std::string c_header(const ir::Profile& profile, llvm::ArrayRef<FilterOfArches> filters);

}  // namespace isola::backends::seccomp
