#include "grammar/yaml_scalar_text.h"

namespace isola::grammar {

std::uint32_t PlacedText::break_length(std::uint32_t offset) const {
  if (at(offset) == '\n') return 1;
  return at(offset) == '\r' && at(offset + 1) == '\n' ? 2 : 0;
}

std::uint32_t PlacedText::skip_blanks(std::uint32_t offset) const {
  while (at(offset) == ' ' || at(offset) == '\t') ++offset;
  return offset;
}

void PlacedText::add(llvm::StringRef decoded, std::uint32_t begin, std::uint32_t end) {
  decoded_ += decoded;
  places_.insert(places_.end(), decoded.size(), ScalarText::Place{begin, end});
}

std::uint32_t PlacedText::add_empty_lines(std::uint32_t at, std::uint32_t& count) {
  std::uint32_t content = skip_blanks(at);
  while (is_break(content)) {
    const std::uint32_t next = content + break_length(content);
    add("\n", content, next);
    ++count;
    content = skip_blanks(next);
  }
  return content;
}

std::uint32_t PlacedText::fold_breaks(std::uint32_t at) {
  const std::uint32_t first = skip_blanks(at);
  std::uint32_t empty_lines = 0;
  const std::uint32_t content = add_empty_lines(first + break_length(first), empty_lines);
  if (empty_lines == 0) add(" ", at, content);
  return content;
}

std::uint32_t PlacedText::join_lines(std::uint32_t at) {
  std::uint32_t empty_lines = 0;
  return add_empty_lines(at + 1 + break_length(at + 1), empty_lines);
}

ScalarText PlacedText::take(SourceRange range) {
  if (decoded_.empty()) return ScalarText::mapped("", file_, {}, range);
  const SourceRange whole{file_, places_.front().begin, places_.back().end};
  return ScalarText::mapped(std::move(decoded_), file_, std::move(places_), whole);
}

}  // namespace isola::grammar
