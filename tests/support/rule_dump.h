// The structure of a parsed rule as one line, for comparing in tests. Says nothing about places.
//
//   deny call(socket AF_INET _) / verbs(read write) objects(/etc/* {A B}) if(all (== family A) owner)

#pragma once

#include <llvm/ADT/STLExtras.h>

#include <string>

#include "compiler/base/match.h"
#include "grammar/rule_syntax.h"

namespace isola::grammar {

inline std::string dump(const ScalarText& text) {
  return text.decoded().contains(' ') || text.empty() ? "'" + text.str() + "'" : text.str();
}

template <typename Range>
std::string dump_all(const Range& range, llvm::StringRef separator = " ") {
  std::string joined;
  for (const auto& item : range) joined += (joined.empty() ? "" : separator.str()) + dump(item);
  return joined;
}

inline std::string dump(const ValueSyntax& value) {
  return dump_all(value.parts, "|");
}

inline std::string dump(const std::optional<ValueSyntax>& value) {
  return value ? dump(*value) : "_";
}

inline std::string dump(const ValueRangeSyntax& range) {
  return range.high ? dump(range.low) + ".." + dump(*range.high) : dump(range.low);
}

inline std::string dump(const ComparisonSyntax& compare) {
  static constexpr const char* kOperators[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not-in"};
  std::string text =
      "(" + std::string(kOperators[static_cast<int>(compare.comparison)]) + " " + dump(compare.subject);
  if (compare.mask) text += "&" + dump(*compare.mask);
  return text + " " + dump_all(compare.values) + ")";
}

inline std::string dump(const ConditionSyntax& condition) {
  switch (condition.kind) {
    case ConditionSyntax::Kind::Compare:
      return dump(condition.compare);
    case ConditionSyntax::Kind::Word:
      return dump(condition.word);
    case ConditionSyntax::Kind::Not:
      return "(not " + dump_all(condition.operands) + ")";
    case ConditionSyntax::Kind::All:
      return "(all " + dump_all(condition.operands) + ")";
    case ConditionSyntax::Kind::Any:
      return "(any " + dump_all(condition.operands) + ")";
  }
  return "";
}

inline std::string dump(const ActionSyntax& action) {
  return dump(action.name) + (action.argument ? "(" + dump(*action.argument) + ")" : "");
}

inline std::string dump(const ObjectSyntax& object) {
  return std::visit(Match{[](const ScalarText& word) { return dump(word); },
                          [](const SetSyntax& set) { return "{" + dump_all(set.items) + "}"; }},
                    object);
}

inline std::string dump(const PeerSyntax& peer) {
  return (peer.direction == PeerSyntax::Direction::To ? "to(" : "from(") + dump_all(peer.words) + ")";
}

inline std::string dump(const RuleSyntax& rule) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (rule.drop) add("drop");
  if (rule.deny) add("deny");
  if (!rule.verbs.empty()) add("verbs(" + dump_all(rule.verbs) + ")");
  add("objects(" + dump_all(rule.objects) + ")");
  if (rule.condition) add("if " + dump(*rule.condition));
  if (rule.peer) add(dump(*rule.peer));
  if (rule.child) add("as(" + dump(*rule.child) + ")");
  if (rule.action) add("-> " + dump(*rule.action));
  if (rule.when) add("when " + dump(*rule.when));
  if (rule.because) add("because(" + dump(*rule.because) + ")");
  return text;
}

inline std::string dump(const RequestSyntax& request) {
  std::string text;
  if (request.call) {
    text = "call(" + dump(request.call->name);
    for (const auto& argument : request.call->arguments) text += " " + dump(argument);
    text += ")";
  } else {
    text = "verbs(" + dump_all(request.verbs) + ") objects(" + dump_all(request.objects) + ")";
  }
  if (request.arch) text += " on(" + dump(*request.arch) + ")";
  if (request.peer) text += " " + dump(*request.peer);
  if (request.child) text += " as(" + dump(*request.child) + ")";
  return text;
}

inline std::string dump(const TestSyntax& test) {
  return dump(test.expectation) + " " + dump(test.request) +
         (test.because ? " because(" + dump(*test.because) + ")" : "");
}

}  // namespace isola::grammar
