// Diagnostics as text with carets, as JSON and as SARIF 2.1.0: the same records, three printers.

#pragma once

#include <string>

#include "compiler/base/diagnostics.h"

namespace isola {

enum class Colour { Off, On };

// One block per diagnostic, in file order, each ending with a newline:
//
//   nginx.policy.yaml:31:15: error[E301]: unknown system call `opnat`
//      31 |     - allow opnat mkdirat unlinkat
//         |             ^^^^^
//         = help: did you mean `openat`?
//
// Control characters of the user's text are shown as `\x1b`, so a policy cannot steer a terminal.
std::string render_text(const SourceManager& sources, const Diagnostics& diagnostics, Colour colour);

// A JSON array, one object per diagnostic: code, name, severity, message, file, range in bytes and in
// line:column, labels, suggestions, helps.
std::string render_json(const SourceManager& sources, const Diagnostics& diagnostics);

// A SARIF 2.1.0 log with one run. `version` is the compiler's own.
std::string render_sarif(const SourceManager& sources, const Diagnostics& diagnostics,
                         llvm::StringRef version);

}  // namespace isola
