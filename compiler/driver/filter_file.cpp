#include "compiler/driver/filter_file.h"

#include <fmt/format.h>

#include "backends/seccomp/disassembly.h"

namespace isola::driver {

namespace seccomp = backends::seccomp;

void report_bad_filter(const std::string& name, llvm::StringRef bytes, seccomp::ByteOrder byte_order,
                       const seccomp::Refusal& refusal, Diagnostics& diagnostics) {
  const std::optional<seccomp::Program> program = seccomp::from_bytes(bytes, byte_order);
  // What is no whole number of instructions has none to name.
  const std::string place =
      program ? fmt::format("instruction {}, `{}`: ", refusal.at, seccomp::bare_text(*program, refusal.at))
              : "";
  diagnostics.report<DiagnosticKind::BadFilter>({}, name, place + refusal.reason);
}

}  // namespace isola::driver
