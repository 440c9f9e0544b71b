// Rule text to RuleSyntax, with Boost.Spirit X3. rule_grammar_x3.h is the only file that includes Boost, and
// rule_grammar.cpp the only one that includes that.
//
// A syntax error is reported at the bytes of the file it stands in, whatever quoting or folding lies between.
// Limits: conditions nest at most kMaxConditionDepth deep.

#pragma once

#include <optional>

#include "compiler/base/diagnostics.h"
#include "grammar/rule_syntax.h"

namespace isola::grammar {

constexpr std::size_t kMaxConditionDepth = 64;

// How a section's rules begin.
enum class RuleForm {
  Syscall,  // [drop] allow|deny OBJECT...            `verbs` holds the one word; `deny` is set too for deny
  Access,   // [drop] [deny] VERB[,VERB...] OBJECT...
  Item,     // [drop] OBJECT                          capabilities, namespaces
};

// Each returns nothing after an error; the error has been reported.
std::optional<RuleSyntax> parse_rule(const ScalarText& text, RuleForm form, Diagnostics& diagnostics);
std::optional<RequestSyntax> parse_request(const ScalarText& text, Diagnostics& diagnostics);
std::optional<TestSyntax> parse_test(const ScalarText& text, Diagnostics& diagnostics);
std::optional<ActionSyntax> parse_action(const ScalarText& text, Diagnostics& diagnostics);

}  // namespace isola::grammar
