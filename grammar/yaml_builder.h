// Builds the tree of YAML nodes from a parser's events, refusing what YAML lets slip.
//
// Knows nothing of the parser: an event is an offset into the file and, for a scalar, its decoded value.
// What lies between two events is read too, so nothing of the file can be dropped silently.

#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>

#include <optional>
#include <string>

#include "compiler/base/diagnostics.h"
#include "grammar/yaml_reader.h"

namespace isola::grammar {

class YamlTreeBuilder {
 public:
  // Number of an anchor within its document; 0 for none.
  using Anchor = std::size_t;

  // `text` and `diagnostics` outlive the builder. Reading starts at byte `begin`.
  YamlTreeBuilder(llvm::StringRef text, FileId file, std::uint32_t begin, Diagnostics& diagnostics)
      : text_(text), file_(file), cursor_(begin), diagnostics_(diagnostics) {}

  // `offset` is where the node starts, anchors and tags included.
  void add_scalar(std::uint32_t offset, Anchor anchor, const std::string& value);
  // `offset` is that of `~` or `null`, or anywhere when nothing is written.
  void add_null(std::uint32_t offset, Anchor anchor);
  void add_alias(std::uint32_t offset, Anchor target);
  void start_collection(YamlNode::Kind kind, std::uint32_t offset, Anchor anchor);
  void end_collection();

  // After an error that leaves nothing to go on with; later events are ignored.
  bool is_stopped() const { return stopped_; }
  // The end of what has been read so far.
  std::uint32_t cursor() const { return cursor_; }
  // The quoted scalar read last, for telling where a quote may be missing.
  SourceRange last_quoted() const { return last_quoted_; }
  // The innermost `[` or `{` still open; unknown when there is none.
  SourceRange open_bracket() const;

  // The tree, once the document is over; what follows the document is looked at too.
  std::optional<YamlNode> finish();

 private:
  struct Frame {
    YamlNode node;
    Anchor anchor = 0;
    bool has_braces = false;
    bool expects_value = false;
    bool drops_entry = false;  // its key was refused
    YamlNode key{};
  };
  struct Anchored {
    YamlNode node;
    std::size_t nodes = 0;  // in it, itself included
    std::size_t bytes = 0;  // of its texts
  };

  SourceRange range(std::uint32_t begin, std::uint32_t end) const { return {file_, begin, end}; }
  char at(std::uint32_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }

  // Reads what lies between the last node and the next one.
  void open_slot(std::uint32_t offset);
  void expect_colon();
  void advance_to(std::uint32_t offset, llvm::StringRef allowed);
  std::uint32_t skip_space(std::uint32_t offset) const;
  void report_tab(std::uint32_t offset);
  void close_braces(char closing);
  std::uint32_t skip_properties(std::uint32_t offset);
  std::uint32_t skip_document_start();
  bool is_written_null(std::uint32_t offset) const;

  // Puts a finished node where it belongs.
  void place(YamlNode node, Anchor anchor);
  void place_key(Frame& frame, YamlNode node);
  void remember(const YamlNode& node, Anchor anchor);
  void remove_duplicates(YamlNode& mapping);
  void check_cut(YamlNode& scalar);
  bool spend(std::size_t nodes, std::size_t bytes, std::uint32_t offset);

  llvm::StringRef text_;
  FileId file_;
  std::uint32_t cursor_;
  Diagnostics& diagnostics_;
  llvm::SmallVector<Frame, 8> frames_;
  llvm::DenseMap<Anchor, Anchored> anchors_;
  std::optional<YamlNode> root_;
  SourceRange last_quoted_;
  std::size_t nodes_ = 0;         // made or copied
  std::size_t copied_bytes_ = 0;  // of texts copied for aliases
  bool stopped_ = false;
};

}  // namespace isola::grammar
