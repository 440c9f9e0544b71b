// Nodes, keys, anchors and limits; the text between nodes is read in yaml_gap.cpp.

#include "grammar/yaml_builder.h"

#include <llvm/ADT/StringExtras.h>

#include <algorithm>

#include "compiler/base/check.h"
#include "grammar/yaml_scalar.h"

namespace isola::grammar {

const YamlEntry* YamlNode::find(llvm::StringRef key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key.scalar.decoded() == key) return &entry;
  }
  return nullptr;
}

// Nodes and bytes of text below and including `node`.
static void measure(const YamlNode& node, std::size_t& nodes, std::size_t& bytes) {
  ++nodes;
  bytes += node.scalar.decoded().size();
  for (const YamlNode& item : node.items) measure(item, nodes, bytes);
  for (const YamlEntry& entry : node.entries) {
    measure(entry.key, nodes, bytes);
    measure(entry.value, nodes, bytes);
  }
}

bool YamlTreeBuilder::spend(std::size_t nodes, std::size_t bytes, std::uint32_t offset) {
  nodes_ += nodes;
  copied_bytes_ += bytes;
  if (nodes_ <= kMaxNodes && copied_bytes_ <= kMaxFileSize) return true;
  diagnostics_.report<DiagnosticKind::TooManyNodes>(range(offset, offset + 1), kMaxNodes, kMaxFileSize);
  stopped_ = true;
  return false;
}

void YamlTreeBuilder::add_scalar(std::uint32_t offset, Anchor anchor, const std::string& value) {
  if (stopped_ || !spend(1, 0, offset)) return;
  open_slot(offset);
  const std::uint32_t begin = skip_properties(offset);
  std::optional<ScannedScalar> scanned = scan_scalar(text_, file_, begin, value, diagnostics_);
  if (!scanned) {
    stopped_ = true;
    return;
  }
  cursor_ = scanned->range.end;
  YamlNode node{.kind = YamlNode::Kind::Scalar, .range = scanned->range};
  node.scalar = std::move(scanned->text);
  node.style = scanned->style;
  if (node.style == ScalarStyle::Plain) {
    check_cut(node);
  } else {
    last_quoted_ = node.range;
  }
  place(std::move(node), anchor);
}

// `because "issue #12"` without quotes around the rule: YAML takes `#12"` for a comment.
void YamlTreeBuilder::check_cut(YamlNode& scalar) {
  const std::uint32_t end = scalar.range.end;
  const std::uint32_t hash = end + (at(end) == ' ' ? text_.substr(end).find_first_not_of(' ') : 0);
  if (at(hash) != '#') return;
  const auto line_end = static_cast<std::uint32_t>(std::min(text_.find_first_of("\r\n", end), text_.size()));
  const llvm::StringRef kept = text_.slice(scalar.range.begin, end);
  const llvm::StringRef cut = text_.slice(hash, line_end).rtrim();
  if (kept.count('"') % 2 == 0 || cut.count('"') % 2 == 0) return;
  const SourceRange whole = range(scalar.range.begin, hash + static_cast<std::uint32_t>(cut.size()));
  diagnostics_.report<DiagnosticKind::QuoteCutByComment>(range(hash, whole.end), cut)
      .suggest(whole, quote_once(text_.slice(whole.begin, whole.end)));
  scalar.is_reported = true;
}

void YamlTreeBuilder::add_null(std::uint32_t offset, Anchor anchor) {
  if (stopped_) return;
  if (offset >= cursor_ && is_written_null(offset)) {
    // "null" and "~" are texts here like any other; whether they mean anything, the reader of the value says.
    const std::uint32_t begin = skip_properties(offset);
    add_scalar(offset, anchor, at(begin) == '~' ? "~" : text_.substr(begin, 4).str());
    return;
  }
  if (!spend(1, 0, offset)) return;
  open_slot(cursor_);
  if (!frames_.empty() && frames_.back().node.kind == YamlNode::Kind::Sequence &&
      !frames_.back().has_braces) {
    const std::uint32_t dash = skip_space(cursor_);
    if (at(dash) == '-') cursor_ = dash + 1;
  }
  if (anchor != 0) cursor_ = std::max(cursor_, skip_properties(offset));
  place({.kind = YamlNode::Kind::Null, .range = range(cursor_, cursor_)}, anchor);
}

void YamlTreeBuilder::add_alias(std::uint32_t offset, Anchor target) {
  if (stopped_) return;
  open_slot(offset);
  while (cursor_ < text_.size() && !llvm::StringRef(" \t\r\n,[]{}").contains(at(cursor_))) ++cursor_;
  const auto found = anchors_.find(target);
  if (found == anchors_.end()) {
    diagnostics_.report<DiagnosticKind::AliasCycle>(range(offset, cursor_), text_.slice(offset, cursor_));
    stopped_ = true;
    return;
  }
  if (!spend(found->second.nodes, found->second.bytes, offset)) return;
  place(found->second.node, 0);
}

void YamlTreeBuilder::start_collection(YamlNode::Kind kind, std::uint32_t offset, Anchor anchor) {
  if (stopped_ || !spend(1, 0, offset)) return;
  open_slot(offset);
  cursor_ = skip_properties(offset);
  if (frames_.size() == kMaxDepth) {
    diagnostics_.report<DiagnosticKind::NestedTooDeep>(range(cursor_, cursor_ + 1), kMaxDepth);
    stopped_ = true;
    return;
  }
  Frame frame{.node = {.kind = kind, .range = range(cursor_, cursor_)}, .anchor = anchor};
  frame.has_braces = at(cursor_) == (kind == YamlNode::Kind::Mapping ? '{' : '[');
  frame.node.is_flow = frame.has_braces;
  if (frame.has_braces) ++cursor_;
  frames_.push_back(std::move(frame));
}

void YamlTreeBuilder::end_collection() {
  if (stopped_) return;
  ISOLA_CHECK(!frames_.empty(), "a collection ends that never started");
  Frame frame = frames_.pop_back_val();
  if (frame.has_braces) close_braces(frame.node.kind == YamlNode::Kind::Mapping ? '}' : ']');
  frame.node.range.end = cursor_;
  remove_duplicates(frame.node);
  place(std::move(frame.node), frame.anchor);
}

SourceRange YamlTreeBuilder::open_bracket() const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (frame->has_braces) return range(frame->node.range.begin, frame->node.range.begin + 1);
  }
  return {};
}

void YamlTreeBuilder::remove_duplicates(YamlNode& mapping) {
  std::vector<YamlEntry>& entries = mapping.entries;
  if (entries.size() < 2) return;
  llvm::SmallVector<std::uint32_t, 32> order(entries.size());
  for (std::uint32_t index = 0; index < order.size(); ++index) order[index] = index;
  const auto key_of = [&](std::uint32_t index) { return entries[index].key.scalar.decoded(); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return key_of(a) < key_of(b); });
  std::vector<bool> repeats(entries.size(), false);
  for (std::size_t index = 1, first = 0; index < order.size(); ++index) {
    if (key_of(order[index]) != key_of(order[first])) {
      first = index;
      continue;
    }
    const YamlNode& again = entries[order[index]].key;
    diagnostics_.report<DiagnosticKind::DuplicateKey>(again.range, again.scalar.decoded())
        .label(entries[order[first]].key.range, "first here");
    repeats[order[index]] = true;
  }
  std::size_t kept = 0;
  for (std::size_t index = 0; index < entries.size(); ++index) {
    if (repeats[index]) continue;
    if (kept != index) entries[kept] = std::move(entries[index]);
    ++kept;
  }
  entries.resize(kept);
}

void YamlTreeBuilder::remember(const YamlNode& node, Anchor anchor) {
  Anchored anchored{.node = node};
  measure(node, anchored.nodes, anchored.bytes);
  if (spend(anchored.nodes, anchored.bytes, node.range.begin)) anchors_[anchor] = std::move(anchored);
}

void YamlTreeBuilder::place(YamlNode node, Anchor anchor) {
  if (anchor != 0) remember(node, anchor);
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  if (frame.node.kind == YamlNode::Kind::Sequence) {
    frame.node.items.push_back(std::move(node));
  } else if (!frame.expects_value) {
    place_key(frame, std::move(node));
  } else {
    frame.expects_value = false;
    if (frame.drops_entry) return;
    frame.node.entries.push_back({std::move(frame.key), std::move(node)});
  }
}

void YamlTreeBuilder::place_key(Frame& frame, YamlNode node) {
  frame.expects_value = true;
  frame.drops_entry = true;
  if (node.kind != YamlNode::Kind::Scalar) {
    diagnostics_.report<DiagnosticKind::KeyIsNoText>(node.range);
  } else if (node.style == ScalarStyle::Plain && node.scalar.decoded() == "<<") {
    diagnostics_.report<DiagnosticKind::MergeKey>(node.range);
  } else {
    frame.drops_entry = false;
  }
  frame.key = std::move(node);
}

}  // namespace isola::grammar
