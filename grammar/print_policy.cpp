// The layout of a policy file: order, indentation, brackets, empty lines and the columns of comments.
//
// Walks the YAML tree with its comments rather than PolicySyntax, so that nothing of the file can be left
// out. The shapes of keys.def say which scalars are rules and which collections are written in brackets.

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/Unicode.h>

#include "compiler/base/check.h"
#include "grammar/comment_tree.h"
#include "grammar/key_table.h"
#include "grammar/print.h"
#include "grammar/print_scalar.h"
#include "grammar/section_readers.h"

namespace isola::grammar {

// Columns that a list in brackets may reach.
static constexpr std::size_t kMaxWidth = 110;
// Columns at which folded text is wrapped.
static constexpr std::size_t kTextWidth = 100;
// Comments of neighbouring lines stand in one column up to here.
static constexpr std::size_t kMaxCommentColumn = 90;

namespace {

// ---- What the language says about a node ----

struct Context {
  std::optional<Mapping> mapping;  // when the keys of the node are known
  Shape shape = Shape::Text;
};

std::optional<Mapping> mapping_of(Shape shape) {
  switch (shape) {
    case Shape::Process:
      return Mapping::Process;
    case Shape::IdMap:
      return Mapping::IdMap;
    case Shape::Syscalls:
      return Mapping::Syscalls;
    case Shape::Labels:
      return Mapping::Labels;
    case Shape::Require:
      return Mapping::Require;
    case Shape::Capabilities:
      return Mapping::Capabilities;
    case Shape::Selinux:
      return Mapping::Selinux;
    case Shape::Text:
    case Shape::Name:
    case Shape::Path:
    case Shape::Date:
    case Shape::Boolean:
    case Shape::Fidelity:
    case Shape::Action:
    case Shape::Texts:
    case Shape::Settings:
    case Shape::Extends:
    case Shape::SyscallRules:
    case Shape::AccessRules:
    case Shape::ItemRules:
    case Shape::Tests:
    case Shape::Namespaces:
    case Shape::IdTriples:
    case Shape::Mounts:
    case Shape::Waivers:
    case Shape::Children:
      return std::nullopt;
  }
  ISOLA_CHECK(false, "a shape of the enumeration");
}

Context value_context(Context around, llvm::StringRef key) {
  if (around.mapping) {
    const std::optional<Key> known = find_key(*around.mapping, key);
    if (!known) return {};
    return {.mapping = mapping_of(info(*known).shape), .shape = info(*known).shape};
  }
  if (around.shape == Shape::Children) return {.mapping = Mapping::Child, .shape = Shape::Text};
  return {};
}

Context item_context(Context around) {
  if (around.shape == Shape::Mounts) return {.mapping = Mapping::Mount, .shape = Shape::Text};
  if (around.shape == Shape::Waivers) return {.mapping = Mapping::Waiver, .shape = Shape::Text};
  if (around.shape == Shape::Namespaces) return {.mapping = Mapping::Namespace, .shape = Shape::Text};
  if (around.shape == Shape::Extends) return around;
  return {.mapping = std::nullopt, .shape = is_rule_shape(around.shape) ? around.shape : Shape::Text};
}

Context child_context(Context around, const CommentedNode& child) {
  return child.key != nullptr ? value_context(around, child.key->scalar.decoded()) : item_context(around);
}

// Whether a collection stands in brackets: lists of rules never, short lists of names and mounts always.
bool wants_brackets(const YamlNode& node, Context context) {
  if (node.kind == YamlNode::Kind::Mapping && context.mapping) {
    const Mapping mapping = *context.mapping;
    return mapping == Mapping::Mount || mapping == Mapping::Waiver || mapping == Mapping::Namespace ||
           mapping == Mapping::Selinux ||
           ((mapping == Mapping::Require || mapping == Mapping::Labels) && node.is_flow);
  }
  if (node.kind == YamlNode::Kind::Mapping) return node.is_flow && context.shape != Shape::Children;
  const Shape shape = context.shape;
  return shape == Shape::Texts || shape == Shape::Namespaces || shape == Shape::ItemRules ||
         shape == Shape::Capabilities || shape == Shape::IdTriples ||
         (shape == Shape::Extends && node.is_flow);
}

bool is_collection(const YamlNode& node) {
  return node.kind == YamlNode::Kind::Sequence || node.kind == YamlNode::Kind::Mapping;
}

// ---- `extends` ----

// `std/net/tcp-server(port: 80)`, which YAML cuts into a key and a value and the reader joins again. Both
// halves would have to be plain; in quotes the whole is one text.
std::optional<std::string> quote_cut_extend(llvm::StringRef text, const CommentedNode& node, Context context,
                                            ScalarPlace place) {
  if (context.shape != Shape::Extends || !is_cut_extend(*node.node)) return std::nullopt;
  const YamlEntry& entry = node.node->entries.front();
  const auto is_plain = [&](const YamlNode& half) {
    return print_plain_or_quoted(half.scalar.decoded(), place) == half.scalar.decoded();
  };
  if (is_plain(entry.key) && is_plain(entry.value)) return std::nullopt;
  return print_plain_or_quoted(text.slice(entry.key.range.begin, entry.value.range.end), place);
}

// ---- Brackets ----

std::string with_anchor(const CommentedNode& node, const std::string& text) {
  if (node.anchor.empty()) return text;
  return text.empty() ? node.anchor : node.anchor + " " + text;
}

bool has_comments(const CommentedNode& node) {
  return !node.leading.empty() || !node.trailing.empty() || !node.tail.empty() ||
         llvm::any_of(node.children, has_comments);
}

// `text` is the file.
std::string print_flow(llvm::StringRef text, const CommentedNode& node, Context context);

std::string print_flow_children(llvm::StringRef text, const CommentedNode& node, Context context) {
  std::string inside;
  for (const CommentedNode& child : node.children) {
    inside += inside.empty() ? "" : ", ";
    if (child.key != nullptr) inside += print_scalar(text, *child.key, Shape::Text, ScalarPlace::Flow) + ":";
    const std::string value = print_flow(text, child, child_context(context, child));
    inside += child.key != nullptr && !value.empty() ? " " + value : value;
  }
  return inside;
}

std::string print_flow(llvm::StringRef text, const CommentedNode& node, Context context) {
  if (!node.alias.empty()) return node.alias;
  switch (node.node->kind) {
    case YamlNode::Kind::Null:
      return node.anchor;
    case YamlNode::Kind::Scalar:
      return with_anchor(node, print_scalar(text, *node.node, context.shape, ScalarPlace::Flow));
    case YamlNode::Kind::Sequence:
      return with_anchor(node, "[" + print_flow_children(text, node, context) + "]");
    case YamlNode::Kind::Mapping: {
      if (const auto quoted = quote_cut_extend(text, node, context, ScalarPlace::Flow))
        return with_anchor(node, *quoted);
      const std::string inside = print_flow_children(text, node, context);
      // `[std/net/tcp-server(port: 80)]`: a single pair in a list needs no braces.
      const bool is_pair = node.key == nullptr && !node.node->is_flow && node.children.size() == 1;
      return with_anchor(node, is_pair ? inside : "{" + inside + "}");
    }
  }
  ISOLA_CHECK(false, "a node kind of the enumeration");
}

// ---- Lines ----

struct OutputLine {
  std::string text;
  std::string comment;
};

// Columns of UTF-8 text, one per code point.
std::size_t count_columns(llvm::StringRef text) {
  return llvm::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; });
}

// Neighbouring lines with comments have them in one column, two behind the longest.
std::string join_lines(llvm::ArrayRef<OutputLine> lines) {
  std::string text;
  std::size_t group_end = 0;
  std::size_t group_column = 0;
  for (std::size_t index = 0; index < lines.size(); ++index) {
    text += lines[index].text;
    if (!lines[index].comment.empty()) {
      if (index >= group_end) {
        group_column = 0;
        for (group_end = index; group_end < lines.size() && !lines[group_end].comment.empty(); ++group_end) {
          const std::size_t wanted = count_columns(lines[group_end].text) + 2;
          if (wanted <= kMaxCommentColumn) group_column = std::max(group_column, wanted);
        }
      }
      const std::size_t width = count_columns(lines[index].text);
      text.append(width + 2 <= group_column ? group_column - width : 2, ' ');
      text += lines[index].comment;
    }
    text += '\n';
  }
  return text;
}

class PolicyPrinter {
 public:
  explicit PolicyPrinter(llvm::StringRef text) : text_(text) {}

  std::string print(CommentedNode& document) {
    const bool has_alias = text_has_alias(document);
    if (!has_alias) sort_sections(document);
    const Context context{.mapping = Mapping::Document, .shape = Shape::Text};
    bool is_first = true;
    for (const CommentedNode& section : document.children) {
      separate_section(section, is_first);
      print_leading(section, 0, Position::First);
      print_child(section, 0, context);
      is_first = false;
    }
    print_comments(document.tail, 0);
    return join_lines(lines_);
  }

 private:
  static bool text_has_alias(const CommentedNode& node) {
    return !node.alias.empty() || llvm::any_of(node.children, text_has_alias);
  }

  // The comments above the first section stay at the top when an empty line sets them apart.
  void print_heading(CommentedNode& first) {
    std::size_t heading = first.blank_before ? first.leading.size() : 0;
    for (std::size_t index = 1; index < first.leading.size() && !first.blank_before; ++index) {
      if (first.leading[index].blank_before) heading = index;
    }
    const std::vector<CommentLine> moved(first.leading.begin(), first.leading.begin() + heading);
    first.leading.erase(first.leading.begin(), first.leading.begin() + heading);
    print_comments(moved, 0);
  }

  void sort_sections(CommentedNode& document) {
    const auto keys = keys_of(Mapping::Document);
    const auto rank = [&](const CommentedNode& section) {
      const llvm::StringRef name = section.key->scalar.decoded();
      return llvm::find_if(keys, [&](const KeyInfo& key) { return llvm::StringRef(key.name) == name; }) -
             keys.begin();
    };
    if (document.children.empty() ||
        llvm::is_sorted(document.children, [&](const auto& a, const auto& b) { return rank(a) < rank(b); })) {
      return;
    }
    print_heading(document.children.front());
    llvm::stable_sort(document.children, [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  }

  // An empty line between sections, except within the head of the file.
  void separate_section(const CommentedNode& section, bool is_first) {
    const llvm::StringRef name = section.key->scalar.decoded();
    const bool is_head =
        name == "policy" || name == "bundle" || name == "schema" || name == "about" || name == "params";
    if (lines_.empty() || (is_head && !is_first && section.leading.empty())) return;
    print_blank();
  }

  void print_blank() {
    if (!lines_.empty() && !lines_.back().text.empty()) lines_.push_back({});
  }

  void print_line(std::size_t indent, const std::string& text, const std::string& comment = "") {
    lines_.push_back({.text = std::string(indent, ' ') + text, .comment = comment});
  }

  void print_comments(llvm::ArrayRef<CommentLine> comments, std::size_t indent) {
    for (const CommentLine& comment : comments) {
      if (comment.blank_before) print_blank();
      print_line(indent, comment.text);
    }
  }

  // What stands above an item or entry; a collection does not begin with an empty line.
  enum class Position { First, Later };
  void print_leading(const CommentedNode& child, std::size_t indent, Position position) {
    if (position == Position::Later && child.leading.empty() && child.blank_before) print_blank();
    for (std::size_t index = 0; index < child.leading.size(); ++index) {
      const bool begins = position == Position::First && index == 0;
      if (child.leading[index].blank_before && !begins) print_blank();
      print_line(indent, child.leading[index].text);
    }
    if (!child.leading.empty() && child.blank_before) print_blank();
  }

  // `prefix` is the key with its colon, or the dash.
  void print_child(const CommentedNode& child, std::size_t indent, Context around) {
    const Context context = child_context(around, child);
    const std::string prefix =
        child.key != nullptr ? print_scalar(text_, *child.key, Shape::Text, ScalarPlace::Block) + ":" : "-";
    const YamlNode& node = *child.node;
    if (!child.alias.empty()) {
      print_line(indent, prefix + " " + child.alias, child.trailing);
    } else if (const auto quoted = quote_cut_extend(text_, child, context, ScalarPlace::Block)) {
      const CommentedNode& entry = child.children.front();
      print_leading(entry, indent, Position::First);
      print_line(indent, prefix + " " + with_anchor(child, *quoted),
                 entry.trailing.empty() ? child.trailing : entry.trailing);
      print_comments(child.tail, indent);
    } else if (is_collection(node)) {
      print_collection(child, prefix, indent, context);
    } else if (node.kind == YamlNode::Kind::Null) {
      print_line(indent, child.anchor.empty() ? prefix : prefix + " " + child.anchor, child.trailing);
    } else {
      print_text(child, prefix, indent, context);
    }
  }

  void print_text(const CommentedNode& child, const std::string& prefix, std::size_t indent,
                  Context context) {
    const std::string start = child.anchor.empty() ? prefix + " " : prefix + " " + child.anchor + " ";
    if (!is_rule_shape(context.shape)) {
      if (const auto block = print_block_scalar(*child.node, kTextWidth - indent - 2)) {
        print_line(indent, start + block->header, child.trailing);
        for (const std::string& line : block->lines) print_line(line.empty() ? 0 : indent + 2, line);
        return;
      }
    }
    print_line(indent, start + print_scalar(text_, *child.node, context.shape, ScalarPlace::Block),
               child.trailing);
  }

  void print_collection(const CommentedNode& child, const std::string& prefix, std::size_t indent,
                        Context context) {
    if (!llvm::any_of(child.children, has_comments) && child.tail.empty()) {
      const std::string flow = prefix + " " + print_flow(text_, child, context);
      const bool fits = indent + count_columns(flow) <= kMaxWidth;
      if (child.children.empty() || (fits && wants_brackets(*child.node, context))) {
        print_line(indent, flow, child.trailing);
        return;
      }
    }
    print_block(child, prefix, indent, context);
  }

  void print_block(const CommentedNode& child, const std::string& prefix, std::size_t indent,
                   Context context) {
    const bool is_compact = child.key == nullptr && child.anchor.empty();
    if (is_compact) {
      if (!child.trailing.empty()) print_line(indent, child.trailing);
    } else {
      print_line(indent, child.anchor.empty() ? prefix : prefix + " " + child.anchor, child.trailing);
    }
    const std::size_t first_line = lines_.size();
    for (const CommentedNode& entry : child.children) {
      const bool is_first = &entry == &child.children.front();
      if (!is_first || !is_compact)
        print_leading(entry, indent + 2, is_first ? Position::First : Position::Later);
      print_child(entry, indent + 2, context);
    }
    if (is_compact) lines_[first_line].text[indent] = '-';
    print_comments(child.tail, indent + 2);
  }

  llvm::StringRef text_;  // the file; the sources outlive the printer
  std::vector<OutputLine> lines_;
};

}  // namespace

std::string print_policy(const SourceManager& sources, FileId file, const YamlNode& tree) {
  ISOLA_CHECK(tree.kind == YamlNode::Kind::Mapping, "a policy read without errors is a mapping");
  const llvm::StringRef text = sources.text(file);
  CommentedNode document = attach_comments(text, tree);
  return PolicyPrinter(text).print(document);
}

}  // namespace isola::grammar
