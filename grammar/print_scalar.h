// A YAML scalar as text: plain where that is safe, otherwise in the quotes that change least.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "grammar/key_table.h"
#include "grammar/yaml_reader.h"

namespace isola::grammar {

enum class ScalarPlace { Block, Flow };

// `decoded` as a scalar of one line: plain, else single-quoted, else with escapes in double quotes.
std::string print_plain_or_quoted(llvm::StringRef decoded, ScalarPlace place);

// The scalar on one line. Rules and actions in their canonical spelling; what is in quotes stays as it is in
// `text`, the file.
std::string print_scalar(llvm::StringRef text, const YamlNode& scalar, Shape shape, ScalarPlace place);

// A text of several lines as a block scalar: its header, then its lines without indentation. Folded text is
// wrapped at `width` columns. Nothing when a block scalar would not read back as the same text.
struct BlockScalar {
  std::string header;
  std::vector<std::string> lines;
};
std::optional<BlockScalar> print_block_scalar(const YamlNode& scalar, std::size_t width);

// Whether values of this shape are rule text, which has a canonical spelling of its own.
bool is_rule_shape(Shape shape);

}  // namespace isola::grammar
