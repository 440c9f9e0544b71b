// A decoded text while it is put together, with the place of each byte; for the scalar scanners only.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <optional>
#include <string>
#include <vector>

#include "grammar/scalar_text.h"

namespace isola::grammar {

class PlacedText {
 public:
  // `source` outlives this.
  PlacedText(llvm::StringRef source, FileId file) : source_(source), file_(file) {}

  // The file's text. Offsets behind its end read as NUL, which no checked file contains.
  FileId file() const { return file_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(source_.size()); }
  char at(std::uint32_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }
  std::string source(std::uint32_t begin, std::uint32_t end) const { return source_.slice(begin, end).str(); }
  bool is_break(std::uint32_t offset) const { return break_length(offset) > 0; }
  std::uint32_t break_length(std::uint32_t offset) const;
  std::uint32_t skip_blanks(std::uint32_t offset) const;  // spaces and tabs

  // Adds decoded bytes that stand at [begin, end) of the file.
  void add(llvm::StringRef decoded, std::uint32_t begin, std::uint32_t end);
  // Folds blanks, line breaks and the next line's indentation: one break is a space, each empty line a
  // newline. Returns where the next line's text starts.
  std::uint32_t fold_breaks(std::uint32_t at);
  // `\` at the end of a line: as above, but the first break leaves nothing.
  std::uint32_t join_lines(std::uint32_t at);

  llvm::StringRef decoded() const { return decoded_; }
  std::size_t decoded_size() const { return decoded_.size(); }
  // The finished text; `range` stands for it when it is empty.
  ScalarText take(SourceRange range);

 private:
  // Adds one newline per empty line from `at`, the first byte behind a break; where the text goes on.
  std::uint32_t add_empty_lines(std::uint32_t at, std::uint32_t& count);

  llvm::StringRef source_;
  FileId file_;
  std::string decoded_;
  std::vector<ScalarText::Place> places_;
};

// Matches the block scalar whose `|` or `>` is at `begin` against `value`, adding its bytes to `placed`.
// Returns the offset behind its last byte, or nothing when it does not read as `value`.
std::optional<std::uint32_t> match_block_scalar(PlacedText& placed, std::uint32_t begin,
                                                llvm::StringRef value);

}  // namespace isola::grammar
