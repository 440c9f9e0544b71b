// What a file's bytes must be before anybody reads them as YAML: UTF-8 text that shows itself in an editor.

#pragma once

#include <llvm/ADT/StringRef.h>

#include "compiler/base/diagnostics.h"

namespace isola::grammar {

// Length of the byte order mark at the start of `text`, or 0. It is accepted and skipped.
std::size_t byte_order_mark(llvm::StringRef text);

// False after an error: too large, not UTF-8, a control character, or a character that reorders the line.
bool check_bytes(llvm::StringRef text, FileId file, Diagnostics& diagnostics);

}  // namespace isola::grammar
