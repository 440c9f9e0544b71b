// The plainest message of the rule grammar: what was expected, behind what, and what was found.

#include "compiler/base/check.h"
#include "grammar/rule_parse.h"
#include "grammar/rule_words.h"

namespace isola::grammar {

std::string RuleParse::describe_end() const {
  if (is_in_condition()) return "`&&`, `||`, a further clause or the end";
  switch (form_) {
    case TextForm::SyscallRule:
    case TextForm::AccessRule:
      return "a clause such as `because` or the end";
    case TextForm::ItemRule:
      return "`when`, `because` or the end";
    case TextForm::Request:
    case TextForm::Test:
    case TextForm::Action:
      return "the end";
  }
  ISOLA_CHECK(false, "a text form of the enumeration");
}

std::string RuleParse::describe_expected() const {
  switch (expected_) {
    case Expected::Verb:
      return "a verb such as `read`";
    case Expected::SyscallVerb:
      return "`allow` or `deny`";
    case Expected::Expectation:
      return "`allow`, `deny`, `kill` or an error name such as `EPERM`";
    case Expected::Object:
      return form_ == TextForm::SyscallRule ? "a system call or a set such as `@io`" : "an object";
    case Expected::Item:
    case Expected::SetItem:
      return "a name";
    case Expected::Condition:
      return "a condition such as `family == AF_UNIX`";
    case Expected::Comparison:
      return "a comparison such as `== 0`";
    case Expected::Value:
      return "a value";
    case Expected::SetOrRange:
      return "a set such as `{A, B}` or a range such as `1..5`";
    case Expected::Argument:
      return "a value or `_`";
    case Expected::CloseParenthesis:
      return "`)`";
    case Expected::CloseBrace:
      return "`,` or `}`";
    case Expected::Peer:
      return "a peer such as `self`";
    case Expected::Child:
      return "the name of a child policy";
    case Expected::Arch:
      return "an architecture such as `SCMP_ARCH_X86_64`";
    case Expected::Action:
      return "an action such as `SCMP_ACT_ERRNO(EPERM)`";
    case Expected::Reason:
      return "a reason in double quotes";
    case Expected::End:
      return describe_end();
  }
  ISOLA_CHECK(false, "an expectation of the enumeration");
}

// " after `==`": the operator, keyword or word that stands before `at`.
std::string RuleParse::describe_previous(std::size_t at) const {
  const llvm::StringRef before = decoded().take_front(at).rtrim(" \t\r\n");
  if (before.empty()) return "";
  std::size_t begin = 0;
  for (std::size_t next = 0; next < before.size(); next = skip_rule_space(before, found_end(next)))
    begin = next;
  return " after `" + before.substr(begin).str() + "`";
}

void RuleParse::report_expected(std::size_t at) {
  if (at >= decoded().size()) {
    const std::size_t end = decoded().rtrim(" \t\r\n").size();
    diagnostics_->report<DiagnosticKind::RuleExpected>(
        text_->source_range(end, end), describe_expected() + describe_previous(at), "the end");
    return;
  }
  const std::size_t end = found_end(at);
  diagnostics_->report<DiagnosticKind::RuleExpected>(text_->source_range(at, end),
                                                     describe_expected() + describe_previous(at),
                                                     "`" + decoded().slice(at, end).str() + "`");
}

}  // namespace isola::grammar
