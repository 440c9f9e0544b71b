// `extends`: `std/glibc`, `./common.yaml`, `std/net/tcp-server(port: 8080)`.
//
// Without quotes YAML makes a mapping of the last form, its key ending in `(port`. The reader takes the text
// back from the file then, so that one argument needs no quotes; for more, YAML itself asks for them.

#include <llvm/ADT/STLExtras.h>

#include "grammar/section_readers.h"

namespace isola::grammar {

namespace {

class ExtendParser {
 public:
  ExtendParser(const ScalarText& text, ReadContext context) : text_(text), context_(context) {}

  std::optional<ExtendSyntax> parse() {
    const llvm::StringRef all = text_.decoded();
    const std::size_t open = all.find('(');
    const std::size_t name_end = all.take_front(open).rtrim().size();
    const llvm::StringRef name = all.take_front(name_end);
    if (name.empty() || name.contains(' ') || has_control_byte(name)) return fail(0, all.size());
    ExtendSyntax extend{.name = text_.slice(0, name_end), .arguments = {}, .range = text_.range()};
    if (open == llvm::StringRef::npos) return extend;
    if (!all.ends_with(")")) return fail(open, all.size());
    std::size_t at = open + 1;
    const std::size_t close = all.size() - 1;
    while (at < close) {
      const std::size_t end = std::min(all.find(',', at), close);
      if (!parse_argument(at, end, extend)) return fail(at, end);
      at = end + 1;
    }
    return extend;
  }

 private:
  // The part without the spaces at both ends.
  ScalarText trimmed(std::size_t begin, std::size_t end) const {
    const llvm::StringRef part = text_.decoded().slice(begin, end);
    const std::size_t first = begin + part.size() - part.ltrim().size();
    return text_.slice(first, first + part.trim().size());
  }

  // A tab, a line break: no name and no value has one, and each way to write the file would give another
  // text.
  static bool has_control_byte(llvm::StringRef text) {
    return llvm::any_of(text, [](char byte) { return static_cast<unsigned char>(byte) < ' '; });
  }

  // `key: value`.
  bool parse_argument(std::size_t begin, std::size_t end, ExtendSyntax& extend) const {
    const std::size_t colon = text_.decoded().take_front(end).find(':', begin);
    if (colon == llvm::StringRef::npos) return false;
    SettingSyntax argument{trimmed(begin, colon), trimmed(colon + 1, end)};
    for (const ScalarText& text : {argument.key, argument.value}) {
      if (text.empty() || has_control_byte(text.decoded())) return false;
    }
    if (argument.value.decoded().contains('(')) return false;
    extend.arguments.push_back(std::move(argument));
    return true;
  }

  std::optional<ExtendSyntax> fail(std::size_t begin, std::size_t end) {
    context_.diagnostics.report<DiagnosticKind::BadExtend>(text_.source_range(begin, end));
    return std::nullopt;
  }

  const ScalarText& text_;  // the caller's; outlives the parser
  ReadContext context_;
};

void add_extend(const ScalarText& text, ReadContext context, std::vector<ExtendSyntax>& extends) {
  if (std::optional<ExtendSyntax> extend = ExtendParser(text, context).parse())
    extends.push_back(std::move(*extend));
}

void read_item(const YamlNode& item, SourceRange place, ReadContext context,
               std::vector<ExtendSyntax>& extends) {
  if (is_cut_extend(item)) {
    const SourceRange whole = cover(item.entries.front().key.range, item.entries.front().value.range);
    add_extend(ScalarText::verbatim(context.sources.text(whole).str(), whole.file, whole.begin), context,
               extends);
  } else if (const std::optional<ScalarText> text = read_text(item, place, context)) {
    add_extend(*text, context, extends);
  }
}

}  // namespace

bool is_cut_extend(const YamlNode& item) {
  if (item.kind != YamlNode::Kind::Mapping || item.is_flow || item.entries.size() != 1) return false;
  const YamlEntry& entry = item.entries.front();
  // The value of an alias stands elsewhere.
  return entry.key.style == ScalarStyle::Plain && entry.key.scalar.decoded().contains('(') &&
         entry.value.kind == YamlNode::Kind::Scalar && entry.value.style == ScalarStyle::Plain &&
         entry.key.range.end < entry.value.range.begin;
}

std::vector<ExtendSyntax> read_extends(const YamlEntry& section, ReadContext context) {
  std::vector<ExtendSyntax> extends;
  if (section.value.kind != YamlNode::Kind::Sequence) {
    read_item(section.value, section.key.range, context, extends);
    return extends;
  }
  for (const YamlNode& item : section.value.items) read_item(item, item.range, context, extends);
  return extends;
}

}  // namespace isola::grammar
