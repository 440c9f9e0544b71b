// Reads a pattern in two passes, because the parser that we agree with does.
//
// Its lexer replaces escapes that name a byte and keeps a backslash before bytes that are special in a
// pattern (processunquoted); slashes are then filtered (filter_slashes); only then are wildcards read
// (convert_aaregex_to_pcre). Doing it in one pass would read `/a/\057b`, `[\x2d]` and `/\x5ba]` otherwise.
// Source: AppArmor 3.0.8, parser_misc.c, lib.c, parser_regex.c, libapparmor_re/parse.y.

#include "compiler/ir/path_parse.h"

#include <llvm/ADT/StringExtras.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace isola::ir {

namespace {

using Kind = PatternError::Kind;

// Longest pattern, in bytes. Source: PATH_MAX, linux/limits.h.
constexpr std::size_t kMaxLength = 4096;

// Braces inside each other. Source: MAX_ALT_DEPTH, parser_regex.c.
constexpr int kMaxDepth = 49;

struct Escape {
  unsigned char byte = 0;
  std::size_t end = 0;  // offset after the escape
};

// At most `digits` digits, as long as the value fits a byte.
std::optional<Escape> read_number(llvm::StringRef text, std::size_t begin, unsigned base, unsigned digits) {
  unsigned value = 0;
  std::size_t end = begin;
  for (; end < text.size() && end < begin + digits; ++end) {
    const unsigned digit = llvm::hexDigitValue(text[end]);
    if (digit >= base || value * base + digit > 255) break;
    value = value * base + digit;
  }
  if (end == begin) return std::nullopt;
  return Escape{static_cast<unsigned char>(value), end};
}

// The byte that the escape at `begin` (after its backslash) names; nothing if it names none.
std::optional<Escape> read_escape(llvm::StringRef text, std::size_t begin) {
  switch (text[begin]) {
    case '\\':
      return Escape{'\\', begin + 1};
    case '"':
      return Escape{'"', begin + 1};
    case 'a':
      return Escape{'\a', begin + 1};
    case 'e':
      return Escape{'\033', begin + 1};
    case 'f':
      return Escape{'\f', begin + 1};
    case 'n':
      return Escape{'\n', begin + 1};
    case 'r':
      return Escape{'\r', begin + 1};
    case 't':
      return Escape{'\t', begin + 1};
    case 'd':
      return read_number(text, begin + 1, 10, 3);
    case 'x':
      return read_number(text, begin + 1, 16, 2);
    default:
      return read_number(text, begin, 8, 3);
  }
}

// The text between the passes. Each byte remembers where in the user's text it comes from.
struct DecodedText {
  std::string bytes;
  std::vector<std::size_t> origin;  // one more than bytes: the last is the end of the text

  void add(char byte, std::size_t offset) {
    bytes += byte;
    origin.push_back(offset);
  }
};

std::variant<DecodedText, PatternError> decode_escapes(llvm::StringRef text) {
  DecodedText decoded;
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t begin = position++;
    if (text[begin] == '\0') return PatternError{Kind::NulByte, begin, 1};
    const bool may_escape = text[begin] == '\\' && position < text.size();
    const std::optional<Escape> escape = may_escape ? read_escape(text, position) : std::nullopt;
    if (!escape) {
      decoded.add(text[begin], begin);
      continue;
    }
    position = escape->end;
    if (escape->byte == 0) return PatternError{Kind::NulByte, begin, position - begin};
    const char byte = static_cast<char>(escape->byte);
    if (llvm::StringRef("*?[]{}^,\\").contains(byte)) decoded.add('\\', begin);
    decoded.add(byte, begin);
  }
  decoded.origin.push_back(text.size());
  return decoded;
}

// Drops slashes that follow a slash; exactly two at the start stay, as POSIX allows them a meaning of their
// own.
DecodedText filter_slashes(const DecodedText& decoded) {
  DecodedText filtered;
  const llvm::StringRef text = decoded.bytes;
  const bool keeps_two = text.starts_with("//") && !text.starts_with("///");
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool repeats = index > 0 && text[index] == '/' && text[index - 1] == '/';
    if (repeats && !(keeps_two && index == 1)) continue;
    filtered.add(text[index], decoded.origin[index]);
  }
  filtered.origin.push_back(decoded.origin.back());
  return filtered;
}

class NodeParser {
 public:
  explicit NodeParser(const DecodedText& text) : text_(text.bytes), origin_(text.origin) {}

  std::variant<PathSequence, PatternError> parse() {
    PathSequence nodes = parse_sequence();
    if (error_) return *error_;
    return nodes;
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }

  // Keeps the first error and stops the reading.
  void fail(Kind kind, std::size_t begin, std::size_t end) {
    if (!error_) error_ = PatternError{kind, origin_[begin], origin_[end] - origin_[begin]};
    position_ = text_.size();
  }

  // Up to the end, or in braces up to `,` or `}`.
  PathSequence parse_sequence() {
    PathSequence nodes;
    while (!at_end() && !(depth_ > 0 && (peek() == ',' || peek() == '}'))) {
      switch (peek()) {
        case '*':
          parse_stars(nodes);
          break;
        case '{':
          parse_alternatives(nodes);
          break;
        case '\\':
          parse_escape(nodes);
          break;
        case '}':
          fail(Kind::UnmatchedBrace, position_, position_ + 1);
          break;
        case ']':
          fail(Kind::UnmatchedBracket, position_, position_ + 1);
          break;
        case '[':
          add(nodes, {ClassNode{parse_class()}});
          break;
        case '?':
          ++position_;
          add(nodes, {ClassNode{name_bytes()}});
          break;
        default:
          parse_literal(nodes);
      }
    }
    return nodes;
  }

  void add(PathSequence& nodes, PathNode node) {
    append_node(nodes, std::move(node));
    follows_slash_ = false;
  }

  void parse_literal(PathSequence& nodes) {
    const std::size_t end = std::min(text_.find_first_of("*?[]{}\\,", position_ + 1), text_.size());
    append_node(nodes, {LiteralNode{text_.slice(position_, end).str()}});
    follows_slash_ = text_[end - 1] == '/';
    position_ = end;
  }

  void parse_stars(PathSequence& nodes) {
    const std::size_t after = text_.find_first_not_of('*', position_);
    const bool is_component = follows_slash_ && (after == llvm::StringRef::npos || text_[after] == '/');
    const std::size_t end = after == llvm::StringRef::npos ? text_.size() : after;
    if (is_component) add(nodes, {ClassNode{name_bytes()}});
    add(nodes, {StarNode{end - position_ > 1 ? StarNode::Reach::Below : StarNode::Reach::Name}});
    position_ = end;
  }

  void parse_escape(PathSequence& nodes) {
    const std::size_t begin = position_++;
    if (at_end()) {
      fail(Kind::TrailingBackslash, begin, begin + 1);
      return;
    }
    // The first pass has decoded escapes already; `\x\061` leaves one to this pass.
    const std::optional<Escape> escape = read_escape(text_, position_);
    const char byte = escape ? static_cast<char>(escape->byte) : peek();
    const std::size_t end = escape ? escape->end : position_ + 1;
    if (byte == '\0') {
      fail(Kind::NulByte, begin, end);
      return;
    }
    append_node(nodes, {LiteralNode{std::string(1, byte)}});
    follows_slash_ = byte == '/' && !escape;
    position_ = end;
  }

  void parse_alternatives(PathSequence& nodes) {
    const std::size_t begin = position_++;
    if (++depth_ > kMaxDepth) {
      fail(Kind::TooDeep, begin, begin + 1);
      return;
    }
    AlternativesNode alternatives;
    follows_slash_ = false;
    alternatives.choices.push_back(parse_sequence());
    while (peek() == ',') {
      ++position_;
      follows_slash_ = false;
      alternatives.choices.push_back(parse_sequence());
    }
    if (at_end()) {
      fail(Kind::UnclosedBrace, begin, begin + 1);
      return;
    }
    ++position_;
    --depth_;
    if (alternatives.choices.size() == 1) {
      fail(is_variable(begin, position_) ? Kind::VariableReference : Kind::SingleAlternative, begin,
           position_);
      return;
    }
    add(nodes, {std::move(alternatives)});
  }

  // Whether the braces from `begin` to `end` follow an `@` and hold a name.
  bool is_variable(std::size_t begin, std::size_t end) const {
    const llvm::StringRef name = text_.slice(begin + 1, end - 1);
    return begin > 0 && text_[begin - 1] == '@' && !name.empty() && llvm::isAlpha(name.front()) &&
           llvm::all_of(name, [](char byte) { return llvm::isAlnum(byte) || byte == '_'; });
  }

  ByteSet parse_class() {
    const std::size_t begin = position_++;
    const bool negated = peek() == '^';
    if (negated) ++position_;
    ByteSet bytes;
    const std::size_t first = position_;
    while (!at_end() && peek() != ']') parse_class_member(bytes, position_ == first);
    if (at_end()) {
      fail(Kind::UnclosedClass, begin, begin + 1);
      return bytes;
    }
    const bool has_members = position_ != first;
    ++position_;
    if (negated) bytes.flip();
    bytes &= path_bytes();
    if (!has_members || bytes.none()) fail(Kind::EmptyClass, begin, position_);
    return bytes;
  }

  // `-` is itself only as the first member, and does not end a range.
  void parse_class_member(ByteSet& bytes, bool is_first) {
    const std::size_t begin = position_;
    if (peek() == '-' && !is_first) {
      fail(Kind::BadRange, begin, begin + 1);
      return;
    }
    const unsigned char low = parse_class_byte();
    if (peek() != '-') {
      bytes.set(low);
      return;
    }
    ++position_;
    if (at_end()) return;
    const bool has_end = peek() != ']' && peek() != '-' && text_[begin] != '-';
    const unsigned char high = has_end ? parse_class_byte() : 0;
    if (!has_end || high < low) {
      fail(Kind::BadRange, begin, std::min(position_, text_.size()));
      return;
    }
    for (unsigned byte = low; byte <= high; ++byte) bytes.set(byte);
  }

  unsigned char parse_class_byte() {
    const std::size_t begin = position_++;
    if (text_[begin] == '*' || text_[begin] == '?') fail(Kind::WildcardInClass, begin, begin + 1);
    if (text_[begin] != '\\') return static_cast<unsigned char>(text_[begin]);
    if (at_end()) return 0;  // never closed: reported by the caller
    if (const std::optional<Escape> escape = read_escape(text_, position_)) {
      position_ = escape->end;
      if (escape->byte == 0) fail(Kind::NulByte, begin, escape->end);
      return escape->byte;
    }
    const char byte = text_[position_++];
    if (byte == '^' || byte == ',' || byte == '-') fail(Kind::BadClassEscape, begin, begin + 2);
    return static_cast<unsigned char>(byte);
  }

  llvm::StringRef text_;
  llvm::ArrayRef<std::size_t> origin_;
  std::size_t position_ = 0;
  int depth_ = 0;
  bool follows_slash_ = false;
  std::optional<PatternError> error_;
};

}  // namespace

std::variant<PathSequence, PatternError> parse_pattern_nodes(llvm::StringRef text) {
  if (text.size() > kMaxLength) return PatternError{Kind::TooLong, 0, text.size()};
  if (!text.starts_with("/")) return PatternError{Kind::NotAbsolute, 0, text.empty() ? std::size_t{0} : 1};
  const std::variant<DecodedText, PatternError> decoded = decode_escapes(text);
  if (const auto* error = std::get_if<PatternError>(&decoded)) return *error;
  const DecodedText filtered = filter_slashes(std::get<DecodedText>(decoded));
  return NodeParser(filtered).parse();
}

}  // namespace isola::ir
