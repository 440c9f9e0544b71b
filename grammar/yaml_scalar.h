// A scalar as its author wrote it: where it ends, and which bytes of the file each decoded byte came from.
//
// yaml-cpp tells where a scalar starts and what it decodes to; nothing about its end, and it takes a quote
// that is never closed. So each scalar is read once more here and held against yaml-cpp's own answer.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <optional>

#include "compiler/base/diagnostics.h"
#include "grammar/yaml_reader.h"

namespace isola::grammar {

struct ScannedScalar {
  ScalarText text;
  ScalarStyle style{};
  SourceRange range;  // with quotes or block header
};

// Reads the scalar that starts at byte `begin` of `text` and must decode to `value`.
// Nothing is returned after an error, which has been reported.
std::optional<ScannedScalar> scan_scalar(llvm::StringRef text, FileId file, std::uint32_t begin,
                                         const std::string& value, Diagnostics& diagnostics);

// `text` as one single-quoted scalar: the way out for a rule whose own quotes YAML cuts up.
std::string quote_once(llvm::StringRef text);

}  // namespace isola::grammar
