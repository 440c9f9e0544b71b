// YAML nodes to PolicySyntax: which keys exist, what shape their values have, and the rules inside them.

#pragma once

#include <optional>

#include "compiler/base/diagnostics.h"
#include "grammar/policy_syntax.h"
#include "grammar/yaml_reader.h"

namespace isola::grammar {

// Reads a whole file: YAML, keys, rules. What could be read is returned even after errors, so that later
// stages find more; nothing when there was no mapping to read.
std::optional<PolicySyntax> read_policy(const SourceManager& sources, FileId file, Diagnostics& diagnostics);

}  // namespace isola::grammar
