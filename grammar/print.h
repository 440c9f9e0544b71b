// Syntax back to text, in the one canonical spelling: `isola fmt`, messages, round-trip tests.
//
// Names stay as they are written; only spacing, parentheses, quotes and the order of verbs are made equal.

#pragma once

#include <optional>
#include <string>

#include "compiler/base/source.h"
#include "grammar/rule_syntax.h"
#include "grammar/yaml_reader.h"

namespace isola::grammar {

// One line without a line break. Parsing it again gives the same syntax with its verbs in canonical order.
std::string print_rule(const RuleSyntax& rule);
std::string print_request(const RequestSyntax& request);
std::string print_test(const TestSyntax& test);
std::string print_action(const ActionSyntax& action);
std::string print_condition(const ConditionSyntax& condition);

// The canonical text of a whole policy file: sections in the order of the language, two columns of
// indentation, one rule per line, short lists in brackets. Every comment is kept, and what a file means: the
// text is read again to see that. Nothing for a file with errors, which have been reported.
std::optional<std::string> format_policy(const SourceManager& sources, FileId file, Diagnostics& diagnostics);

// The layout alone. `tree` is what read_yaml gave for `file`, and the file has been read without errors.
std::string print_policy(const SourceManager& sources, FileId file, const YamlNode& tree);

}  // namespace isola::grammar
