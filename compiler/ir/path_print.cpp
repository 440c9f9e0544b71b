// Prints a pattern so that the parser of AppArmor reads back exactly the nodes that were printed.
//
// Two of its habits decide the shape: it drops the second of two slashes, and it gives a `*` that is a whole
// path component at least one byte. Where the nodes say something else, a class or a pair of braces says so.

#include <llvm/ADT/StringExtras.h>

#include "compiler/base/match.h"
#include "compiler/ir/path_node.h"

namespace isola::ir {

namespace {

enum class Position { TopLevel, InBraces };

void print_octal(std::string& text, unsigned char byte) {
  text += '\\';
  text += static_cast<char>('0' + (byte >> 6));
  text += static_cast<char>('0' + ((byte >> 3) & 7));
  text += static_cast<char>('0' + (byte & 7));
}

bool is_control(unsigned char byte) {
  return byte < 0x20 || byte == 0x7f;
}

void print_literal_byte(std::string& text, char byte, Position position) {
  const bool is_special =
      llvm::StringRef("*?[]{}\\").contains(byte) || (byte == ',' && position == Position::InBraces);
  if (byte == '/' && !text.empty() && text.back() == '/') {
    text += "[/]";
  } else if (is_control(byte)) {
    print_octal(text, byte);
  } else {
    if (is_special) text += '\\';
    text += byte;
  }
}

void print_class_byte(std::string& text, unsigned char byte) {
  if (is_control(byte)) {
    print_octal(text, byte);
    return;
  }
  if (llvm::StringRef("*?[]\\").contains(static_cast<char>(byte))) text += '\\';
  text += static_cast<char>(byte);
}

// `-` is itself only as the first member and `^` only when it is not: they stay out of the ranges.
std::string print_class_members(const ByteSet& bytes) {
  std::string text;
  if (bytes['-']) text += '-';
  ByteSet rest = bytes;
  rest.reset('-').reset('^');
  for (unsigned first = 1; first < 256; ++first) {
    if (!rest[first]) continue;
    unsigned last = first;
    while (last + 1 < 256 && rest[last + 1]) ++last;
    print_class_byte(text, first);
    if (last > first + 1) text += '-';
    if (last > first) print_class_byte(text, last);
    first = last;
  }
  if (bytes['^']) text += '^';
  return text;
}

void print_class(std::string& text, const ByteSet& bytes) {
  if (bytes == name_bytes()) {
    text += '?';
    return;
  }
  const std::string members = print_class_members(bytes);
  const std::string others = print_class_members(path_bytes() & ~bytes);
  const bool negated = !others.empty() && others.size() + 1 < members.size();
  text += negated ? "[^" + others : "[" + members;
  text += ']';
}

bool starts_with_slash(const PathNode& node) {
  const auto* literal = std::get_if<LiteralNode>(&node.value);
  return literal && literal->bytes.front() == '/';
}

class PatternPrinter {
 public:
  std::string text;

  void print(const PathSequence& nodes, Position position) {
    for (std::size_t index = 0; index < nodes.size(); ++index) {
      if (is_component_star(nodes, index, position)) continue;  // its `?` is part of the star that follows
      std::visit(Match{
                     [&](const LiteralNode& literal) {
                       for (const char byte : literal.bytes) print_literal_byte(text, byte, position);
                     },
                     [&](const ClassNode& node) { print_class(text, node.bytes); },
                     [&](const StarNode& star) { print_star(star, nodes, index, position); },
                     [&](const AlternativesNode& node) { print_alternatives(node); },
                 },
                 nodes[index].value);
    }
  }

 private:
  // Whether a star printed here, at nodes[index], would be read as a whole component.
  bool reads_as_component(const PathSequence& nodes, std::size_t index, Position position) const {
    if (text.empty() || text.back() != '/') return false;
    if (index + 1 == nodes.size()) return position == Position::TopLevel;
    return starts_with_slash(nodes[index + 1]);
  }

  // Whether nodes[index] is the `?` of `?*` in a place where `*` alone means the same.
  bool is_component_star(const PathSequence& nodes, std::size_t index, Position position) const {
    const auto* node = std::get_if<ClassNode>(&nodes[index].value);
    if (!node || node->bytes != name_bytes() || index + 1 == nodes.size()) return false;
    return std::holds_alternative<StarNode>(nodes[index + 1].value) &&
           reads_as_component(nodes, index + 1, position);
  }

  void print_star(const StarNode& star, const PathSequence& nodes, std::size_t index, Position position) {
    const char* stars = star.reach == StarNode::Reach::Below ? "**" : "*";
    const bool follows_its_question_mark = index > 0 && is_component_star(nodes, index - 1, position);
    if (reads_as_component(nodes, index, position) && !follows_its_question_mark) {
      text += '{';
      text += stars;
      text += ",}";
    } else {
      text += stars;
    }
  }

  void print_alternatives(const AlternativesNode& node) {
    if (!text.empty() && text.back() == '@') {  // `@{` opens a variable
      text.pop_back();
      text += "[@]";
    }
    char opening = '{';
    for (const PathSequence& choice : node.choices) {
      text += opening;
      print(choice, Position::InBraces);
      opening = ',';
    }
    text += '}';
  }
};

}  // namespace

std::string print_pattern(const PathSequence& nodes) {
  PatternPrinter printer;
  printer.print(nodes, Position::TopLevel);
  return std::move(printer.text);
}

}  // namespace isola::ir
