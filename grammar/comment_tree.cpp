#include "grammar/comment_tree.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>

namespace isola::grammar {

namespace {

struct FoundComment {
  std::size_t begin = 0;
  std::string text;
  bool stands_alone = false;  // nothing but white space before it on its line
};

std::size_t line_begin(llvm::StringRef text, std::size_t at) {
  const std::size_t line_break = text.take_front(at).rfind('\n');
  return line_break == llvm::StringRef::npos ? 0 : line_break + 1;
}

std::size_t line_end(llvm::StringRef text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

std::size_t column(llvm::StringRef text, std::size_t at) {
  return at - line_begin(text, at);
}

bool is_blank(llvm::StringRef text) {
  return text.trim(" \t\r").empty();
}

bool has_blank_line_above(llvm::StringRef text, std::size_t at) {
  const std::size_t begin = line_begin(text, at);
  return begin > 0 && is_blank(text.slice(line_begin(text, begin - 1), begin - 1));
}

bool starts_comment(llvm::StringRef text, std::size_t at) {
  return text[at] == '#' && (at == 0 || llvm::StringRef(" \t\r\n").contains(text[at - 1]));
}

void collect_scalars(const YamlNode& node, std::vector<const YamlNode*>& scalars) {
  if (node.kind == YamlNode::Kind::Scalar) scalars.push_back(&node);
  for (const YamlNode& item : node.items) collect_scalars(item, scalars);
  for (const YamlEntry& entry : node.entries) {
    collect_scalars(entry.key, scalars);
    collect_scalars(entry.value, scalars);
  }
}

// The comments in [begin, end), which lies between two scalars.
void scan_gap(llvm::StringRef text, std::size_t begin, std::size_t end, std::vector<FoundComment>& found) {
  for (std::size_t at = begin; at < end; ++at) {
    if (!starts_comment(text, at)) continue;
    const std::size_t stop = line_end(text, at);
    found.push_back({.begin = at,
                     .text = text.slice(at, stop).rtrim(" \t\r").str(),
                     .stands_alone = is_blank(text.slice(line_begin(text, at), at))});
    at = stop;
  }
}

std::vector<FoundComment> scan_comments(llvm::StringRef text, const YamlNode& root) {
  std::vector<const YamlNode*> scalars;
  collect_scalars(root, scalars);
  // Aliases repeat the scalars of their targets.
  llvm::sort(scalars, [](const YamlNode* a, const YamlNode* b) { return a->range.begin < b->range.begin; });
  std::vector<FoundComment> found;
  std::size_t cursor = 0;
  for (const YamlNode* scalar : scalars) {
    if (scalar->range.begin < cursor) continue;
    scan_gap(text, cursor, scalar->range.begin, found);
    cursor = scalar->range.end;
    const bool is_block = scalar->style == ScalarStyle::Literal || scalar->style == ScalarStyle::Folded;
    // `|  # like this`: behind the header, within the scalar.
    if (is_block) scan_gap(text, scalar->range.begin, line_end(text, scalar->range.begin), found);
    if (is_block) cursor = std::max(cursor, line_end(text, scalar->range.begin));
  }
  scan_gap(text, cursor, text.size(), found);
  return found;
}

class Attacher {
 public:
  Attacher(llvm::StringRef text, const YamlNode& root)
      : text_(text), root_(&root), comments_(scan_comments(text, root)) {}

  CommentedNode attach(const YamlNode& root) {
    CommentedNode top;
    top.node = &root;
    attach_children(top);
    take_alone(top.tail, text_.size());
    return top;
  }

 private:
  bool has_comment_before(std::size_t offset) const {
    return next_ < comments_.size() && comments_[next_].begin < offset;
  }

  CommentLine take() {
    const FoundComment& comment = comments_[next_++];
    return {.text = comment.text,
            .blank_before = comment.stands_alone && has_blank_line_above(text_, comment.begin)};
  }

  void take_alone(std::vector<CommentLine>& lines, std::size_t end) {
    while (has_comment_before(end)) lines.push_back(take());
  }

  // The comment behind what ends at the cursor; an earlier one moves above.
  void take_trailing(CommentedNode& out, std::size_t end) {
    while (has_comment_before(end)) {
      CommentLine line = take();
      if (!out.trailing.empty()) out.leading.push_back({.text = out.trailing, .blank_before = false});
      out.trailing = std::move(line.text);
    }
  }

  // The place of the `&name` or `*name` between the cursor and `end`; `end` when there is none.
  std::size_t find_sign(char sign, std::size_t end) const {
    for (std::size_t at = cursor_; at < end; ++at) {
      if (text_[at] == sign) return at;
      if (starts_comment(text_, at)) at = line_end(text_, at);
    }
    return end;
  }

  std::string read_sign(std::size_t at) const {
    return text_.substr(at)
        .take_until([](char byte) { return llvm::StringRef(" \t\r\n,[]{}").contains(byte); })
        .str();
  }

  // Where the item or entry begins: its key, its alias or its node.
  std::size_t begin_of(const CommentedNode& out) const {
    if (out.key != nullptr && out.key->range.begin >= cursor_) return out.key->range.begin;
    if (out.node->range.begin >= cursor_) return out.node->range.begin;
    return find_sign('*', text_.size());
  }

  void attach_child(CommentedNode& out) {
    const std::size_t begin = begin_of(out);
    take_alone(out.leading, begin);
    out.blank_before = has_blank_line_above(text_, begin);
    const std::size_t own_column = column(text_, begin);
    if (out.key != nullptr) {
      cursor_ = std::max<std::size_t>(cursor_, out.key->range.end);
      attach_value(out, static_cast<std::ptrdiff_t>(own_column));
    } else {
      // The dash stands before the item, on its line.
      const llvm::StringRef line = text_.slice(line_begin(text_, begin), text_.size());
      attach_value(out, static_cast<std::ptrdiff_t>(line.find_first_not_of(' ')));
    }
  }

  void attach_value(CommentedNode& out, std::ptrdiff_t parent_column) {
    const YamlNode& node = *out.node;
    if (node.range.begin < cursor_) {
      const std::size_t alias = find_sign('*', text_.size());
      out.alias = read_sign(alias);
      cursor_ = alias + out.alias.size();
      take_trailing(out, line_end(text_, cursor_));
      return;
    }
    const std::size_t anchor = find_sign('&', node.range.begin);
    if (anchor != node.range.begin) out.anchor = read_sign(anchor);
    const bool is_block =
        !node.is_flow && (node.kind == YamlNode::Kind::Sequence || node.kind == YamlNode::Kind::Mapping);
    if (is_block) {
      if (out.key != nullptr)
        take_trailing(out, std::min<std::size_t>(line_end(text_, cursor_), node.range.begin));
      cursor_ = node.range.begin;
      attach_children(out);
      take_tail(out, parent_column);
      return;
    }
    take_before_value(out, node.range.begin);
    cursor_ = node.range.begin;
    if (node.is_flow) {
      attach_children(out);
      // Between empty brackets nothing is left to stand behind.
      take_alone(out.children.empty() ? out.leading : out.tail, node.range.end);
    }
    cursor_ = std::max<std::size_t>(cursor_, node.range.end);
    take_trailing(out, cursor_);  // behind the header of a block scalar
    take_trailing_on_line(out);
  }

  // Comments between a key and its value on a later line.
  void take_before_value(CommentedNode& out, std::size_t value) {
    take_trailing(out, std::min(line_end(text_, cursor_), value));
    take_alone(out.leading, value);
  }

  // The comment behind the cursor with nothing but a comma between.
  void take_trailing_on_line(CommentedNode& out) {
    if (next_ == comments_.size() || comments_[next_].stands_alone || comments_[next_].begin < cursor_)
      return;
    const llvm::StringRef between = text_.slice(cursor_, comments_[next_].begin);
    if (between.trim(" \t,").empty()) take_trailing(out, comments_[next_].begin + 1);
  }

  void attach_children(CommentedNode& out) {
    for (const YamlNode& item : out.node->items) {
      CommentedNode& child = out.children.emplace_back();
      child.node = &item;
      attach_child(child);
    }
    for (const YamlEntry& entry : out.node->entries) {
      CommentedNode& child = out.children.emplace_back();
      child.key = &entry.key;
      child.node = &entry.value;
      attach_child(child);
    }
    // `- key: value`: what would stand between the dash and the first key goes above the dash.
    if (out.key == nullptr && out.node != root_ && !out.children.empty()) {
      llvm::append_range(out.leading, out.children.front().leading);
      out.children.front().leading.clear();
    }
  }

  // Comments that are indented deeper than the key or dash of the collection that ends here.
  void take_tail(CommentedNode& out, std::ptrdiff_t parent_column) {
    const std::size_t next = next_sign();
    while (has_comment_before(next) &&
           static_cast<std::ptrdiff_t>(column(text_, comments_[next_].begin)) > parent_column) {
      out.tail.push_back(take());
    }
  }

  // The next byte behind the cursor that is neither white space nor comment.
  std::size_t next_sign() const {
    std::size_t at = cursor_;
    while (at < text_.size()) {
      if (starts_comment(text_, at)) {
        at = line_end(text_, at);
      } else if (!llvm::StringRef(" \t\r\n").contains(text_[at])) {
        break;
      } else {
        ++at;
      }
    }
    return at;
  }

  llvm::StringRef text_;
  const YamlNode* root_;  // outlives the attacher, as does the text
  std::vector<FoundComment> comments_;
  std::size_t next_ = 0;    // the first comment not yet attached
  std::size_t cursor_ = 0;  // the end of what has been passed
};

}  // namespace

CommentedNode attach_comments(llvm::StringRef text, const YamlNode& root) {
  return Attacher(text, root).attach(root);
}

std::vector<std::string> find_comments(llvm::StringRef text, const YamlNode& root) {
  std::vector<std::string> comments;
  for (FoundComment& found : scan_comments(text, root)) comments.push_back(std::move(found.text));
  return comments;
}

}  // namespace isola::grammar
