// Scans plain and quoted scalars here, block scalars in yaml_block_scalar.cpp.
//
// Quoted text is decoded from the file alone. Plain text has no end mark of its own (what ends it depends on
// everything around it), so it is matched byte by byte against the value that yaml-cpp found.

#include "grammar/yaml_scalar.h"

#include <fmt/format.h>
#include <llvm/Support/ConvertUTF.h>

#include "grammar/yaml_scalar_text.h"

namespace isola::grammar {

namespace {

// What a one-letter escape stands for; nothing for a letter that is none. Source: YAML 1.2.2, section 5.7.
std::optional<llvm::StringRef> find_short_escape(char letter) {
  switch (letter) {
    case '0':
      return llvm::StringRef("\0", 1);
    case 'a':
      return llvm::StringRef("\a");
    case 'b':
      return llvm::StringRef("\b");
    case 't':
    case '\t':
      return llvm::StringRef("\t");
    case 'n':
      return llvm::StringRef("\n");
    case 'v':
      return llvm::StringRef("\v");
    case 'f':
      return llvm::StringRef("\f");
    case 'r':
      return llvm::StringRef("\r");
    case 'e':
      return llvm::StringRef("\x1b");
    case ' ':
      return llvm::StringRef(" ");
    case '"':
      return llvm::StringRef("\"");
    case '\'':
      return llvm::StringRef("'");
    case '/':
      return llvm::StringRef("/");
    case '\\':
      return llvm::StringRef("\\");
    case 'N':
      return llvm::StringRef("\xC2\x85");
    case '_':
      return llvm::StringRef("\xC2\xA0");
    case 'L':
      return llvm::StringRef("\xE2\x80\xA8");
    case 'P':
      return llvm::StringRef("\xE2\x80\xA9");
    default:
      return std::nullopt;
  }
}

// Digits after `\x`, `\u`, `\U`; 0 for other letters.
std::size_t count_escape_digits(char letter) {
  switch (letter) {
    case 'x':
      return 2;
    case 'u':
      return 4;
    case 'U':
      return 8;
    default:
      return 0;
  }
}

std::optional<std::string> encode_utf8(llvm::StringRef hex_digits) {
  std::uint32_t code_point = 0;
  if (hex_digits.getAsInteger(16, code_point)) return std::nullopt;
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) return std::nullopt;
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
  char* end = buffer;
  llvm::ConvertCodePointToUTF8(code_point, end);
  return std::string(buffer, end);
}

class QuotedScanner {
 public:
  QuotedScanner(PlacedText& placed, std::uint32_t begin, Diagnostics& diagnostics)
      : placed_(placed), begin_(begin), at_(begin + 1), diagnostics_(diagnostics) {}

  // Reads to the closing quote; the offset behind it, or nothing after an error.
  std::optional<std::uint32_t> scan() {
    const char quote = placed_.at(begin_);
    while (at_ < placed_.size()) {
      const char letter = placed_.at(at_);
      if (letter == quote && !(quote == '\'' && placed_.at(at_ + 1) == '\'')) return at_ + 1;
      if (letter == '\\' && quote == '"') {
        if (!scan_escape()) return std::nullopt;
      } else if (letter == quote) {
        placed_.add("'", at_, at_ + 2);
        at_ += 2;
      } else if (placed_.is_break(placed_.skip_blanks(at_))) {
        at_ = placed_.fold_breaks(at_);
      } else {
        placed_.add(placed_.source(at_, at_ + 1), at_, at_ + 1);
        ++at_;
      }
    }
    const SourceRange opening{placed_.file(), begin_, begin_ + 1};
    diagnostics_.report<DiagnosticKind::UnterminatedQuote>(opening, placed_.source(begin_, begin_ + 1));
    return std::nullopt;
  }

 private:
  bool scan_escape() {
    const char letter = placed_.at(at_ + 1);
    if (placed_.is_break(at_ + 1)) {
      at_ = placed_.join_lines(at_);
      return true;
    }
    const std::size_t digits = count_escape_digits(letter);
    const std::uint32_t end = at_ + 2 + static_cast<std::uint32_t>(digits);
    std::optional<std::string> decoded;
    if (digits > 0) {
      if (end <= placed_.size()) decoded = encode_utf8(placed_.source(at_ + 2, end));
    } else if (const std::optional<llvm::StringRef> found = find_short_escape(letter)) {
      decoded = found->str();
    }
    const SourceRange range{placed_.file(), at_, std::min<std::uint32_t>(end, placed_.size())};
    if (!decoded) {
      diagnostics_.report<DiagnosticKind::BadEscape>(range, placed_.source(range.begin, range.end));
      return false;
    }
    if (*decoded == std::string_view("\0", 1)) {
      diagnostics_.report<DiagnosticKind::ControlCharacter>(range, placed_.source(range.begin, range.end));
      return false;
    }
    placed_.add(*decoded, at_, end);
    at_ = end;
    return true;
  }

  PlacedText& placed_;   // the caller's; outlives the scanner
  std::uint32_t begin_;  // of the opening quote
  std::uint32_t at_;
  Diagnostics& diagnostics_;
};

// Matches a plain scalar over several lines; the offset behind it, or nothing when it does not read as
// `value`.
std::optional<std::uint32_t> match_plain(PlacedText& placed, std::uint32_t begin, llvm::StringRef value) {
  std::uint32_t at = begin;
  while (placed.decoded_size() < value.size()) {
    if (placed.is_break(placed.skip_blanks(at))) {
      at = placed.fold_breaks(at);
    } else if (at < placed.size()) {
      placed.add(placed.source(at, at + 1), at, at + 1);
      ++at;
    } else {
      return std::nullopt;
    }
  }
  return at;
}

ScalarStyle style_at(llvm::StringRef text, std::uint32_t begin) {
  switch (begin < text.size() ? text[begin] : '\0') {
    case '"':
      return ScalarStyle::DoubleQuoted;
    case '\'':
      return ScalarStyle::SingleQuoted;
    case '|':
      return ScalarStyle::Literal;
    case '>':
      return ScalarStyle::Folded;
    default:
      return ScalarStyle::Plain;
  }
}

// The usual case: one line, nothing decoded away. No list of places is needed then.
std::optional<ScannedScalar> scan_verbatim(llvm::StringRef text, FileId file, std::uint32_t begin,
                                           const std::string& value, ScalarStyle style) {
  const auto size = static_cast<std::uint32_t>(value.size());
  const std::uint32_t quote = style == ScalarStyle::Plain ? 0 : 1;
  if (!text.substr(begin + quote).starts_with(value)) return std::nullopt;
  const SourceRange range{file, begin, begin + size + 2 * quote};
  if (quote == 1) {
    const llvm::StringRef decoded_away = style == ScalarStyle::DoubleQuoted ? "\"\\\n" : "'\n";
    const bool closes = range.end <= text.size() && text[range.end - 1] == text[begin];
    if (!closes || llvm::StringRef(value).find_first_of(decoded_away) != llvm::StringRef::npos)
      return std::nullopt;
    if (range.end < text.size() && text[range.end] == text[begin]) return std::nullopt;
  }
  return ScannedScalar{ScalarText::verbatim(value, file, begin + quote), style, range};
}

}  // namespace

std::string quote_once(llvm::StringRef text) {
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? std::string("''") : std::string(1, letter);
  return quoted + "'";
}

std::optional<ScannedScalar> scan_scalar(llvm::StringRef text, FileId file, std::uint32_t begin,
                                         const std::string& value, Diagnostics& diagnostics) {
  const ScalarStyle style = style_at(text, begin);
  const bool is_block = style == ScalarStyle::Literal || style == ScalarStyle::Folded;
  if (!is_block) {
    if (std::optional<ScannedScalar> verbatim = scan_verbatim(text, file, begin, value, style))
      return verbatim;
  }
  PlacedText placed(text, file);
  std::optional<std::uint32_t> end;
  if (is_block) {
    end = match_block_scalar(placed, begin, value);
  } else if (style == ScalarStyle::Plain) {
    end = match_plain(placed, begin, value);
  } else {
    end = QuotedScanner(placed, begin, diagnostics).scan();
    if (!end) return std::nullopt;
  }
  if (!end || placed.decoded() != value) {
    const auto line_end = static_cast<std::uint32_t>(std::min(text.find('\n', begin), text.size()));
    diagnostics.report<DiagnosticKind::AmbiguousScalar>({file, begin, line_end});
    return std::nullopt;
  }
  const SourceRange range{file, begin, *end};
  return ScannedScalar{placed.take(range), style, range};
}

}  // namespace isola::grammar
