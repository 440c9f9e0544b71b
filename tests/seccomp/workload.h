// The known workloads of the corpus as profiles: rules as container engines and people wrote them.

#pragma once

#include <llvm/Support/JSON.h>

#include <string>

#include "compiler/ir/profile.h"
#include "compiler/kernel/call_frequencies.h"
#include "tests/seccomp/figures.h"

namespace isola::testing {

// At how many bits arguments are compared: all of the register, as libseccomp does, or the kernel's
// parameter.
enum class Width : std::uint8_t { Register, Parameter };

// Ends the program when the file is none.
llvm::json::Object read_json_object(const std::string& path);

// A file like b_docker1.json as a profile: its `map` from numbers to rules per architecture. Numbers that our
// tables do not have are left out.
ir::Profile workload_profile(const llvm::json::Object& workload, Width width);

// How often the corpus says that each call is made.
kernel::CallFrequencies workload_frequencies(const llvm::json::Object& table);

// The calls of the corpus' own tables, for the architectures of `arches`, with their shares.
std::vector<CountedCall> workload_calls(const llvm::json::Object& tables, kernel::ArchSet arches,
                                        const kernel::CallFrequencies& frequencies);

}  // namespace isola::testing
