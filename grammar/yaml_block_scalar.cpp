// Block scalars (`|` and `>`): indentation stripped, lines kept or folded.
//
// The indentation is found from the first line that shows something: what it has more in the file than in the
// value. Line breaks are then matched with the value, which says where they were kept, folded or dropped.

#include <llvm/ADT/SmallVector.h>

#include <algorithm>

#include "grammar/yaml_scalar_text.h"

namespace isola::grammar {

namespace {

std::uint32_t count_spaces(const PlacedText& placed, std::uint32_t at) {
  std::uint32_t count = 0;
  while (placed.at(at + count) == ' ') ++count;
  return count;
}

std::uint32_t skip_line(const PlacedText& placed, std::uint32_t at) {
  while (at < placed.size() && !placed.is_break(at)) ++at;
  return at + placed.break_length(at);
}

// Spaces before the first character that is neither a space nor a break, on that character's own line.
std::optional<std::uint32_t> first_indentation(llvm::StringRef text) {
  const std::size_t first = text.find_first_not_of(" \n\r");
  if (first == llvm::StringRef::npos) return std::nullopt;
  const std::size_t line = text.rfind('\n', first);
  return static_cast<std::uint32_t>(line == llvm::StringRef::npos ? first : first - line - 1);
}

class BlockMatcher {
 public:
  BlockMatcher(PlacedText& placed, std::uint32_t content, std::uint32_t indentation, llvm::StringRef value)
      : placed_(placed), at_(content), indentation_(indentation), value_(value) {}

  std::optional<std::uint32_t> match() {
    strip_indentation();
    while (placed_.decoded_size() < value_.size()) {
      if (at_ >= placed_.size()) return match_missing_break();
      if (placed_.is_break(at_)) {
        match_breaks();
      } else if (placed_.at(at_) == expected()) {
        placed_.add(placed_.source(at_, at_ + 1), at_, at_ + 1);
        ++at_;
      } else {
        return std::nullopt;
      }
    }
    return at_;
  }

 private:
  char expected() const { return value_[placed_.decoded_size()]; }

  void strip_indentation() { at_ += std::min(count_spaces(placed_, at_), indentation_); }

  // A file that ends without a line break: yaml-cpp adds the break that would have been there.
  std::optional<std::uint32_t> match_missing_break() {
    if (value_.drop_front(placed_.decoded_size()) != "\n") return std::nullopt;
    placed_.add("\n", at_, at_);
    return at_;
  }

  // A run of breaks with nothing between them reads as a space, or as as many newlines as the value has here.
  void match_breaks() {
    llvm::SmallVector<std::uint32_t, 4> breaks;
    while (placed_.is_break(at_)) {
      breaks.push_back(at_);
      at_ += placed_.break_length(at_);
      strip_indentation();
    }
    if (expected() == ' ' && breaks.size() == 1) {
      placed_.add(" ", breaks.front(), at_);
      return;
    }
    const llvm::StringRef rest = value_.drop_front(placed_.decoded_size());
    const std::size_t newlines = std::min(rest.size() - rest.ltrim('\n').size(), breaks.size());
    // One break fewer than lines: the first was folded away with the one behind it.
    const bool first_is_folded = newlines + 1 == breaks.size() && newlines < rest.size();
    for (std::size_t index = 0; index < newlines; ++index) {
      const std::uint32_t last = breaks[index + (first_is_folded ? 1 : 0)];
      placed_.add("\n", index == 0 ? breaks[0] : last, last + placed_.break_length(last));
    }
    // Nothing matched: the value ends the comparison, as its next byte is not what stands here.
    if (newlines == 0) placed_.add("\n", breaks.front(), at_);
  }

  PlacedText& placed_;  // the caller's; outlives the matcher
  std::uint32_t at_;
  std::uint32_t indentation_;
  llvm::StringRef value_;
};

}  // namespace

std::optional<std::uint32_t> match_block_scalar(PlacedText& placed, std::uint32_t begin,
                                                llvm::StringRef value) {
  const std::uint32_t content = skip_line(placed, begin);
  if (value.empty()) return content;
  const std::optional<std::uint32_t> wanted = first_indentation(value);
  if (!wanted) {
    // Only spaces and newlines: nothing in it can be pointed at.
    placed.add(value, begin, content);
    return content;
  }
  std::uint32_t line = content;
  while (line < placed.size() && placed.is_break(line + count_spaces(placed, line)))
    line = skip_line(placed, line);
  const std::uint32_t written = count_spaces(placed, line);
  if (written < *wanted) return std::nullopt;
  return BlockMatcher(placed, content, written - *wanted, value).match();
}

}  // namespace isola::grammar
