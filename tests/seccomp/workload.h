// The known workloads of the corpus as profiles: rules as container engines and people wrote them.

#pragma once

#include <llvm/Support/JSON.h>

#include <string>

#include "compiler/ir/profile.h"

namespace isola::testing {

// At how many bits arguments are compared: all of the register, as libseccomp does, or the kernel's parameter.
enum class Width : std::uint8_t { Register, Parameter };

// Ends the program when the file is none.
llvm::json::Object read_json_object(const std::string& path);

// A file like b_docker1.json as a profile: its `map` from numbers to rules per architecture. Numbers that our
// tables do not have are left out.
ir::Profile workload_profile(const llvm::json::Object& workload, Width width);

}  // namespace isola::testing
