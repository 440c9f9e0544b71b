// Text of a pattern to nodes: the two passes of the AppArmor parser, errors in offsets of the text as given.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <variant>

#include "compiler/ir/path_node.h"
#include "compiler/ir/path_pattern.h"

namespace isola::ir {

std::variant<PathSequence, PatternError> parse_pattern_nodes(llvm::StringRef text);

}  // namespace isola::ir
