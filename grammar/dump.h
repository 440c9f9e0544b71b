// The syntax as text, every word with its place: for `isola dump --stage syntax` and the goldens on
// positions.

#pragma once

#include <string>

#include "grammar/policy_syntax.h"

namespace isola::grammar {

// One line per word or group of words, indented by two below what they belong to:
//
//   files
//     rule
//       verb `read` 3:5-9
//       object `/etc/hosts` 3:10-20
//
// Places are LINE:COLUMN-COLUMN, or LINE:COLUMN-LINE:COLUMN over several lines, ends exclusive.
std::string dump_syntax(const SourceManager& sources, const PolicySyntax& policy);

// The same without places and without the order of verbs: two files with one such text say the same.
std::string dump_meaning(const PolicySyntax& policy);

}  // namespace isola::grammar
