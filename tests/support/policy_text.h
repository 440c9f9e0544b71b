// Policies for tests, from the text a user would write.

#pragma once

#include <string>

#include "compiler/ir/flatten.h"
#include "compiler/resolve/resolve.h"

namespace isola::tests {

// A policy text with what was found in it. Nothing is extended: tests bring their rules themselves.
struct CompiledText {
  SourceManager sources;
  Diagnostics diagnostics;
  ir::Policy policy;
  ir::Profile profile;  // for the policy's own architectures

  // The diagnostics as `CODE underlined`, one a line, in file order.
  std::string findings() const;
  // The decision on a request: `allow`, `EPERM`, `kill`, and so on, then the line of the rule, if a rule
  // decided.
  std::string decide(llvm::StringRef request);
};

// `sections` is put behind a minimal head (name, process, architectures x86_64 and aarch64), whose lines come
// first.
CompiledText compile_sections(llvm::StringRef sections);
CompiledText compile_text(llvm::StringRef text);

// Lines of the head that compile_sections writes.
constexpr unsigned kHeadLines = 5;

}  // namespace isola::tests
