// The text between two nodes: white space, comments, and the few signs that belong there.
//
// yaml-cpp passes over a missing `:`, text after the document and a stray bracket; reading the gaps finds
// them.

#include <llvm/ADT/StringExtras.h>

#include <algorithm>

#include "grammar/yaml_builder.h"

namespace isola::grammar {

static bool ends_word(char letter) {
  return llvm::StringRef(" \t\r\n").contains(letter) || letter == '\0';
}

// Skips white space and comments.
std::uint32_t YamlTreeBuilder::skip_space(std::uint32_t offset) const {
  while (offset < text_.size()) {
    if (ends_word(at(offset))) {
      ++offset;
    } else if (at(offset) == '#') {
      offset = static_cast<std::uint32_t>(std::min(text_.find('\n', offset), text_.size()));
    } else {
      break;
    }
  }
  return offset;
}

// Moves the cursor to `offset` over white space, comments and `allowed` signs; reports everything else.
void YamlTreeBuilder::advance_to(std::uint32_t offset, llvm::StringRef allowed) {
  while (cursor_ < offset) {
    const char letter = at(cursor_);
    const bool starts_comment = letter == '#' && (cursor_ == 0 || ends_word(at(cursor_ - 1)));
    if (starts_comment) {
      cursor_ = static_cast<std::uint32_t>(std::min<std::size_t>(text_.find('\n', cursor_), offset));
      continue;
    }
    if (letter == '\t') {
      report_tab(cursor_);
    } else if (!ends_word(letter) && !allowed.contains(letter)) {
      std::uint32_t end = cursor_;
      while (end < offset && !ends_word(at(end))) ++end;
      diagnostics_.report<DiagnosticKind::StrayText>(range(cursor_, end), text_.slice(cursor_, end));
      cursor_ = end;
      continue;
    }
    ++cursor_;
  }
}

// One report a run of tabs is enough.
void YamlTreeBuilder::report_tab(std::uint32_t offset) {
  if (offset > 0 && at(offset - 1) == '\t') return;
  std::uint32_t end = offset;
  while (at(end) == '\t') ++end;
  diagnostics_.report<DiagnosticKind::TabCharacter>(range(offset, end));
}

// Skips `---`, which may open the only document, and directives, which are refused.
std::uint32_t YamlTreeBuilder::skip_document_start() {
  std::uint32_t start = skip_space(cursor_);
  while (at(start) == '%') {
    const auto end = static_cast<std::uint32_t>(std::min(text_.find_first_of("\r\n", start), text_.size()));
    diagnostics_.report<DiagnosticKind::YamlDirective>(range(start, end), text_.slice(start, end));
    start = skip_space(end);
  }
  if (text_.substr(start).starts_with("---") && ends_word(at(start + 3))) return start + 3;
  return cursor_;
}

// Moves behind the bracket that ends a flow collection. The parser has seen it: nothing but commas stands
// before it.
void YamlTreeBuilder::close_braces(char closing) {
  std::uint32_t close = skip_space(cursor_);
  while (at(close) == ',') close = skip_space(close + 1);
  advance_to(close, ",");
  if (at(close) == closing) cursor_ = close + 1;
}

// The signs that may stand before an item or a key.
static llvm::StringRef signs_before(YamlNode::Kind kind, bool has_braces) {
  if (kind == YamlNode::Kind::Sequence) return has_braces ? "," : "-";
  return has_braces ? ",?" : "?";
}

void YamlTreeBuilder::open_slot(std::uint32_t offset) {
  if (frames_.empty()) {
    cursor_ = skip_document_start();
    advance_to(offset, "");
    return;
  }
  const Frame& frame = frames_.back();
  if (frame.node.kind == YamlNode::Kind::Mapping && frame.expects_value) {
    expect_colon();
    advance_to(offset, "");
  } else {
    advance_to(offset, signs_before(frame.node.kind, frame.has_braces));
  }
}

void YamlTreeBuilder::expect_colon() {
  const std::uint32_t colon = skip_space(cursor_);
  if (at(colon) == ':') {
    advance_to(colon, "");
    cursor_ = colon + 1;
    return;
  }
  Frame& frame = frames_.back();
  const bool is_known = frame.drops_entry || (frame.has_braces && frame.node.is_reported);
  frame.drops_entry = true;
  if (is_known) return;
  frame.node.is_reported = true;
  const YamlNode& key = frame.key;
  auto draft = diagnostics_.report<DiagnosticKind::MissingColon>(key.range, key.scalar.decoded());
  if (frame.has_braces) draft.help("a list stands in square brackets: `[a, b]`");
}

// Skips `&anchor` and `!tag` before a node; tags are refused.
std::uint32_t YamlTreeBuilder::skip_properties(std::uint32_t offset) {
  while (at(offset) == '&' || at(offset) == '!') {
    std::uint32_t end = offset;
    while (!ends_word(at(end)) && !llvm::StringRef(",[]{}").contains(at(end))) ++end;
    if (at(offset) == '!') {
      diagnostics_.report<DiagnosticKind::YamlTag>(range(offset, end), text_.slice(offset, end))
          .suggest(range(offset, end), "");
    }
    offset = skip_space(end);
  }
  return offset;
}

// Whether the null that the parser found at `offset` is a written `~` or `null`, and not the text of what
// follows.
bool YamlTreeBuilder::is_written_null(std::uint32_t offset) const {
  while (at(offset) == '&') {
    while (!ends_word(at(offset))) ++offset;
    offset = skip_space(offset);
  }
  const llvm::StringRef rest = text_.substr(offset);
  std::uint32_t end = offset;
  if (rest.starts_with("~")) {
    end += 1;
  } else if (rest.starts_with("null") || rest.starts_with("Null") || rest.starts_with("NULL")) {
    end += 4;
  } else {
    return false;
  }
  if (!ends_word(at(end)) && !llvm::StringRef(",]}:").contains(at(end))) return false;
  const bool is_value = !frames_.empty() && frames_.back().expects_value;
  return !is_value || at(skip_space(end)) != ':';
}

std::optional<YamlNode> YamlTreeBuilder::finish() {
  if (stopped_) return std::nullopt;
  std::uint32_t rest = skip_space(cursor_);
  const bool is_ended = text_.substr(rest).starts_with("...") && ends_word(at(rest + 3));
  if (is_ended) rest = skip_space(rest + 3);
  const llvm::StringRef after = text_.substr(rest);
  if (is_ended || after.starts_with("---")) {
    if (!after.empty()) diagnostics_.report<DiagnosticKind::SeveralDocuments>(range(rest, rest + 3));
  } else {
    advance_to(static_cast<std::uint32_t>(text_.size()), "");
  }
  if (!root_) return YamlNode{.kind = YamlNode::Kind::Null, .range = range(0, 0)};
  return std::move(root_);
}

}  // namespace isola::grammar
