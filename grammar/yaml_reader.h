// Bytes to a tree of YAML nodes, strictly: what YAML lets slip, this refuses by name.
//
// Refused, each with a diagnostic of its own: duplicate keys, several documents, tags, merge keys, tabs in
// indentation, unterminated quotes, bytes that are not UTF-8, NUL, nesting deeper than kMaxDepth, files
// larger than kMaxFileSize, aliases that expand to more than kMaxNodes nodes or kMaxFileSize bytes of text,
// or that contain themselves. Every scalar stays text; what it is, its reader decides.

#pragma once

#include <optional>
#include <vector>

#include "compiler/base/diagnostics.h"
#include "grammar/scalar_text.h"

namespace isola::grammar {

constexpr std::size_t kMaxFileSize = std::size_t{4} << 20;  // bytes
constexpr std::size_t kMaxDepth = 64;                       // nested collections
constexpr std::size_t kMaxNodes = 500'000;                  // after aliases are expanded

enum class ScalarStyle { Plain, SingleQuoted, DoubleQuoted, Literal, Folded };

struct YamlEntry;

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Mapping };

  Kind kind = Kind::Null;
  SourceRange range;               // a scalar with its quotes; a collection from its first to its last entry
  ScalarText scalar{};             // Kind::Scalar
  ScalarStyle style{};             // Kind::Scalar
  std::vector<YamlNode> items{};   // Kind::Sequence
  std::vector<YamlEntry> entries;  // Kind::Mapping, in file order, keys unique scalars
  bool is_flow = false;            // written as [..] or {..}
  bool is_reported = false;        // an error says already why this is not what its author meant

  const YamlEntry* find(llvm::StringRef key) const;
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

// Reads one document. Nothing is returned when the text is no YAML at all or a limit is passed; otherwise the
// tree, with an error reported for every trap found in it. An empty file gives a Null node.
std::optional<YamlNode> read_yaml(const SourceManager& sources, FileId file, Diagnostics& diagnostics);

}  // namespace isola::grammar
