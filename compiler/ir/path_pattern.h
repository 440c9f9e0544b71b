// A pattern over absolute paths, with the meaning that apparmor.d(5) gives to it.
//
//   *        any number of bytes but `/`; between `/` and `/` or the end, at least one
//   **       any number of bytes; after `/` and before `/` or the end, at least one, the first not `/`
//   ?        one byte but `/`
//   [a-c]    one byte of a set; [^a] one byte outside of it, `/` included
//   {a,b}    either; may be nested; an empty alternative is allowed
//   \*       the byte itself; \n \t \042 \x22 \d34 name bytes; a needless backslash is dropped
//   a path that ends in `/` is the directory itself, `/**` everything below, `/*` one level
//
// The referee is the parser of AppArmor 3.0.8 (parser_regex.c, libapparmor_re/parse.y, lib.c): what parse()
// accepts means what that parser means by it. Refused although that parser accepts it, because it gives each
// of them a meaning that nobody intends: a wildcard inside [], a range that runs backwards, `\^` `\,` `\-`
// inside []. Bytes are bytes: `?` matches one byte of a UTF-8 sequence, as in the kernel. NUL never matches.
//
// Sets of paths (overlap, containment, difference, witnesses): path_language.h.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/path_node.h"

namespace isola::ir {

struct PatternError {
  enum class Kind {
    NotAbsolute,        // does not begin with `/`
    NulByte,            // `\000`, or the byte itself
    VariableReference,  // `@{NAME}`: an AppArmor variable
    TrailingBackslash,  // nothing after the last `\`
    UnclosedBrace,      // `{a,b`
    UnmatchedBrace,     // `a}`
    SingleAlternative,  // `{a}` or `{}`
    UnclosedClass,      // `[ab`
    UnmatchedBracket,   // `a]`
    EmptyClass,         // `[]`, `[^]`, or a class that no byte is in
    WildcardInClass,    // `[a*]`, `[a?]`
    BadRange,           // `[c-a]`, `[a-]`, `[a-c-e]`
    BadClassEscape,     // `[\^a]`, `[a\-c]`, `[\,]`
    TooDeep,            // more than 49 braces inside each other
    TooLong,            // more than 4096 bytes
    TooComplex,         // its automaton is beyond the budget
  };
  Kind kind{};
  std::size_t offset = 0, length = 0;  // bytes of the text that was parsed
};

// What is wrong, as the middle of a message: "`{` is never closed".
llvm::StringRef describe(PatternError::Kind kind);

class PathPattern {
 public:
  // `text` is unquoted. Takes time linear in `text`, plus the bounded check of the automaton's size.
  static std::variant<PathPattern, PatternError> parse(llvm::StringRef text);

  // The pattern that matches `path` alone. `path` is absolute and without NUL: the caller has checked.
  static PathPattern literal(llvm::StringRef path);

  // `pattern` with its first `/` replaced by `prefix`, a literal: `/dev/shm/` and `/a*` give `/dev/shm/a*`.
  // `prefix` begins with `/`.
  static PathPattern below(llvm::StringRef prefix, const PathPattern& pattern);

  // Canonical: needless escapes and slashes dropped, sets and alternatives sorted. Parses back to an equal
  // pattern.
  llvm::StringRef text() const { return text_; }

  // Byte for byte; `path` need not be one the kernel would produce.
  bool matches(llvm::StringRef path) const;

  bool is_literal() const;                 // matches one path: literal_prefix()
  llvm::StringRef literal_prefix() const;  // what every match begins with; never empty

  // Ends in `/**` or in `**`: everything below, however deep.
  bool is_recursive() const;

  // Is a directory itself: ends in `/`.
  bool is_directory() const;

  // Patterns without braces that together match the same existing paths; sorted, no two equal.
  // Nothing when there are more than `limit`.
  std::optional<llvm::SmallVector<PathPattern, 4>> expand_alternations(std::size_t limit = 256) const;

  // For path_language.cpp and for backends that translate the pattern node by node.
  const PathSequence& nodes() const { return nodes_; }
  const PathProgram& program() const { return program_; }

  bool operator==(const PathPattern& other) const { return text_ == other.text_; }
  std::strong_ordering operator<=>(const PathPattern& other) const { return text_ <=> other.text_; }

 private:
  explicit PathPattern(PathSequence nodes);

  PathSequence nodes_;
  PathProgram program_;
  std::string text_;
};

}  // namespace isola::ir
