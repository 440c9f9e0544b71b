#include "grammar/print_scalar.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>

#include "grammar/print.h"
#include "grammar/rule_grammar.h"

namespace isola::grammar {

// ---- One line ----

static bool has_control_byte(llvm::StringRef text) {
  return llvm::any_of(text,
                      [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; });
}

// Whether YAML reads `text` as it stands. Narrower than YAML: an odd number of `"` is left to quotes, because
// a comment behind it could look like the rest of a quoted text.
static bool can_be_plain(llvm::StringRef text, ScalarPlace place) {
  if (text.empty() || text != text.trim() || has_control_byte(text) || text.count('"') % 2 != 0) return false;
  if (llvm::StringRef(",[]{}#&*!|>'\"%@`").contains(text[0])) return false;
  if (llvm::StringRef("-?:").contains(text[0]) && (text.size() == 1 || text[1] == ' ')) return false;
  if (text.contains(": ") || text.ends_with(":") || text.contains(" #") || text.starts_with("---"))
    return false;
  return place == ScalarPlace::Block || text.find_first_of(",[]{}?") == llvm::StringRef::npos;
}

static std::string quote_single(llvm::StringRef text) {
  std::string quoted = "'";
  for (const char byte : text) quoted.append(byte == '\'' ? 2 : 1, byte);
  return quoted + "'";
}

static std::string escape_byte(char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      return has_control_byte(llvm::StringRef(&byte, 1)) ? "\\x" + llvm::toHex(llvm::StringRef(&byte, 1))
                                                         : std::string(1, byte);
  }
}

std::string print_plain_or_quoted(llvm::StringRef decoded, ScalarPlace place) {
  if (can_be_plain(decoded, place)) return decoded.str();
  if (!has_control_byte(decoded)) return quote_single(decoded);
  std::string quoted = "\"";
  for (const char byte : decoded) quoted += escape_byte(byte);
  return quoted + "\"";
}

bool is_rule_shape(Shape shape) {
  return shape == Shape::SyscallRules || shape == Shape::AccessRules || shape == Shape::ItemRules ||
         shape == Shape::Capabilities || shape == Shape::Tests || shape == Shape::Action;
}

// Nothing for other shapes. The file has been read without errors, so the text parses.
static std::optional<std::string> print_canonical(const ScalarText& text, Shape shape) {
  Diagnostics ignored;
  const auto print_as = [&](RuleForm form) -> std::optional<std::string> {
    const auto rule = parse_rule(text, form, ignored);
    return rule ? std::optional(print_rule(*rule)) : std::nullopt;
  };
  if (shape == Shape::SyscallRules) return print_as(RuleForm::Syscall);
  if (shape == Shape::AccessRules) return print_as(RuleForm::Access);
  if (shape == Shape::ItemRules || shape == Shape::Capabilities) return print_as(RuleForm::Item);
  if (shape == Shape::Tests) {
    const auto test = parse_test(text, ignored);
    return test ? std::optional(print_test(*test)) : std::nullopt;
  }
  if (shape == Shape::Action) {
    const auto action = parse_action(text, ignored);
    return action ? std::optional(print_action(*action)) : std::nullopt;
  }
  return std::nullopt;
}

std::string print_scalar(llvm::StringRef text, const YamlNode& scalar, Shape shape, ScalarPlace place) {
  if (const auto canonical = print_canonical(scalar.scalar, shape))
    return print_plain_or_quoted(*canonical, place);
  const bool is_quoted =
      scalar.style == ScalarStyle::SingleQuoted || scalar.style == ScalarStyle::DoubleQuoted;
  const llvm::StringRef written = text.slice(scalar.range.begin, scalar.range.end);
  if (is_quoted && !written.contains('\n')) return written.str();
  return print_plain_or_quoted(scalar.scalar.decoded(), place);
}

// ---- Several lines ----

// The lines of `paragraph`, broken at single spaces.
static void wrap(llvm::StringRef paragraph, std::size_t width, std::vector<std::string>& lines) {
  while (paragraph.size() > width) {
    std::size_t space = paragraph.rfind(' ', width + 1);
    if (space == llvm::StringRef::npos) space = paragraph.find(' ');
    if (space == llvm::StringRef::npos) break;
    lines.push_back(paragraph.take_front(space).str());
    paragraph = paragraph.drop_front(space + 1);
  }
  lines.push_back(paragraph.str());
}

// Lines that a block scalar gives back unchanged. The first shows how far all are indented, so it begins with
// no space; folding also keeps away from lines that do.
static bool are_block_lines(llvm::ArrayRef<llvm::StringRef> lines, bool is_folded) {
  if (lines.empty() || lines.front().empty() || lines.back().empty() || lines.front().starts_with(" "))
    return false;
  return llvm::all_of(lines, [&](llvm::StringRef line) {
    const bool folds = !is_folded || (!line.starts_with(" ") && !line.contains("  "));
    return folds && !line.ends_with(" ") && !has_control_byte(line);
  });
}

std::optional<BlockScalar> print_block_scalar(const YamlNode& scalar, std::size_t width) {
  const bool is_folded = scalar.style == ScalarStyle::Folded;
  if (!is_folded && scalar.style != ScalarStyle::Literal) return std::nullopt;
  llvm::StringRef body = scalar.scalar.decoded();
  BlockScalar block{.header = is_folded ? ">" : "|", .lines = {}};
  if (!body.consume_back("\n")) block.header += "-";
  llvm::SmallVector<llvm::StringRef, 8> lines;
  body.split(lines, '\n');
  if (!are_block_lines(lines, is_folded)) return std::nullopt;
  for (const llvm::StringRef line : lines) {
    if (!is_folded) {
      block.lines.push_back(line.str());
      continue;
    }
    // A line break in the text is an empty line in the file.
    if (!block.lines.empty()) block.lines.emplace_back();
    if (!line.empty()) wrap(line, width, block.lines);
  }
  return block;
}

}  // namespace isola::grammar
