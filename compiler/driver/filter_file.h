// Filters that the command line names, as against those that the compiler makes.

#pragma once

#include "backends/seccomp/kernel_check.h"
#include "compiler/base/diagnostics.h"

namespace isola::driver {

// Says where the kernel would stop. `bytes` are those that were refused, read in `byte_order`.
void report_bad_filter(const std::string& name, llvm::StringRef bytes,
                       backends::seccomp::ByteOrder byte_order, const backends::seccomp::Refusal& refusal,
                       Diagnostics& diagnostics);

}  // namespace isola::driver
