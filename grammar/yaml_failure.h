// Where the YAML parser gave up, and why, in our own words.

#pragma once

#include "compiler/base/diagnostics.h"

namespace isola::grammar {

// What the parser ran into, as far as it can tell.
enum class YamlFailure {
  Indentation,      // an entry does not line up with those before it
  UnclosedBracket,  // `[` or `{`
  StrayBracket,     // `]` or `}`
  Escape,           // in double quotes
  StartOfValue,     // a character no value can start with
  Quote,            // never closed
  Tab,
  SecondColon,    // `a: b: c`
  ListOnKeyLine,  // `a: - b`
  Anchor,         // not defined, or badly written
  BlockHeader,    // after `|` or `>`
  Tag,
  Directive,
  Other,
};

struct YamlFailurePlace {
  FileId file{};
  std::uint32_t offset = 0;  // where the parser stood
  SourceRange last_quoted;   // the quoted scalar read last, if any
  SourceRange
      open_bracket;  // the innermost `[` or `{` known to be open, if any; more may have been opened since
};

// Reports the failure. The text around it is looked at first: what looks like bad indentation is often a
// quote that YAML took for its own.
void report_failure(llvm::StringRef text, YamlFailure failure, YamlFailurePlace place,
                    Diagnostics& diagnostics);

}  // namespace isola::grammar
