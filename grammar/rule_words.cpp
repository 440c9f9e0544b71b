#include "grammar/rule_words.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSwitch.h>

namespace isola::grammar {

bool is_rule_space(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

std::size_t skip_rule_space(llvm::StringRef text, std::size_t at) {
  while (at < text.size() && is_rule_space(text[at])) ++at;
  return at;
}

// The closing bracket that belongs to an opening one; 0 for any other byte.
static char closing_of(char byte) {
  switch (byte) {
    case '{':
      return '}';
    case '[':
      return ']';
    case '(':
      return ')';
    default:
      return 0;
  }
}

static bool is_closing(char byte) {
  return byte == '}' || byte == ']' || byte == ')';
}

static WordScan scan_quoted(llvm::StringRef text, std::size_t begin) {
  std::size_t at = begin + 1;
  WordScan scan;
  while (at < text.size() && text[at] != '"') {
    if (text[at] == '\\' && at + 1 < text.size()) {
      const bool is_known = text[at + 1] == '"' || text[at + 1] == '\\';
      if (!is_known && scan.fault == WordFault::None) scan = {0, WordFault::UnknownEscape, at};
      ++at;
    }
    ++at;
  }
  if (at >= text.size()) return {text.size(), WordFault::OpenQuote, begin};
  scan.end = at + 1;
  const bool ends_here = scan.end == text.size() || is_rule_space(text[scan.end]) ||
                         llvm::StringRef(",)}|&").contains(text[scan.end]) ||
                         text.substr(scan.end).starts_with("..");
  if (!ends_here && scan.fault == WordFault::None) {
    scan.fault = WordFault::QuoteInside;
    scan.fault_at = at;
  }
  return scan;
}

// The brackets of a bare word that are still open, innermost last.
struct OpenBracket {
  std::size_t at = 0;
  char closing = 0;
};

WordScan scan_word(llvm::StringRef text, std::size_t begin) {
  if (begin < text.size() && text[begin] == '"') return scan_quoted(text, begin);
  llvm::SmallVector<OpenBracket, 8> open;
  WordScan scan;
  const auto note = [&](WordFault fault, std::size_t at) {
    if (scan.fault == WordFault::None) scan = {0, fault, at};
  };
  std::size_t at = begin;
  for (; at < text.size() && !is_rule_space(text[at]); ++at) {
    const char byte = text[at];
    if (byte == '\\' && at + 1 < text.size() && !is_rule_space(text[at + 1])) {
      ++at;
    } else if (byte == '"') {
      note(WordFault::QuoteInside, at);
    } else if (const char closing = closing_of(byte)) {
      open.push_back({at, closing});
    } else if (is_closing(byte)) {
      if (open.empty() || open.back().closing != byte) {
        note(WordFault::ExtraBracket, at);
      } else {
        open.pop_back();
      }
    }
  }
  if (!open.empty()) note(WordFault::OpenBracket, open.front().at);
  scan.end = at;
  return scan;
}

// An arrow ends a name: `a->b` is not one value.
static bool is_arrow(llvm::StringRef text, std::size_t at) {
  return text.substr(at).starts_with("->");
}

static bool is_word_byte(llvm::StringRef text, std::size_t at) {
  const char byte = text[at];
  if (llvm::isAlnum(byte) || byte == '_') return true;
  if (byte == '-') return !is_arrow(text, at);
  // One dot joins (`feature.io_uring`, `6.12`); two make a range.
  return byte == '.' && at + 1 < text.size() && (llvm::isAlnum(text[at + 1]) || text[at + 1] == '_');
}

std::size_t scan_name(llvm::StringRef text, std::size_t begin) {
  if (begin >= text.size() || !(llvm::isAlpha(text[begin]) || text[begin] == '_')) return begin;
  std::size_t at = begin;
  while (at < text.size() && is_word_byte(text, at)) ++at;
  return at;
}

std::size_t scan_value(llvm::StringRef text, std::size_t begin) {
  std::size_t at = begin;
  if (at < text.size() && (text[at] == '$' || text[at] == '-')) ++at;
  const std::size_t first = at;
  if (first >= text.size() || !(llvm::isAlnum(text[first]) || text[first] == '_')) return begin;
  while (at < text.size() && is_word_byte(text, at)) ++at;
  return at;
}

static constexpr llvm::StringRef kClauseKeywords[] = {"if", "on", "to",   "from",
                                                      "as", "->", "when", "because"};

bool is_reserved_word(llvm::StringRef word) {
  return llvm::StringSwitch<bool>(word)
      .Cases("if", "to", "from", "as", "->", "when", "because", true)
      .Cases("in", "not", "and", "or", true)
      .Default(false);
}

bool is_keyword_at(llvm::StringRef text, std::size_t at, llvm::StringRef keyword) {
  const llvm::StringRef rest = text.substr(at);
  if (!rest.starts_with(keyword)) return false;
  if (keyword == "->" || rest.size() == keyword.size()) return true;
  const char next = rest[keyword.size()];
  return is_rule_space(next) || llvm::StringRef("(!\"{").contains(next);
}

bool starts_clause(llvm::StringRef text) {
  return llvm::any_of(kClauseKeywords,
                      [&](llvm::StringRef keyword) { return is_keyword_at(text, 0, keyword); });
}

ScalarText unquote(const ScalarText& text, std::size_t begin, std::size_t end) {
  const llvm::StringRef inside = text.decoded().slice(begin + 1, end - 1);
  if (!inside.contains('\\')) return text.slice(begin + 1, end - 1);
  std::string decoded;
  std::vector<ScalarText::Place> places;
  for (std::size_t at = begin + 1; at + 1 < end; ++at) {
    const std::size_t from = at;
    if (text.decoded()[at] == '\\') ++at;
    const SourceRange place = text.source_range(from, at + 1);
    decoded.push_back(text.decoded()[at]);
    places.push_back({place.begin, place.end});
  }
  const SourceRange whole = text.source_range(begin + 1, end - 1);
  if (!whole.is_known()) return ScalarText::unplaced(std::move(decoded));
  return ScalarText::mapped(std::move(decoded), whole.file, std::move(places), whole);
}

std::string quote(llvm::StringRef decoded) {
  std::string quoted = "\"";
  for (const char byte : decoded) {
    if (byte == '"' || byte == '\\') quoted.push_back('\\');
    quoted.push_back(byte);
  }
  quoted.push_back('"');
  return quoted;
}

std::optional<std::size_t> find_closing_bracket(llvm::StringRef text, std::size_t begin) {
  llvm::SmallVector<char, 8> open;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] == '"') {
      at = scan_quoted(text, at).end - 1;
    } else if (const char closing = closing_of(text[at])) {
      open.push_back(closing);
    } else if (is_closing(text[at])) {
      if (open.back() != text[at]) return std::nullopt;
      open.pop_back();
      if (open.empty()) return at;
    }
  }
  return std::nullopt;
}

}  // namespace isola::grammar
