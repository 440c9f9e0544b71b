// The words of a rule text: where one ends, what its quotes hide, and when it needs quotes to be printed.
//
// Hand-written scans over bytes, because a word is nearly anything without white space; the grammar
// (rule_grammar.cpp) uses them as its terminals and the printer as its test for quoting.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <cstddef>
#include <optional>

#include "grammar/scalar_text.h"

namespace isola::grammar {

bool is_rule_space(char byte);
std::size_t skip_rule_space(llvm::StringRef text, std::size_t at);

enum class WordFault {
  None,
  OpenQuote,      // `"` without its end
  UnknownEscape,  // `\` before anything but `"` and `\` inside quotes
  QuoteInside,    // `"` elsewhere than at both ends of a word
  OpenBracket,    // `{`, `[` or `(` without its end in the word
  ExtraBracket,   // `}`, `]` or `)` without its beginning
};

struct WordScan {
  std::size_t end = 0;  // one past the word; equal to its beginning when there is none
  WordFault fault = WordFault::None;
  std::size_t fault_at = 0;
};

// Scans the word that begins at `begin`: a quoted text, or bytes up to white space with balanced brackets.
// In a bare word `\` keeps its next byte from counting as a bracket or a quote.
WordScan scan_word(llvm::StringRef text, std::size_t begin);

// `clone_flags`, `feature.io_uring`, `x86_64`: the end of a name at `begin`, or `begin`.
std::size_t scan_name(llvm::StringRef text, std::size_t begin);
// `AF_UNIX`, `0x10`, `-1`, `6.12`, `$port`: the end of a bare value at `begin`, or `begin`. Stops before
// `..`.
std::size_t scan_value(llvm::StringRef text, std::size_t begin);

// The words that end the objects of a rule or connect conditions; bare, they are nothing else.
bool is_reserved_word(llvm::StringRef word);
// Whether `keyword` stands at `at`: it ends where a word could not go on, so `if(` begins a clause.
bool is_keyword_at(llvm::StringRef text, std::size_t at, llvm::StringRef keyword);
// Whether the keyword of a clause (of requests too) stands at the beginning of `text`.
bool starts_clause(llvm::StringRef text);

// The text inside a quoted word without its escapes. `begin` is at the opening quote, `end` behind the
// closing.
ScalarText unquote(const ScalarText& text, std::size_t begin, std::size_t end);
// The inverse for printing: `"` around, `\` before `"` and `\`.
std::string quote(llvm::StringRef decoded);

// The position of the bracket that closes the one at `begin`; quotes are stepped over.
std::optional<std::size_t> find_closing_bracket(llvm::StringRef text, std::size_t begin);

}  // namespace isola::grammar
