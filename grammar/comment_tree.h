// A YAML tree with the comments of its file, each attached to the node that it speaks about.
//
// The parser drops comments; this finds them again in the text between the scalars. A comment behind
// something on the same line belongs to that; one on lines of its own belongs to what follows, or, when it is
// indented deeper than what follows, to the end of the collection it is indented into.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <string>
#include <vector>

#include "grammar/yaml_reader.h"

namespace isola::grammar {

struct CommentLine {
  std::string text;           // from `#`, without white space at the end
  bool blank_before = false;  // an empty line stands above it
};

// A list item, or an entry of a mapping with its key.
struct CommentedNode {
  const YamlNode* key = nullptr;   // of the tree, which outlives this one; null for a list item
  const YamlNode* node = nullptr;  // the same
  std::string anchor;              // `&name`
  std::string alias;               // `*name`; the node is then a copy of what stands elsewhere
  std::vector<CommentLine> leading;
  std::string trailing;
  bool blank_before = false;
  std::vector<CommentedNode> children;
  std::vector<CommentLine> tail;  // behind the last child
};

// `root` was read from `text`.
CommentedNode attach_comments(llvm::StringRef text, const YamlNode& root);

// Every comment of the file in its order.
std::vector<std::string> find_comments(llvm::StringRef text, const YamlNode& root);

}  // namespace isola::grammar
