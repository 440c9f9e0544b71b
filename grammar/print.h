// Syntax back to text, in the one canonical spelling: `isola fmt`, messages, round-trip tests.
//
// Names stay as they are written; only spacing, parentheses, quotes and the order of verbs are made equal.

#pragma once

#include <string>

#include "grammar/rule_syntax.h"

namespace isola::grammar {

// One line without a line break. Parsing it again gives the same syntax with its verbs in canonical order.
std::string print_rule(const RuleSyntax& rule);
std::string print_request(const RequestSyntax& request);
std::string print_test(const TestSyntax& test);
std::string print_action(const ActionSyntax& action);
std::string print_condition(const ConditionSyntax& condition);

}  // namespace isola::grammar
