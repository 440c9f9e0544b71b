// What a RuleParse tells the user: every message of the rule grammar.
//
// A grammar only knows what it waited for and where. What people meant is read off the text found there.

#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSwitch.h>

#include "compiler/base/check.h"
#include "grammar/rule_parse.h"
#include "grammar/rule_words.h"

namespace isola::grammar {

static constexpr const char* kClauseOrder =
    "the order is: `if`, `to` or `from`, `as`, `->`, `when`, `because`; in a request: `on`, `to` or `from`, "
    "`as`";

static llvm::StringRef describe_form(TextForm form) {
  switch (form) {
    case TextForm::SyscallRule:
      return "a system call rule";
    case TextForm::AccessRule:
      return "an access rule";
    case TextForm::ItemRule:
      return "a list item";
    case TextForm::Request:
      return "a request";
    case TextForm::Test:
      return "a test";
    case TextForm::Action:
      return "an action";
  }
  ISOLA_CHECK(false, "a text form of the enumeration");
}

static bool is_clause_allowed(TextForm form, Clause clause) {
  switch (form) {
    case TextForm::SyscallRule:
      return clause == Clause::If || clause == Clause::Action || clause == Clause::When ||
             clause == Clause::Because;
    case TextForm::AccessRule:
      return clause != Clause::On;
    case TextForm::ItemRule:
      return clause == Clause::When || clause == Clause::Because;
    case TextForm::Request:
      return clause == Clause::On || clause == Clause::Peer || clause == Clause::As;
    case TextForm::Test:
      return clause == Clause::On || clause == Clause::Peer || clause == Clause::As ||
             clause == Clause::Because;
    case TextForm::Action:
      return false;
  }
  ISOLA_CHECK(false, "a text form of the enumeration");
}

// ---- Clauses ----

bool RuleParse::take_clause(std::size_t& at, llvm::StringRef keyword, Clause clause) {
  if (!is_at_keyword(at, keyword)) return false;
  if (clause == Clause::On && !is_clause_allowed(form_, clause)) return false;
  const SourceRange place = text_->source_range(at, at + keyword.size());
  std::optional<SourceRange>& seen = clauses_[static_cast<std::size_t>(clause)];
  if (!is_clause_allowed(form_, clause)) {
    has_failed_ = true;
    diagnostics_->report<DiagnosticKind::ClauseNotHere>(place, describe_form(form_), keyword);
  } else if (seen) {
    has_failed_ = true;
    diagnostics_->report<DiagnosticKind::ClauseRepeated>(place, keyword).label(*seen, "the first one");
  } else if (latest_clause_ && *latest_clause_ > clause) {
    has_failed_ = true;
    diagnostics_->report<DiagnosticKind::ClauseOrder>(place, keyword)
        .label(*clauses_[static_cast<std::size_t>(*latest_clause_)], "this one comes after it")
        .help(kClauseOrder);
  }
  seen = place;
  latest_clause_ = std::max(latest_clause_.value_or(clause), clause);
  current_clause_ = clause;
  at += keyword.size();
  return true;
}

bool RuleParse::enter_condition(std::size_t at) {
  if (is_explained_) return false;
  if (depth_ == kMaxConditionDepth) {
    has_failed_ = is_explained_ = true;
    diagnostics_->report<DiagnosticKind::ConditionTooDeep>(
        text_->source_range(at, std::min(at + 1, decoded().size())), kMaxConditionDepth);
    return false;
  }
  ++depth_;
  return true;
}

void RuleParse::report_bare_negation(std::size_t begin, std::size_t end) {
  has_failed_ = true;
  const std::string comparison = "(" + decoded().slice(begin, end).trim(" \t\r\n").str() + ")";
  // With the `!`, so that the suggestion reads as what would be written.
  const std::size_t negation = decoded().take_front(begin).rtrim(" \t\r\n").size() - 1;
  const SourceRange place = range(negation, end);
  diagnostics_->report<DiagnosticKind::NegatedComparison>(place).suggest(place, "!" + comparison);
}

// ---- Broken words ----

// The whole of a word whose braces hold white space, without it; nothing when they stay open.
static std::optional<WordScan> scan_spaced_word(llvm::StringRef text, std::size_t bracket) {
  const std::optional<std::size_t> closing = find_closing_bracket(text, bracket);
  if (!closing || text.slice(bracket, *closing).contains('"')) return std::nullopt;
  std::size_t end = *closing + 1;
  while (end < text.size() && !is_rule_space(text[end])) ++end;
  return WordScan{.end = end, .fault = WordFault::None, .fault_at = 0};
}

static std::string without_space(llvm::StringRef text) {
  std::string packed;
  llvm::copy_if(text, std::back_inserter(packed), [](char byte) { return !is_rule_space(byte); });
  return packed;
}

bool RuleParse::take_scanned(std::size_t& at, ScalarText& word) {
  const WordScan scan = scan_word(decoded(), at);
  if (scan.fault == WordFault::None) {
    const bool is_quoted = decoded()[at] == '"';
    if (!is_quoted && decoded()[scan.end - 1] == ',') return report_comma(scan.end);
    word = is_quoted ? unquote(*text_, at, scan.end) : text_->slice(at, scan.end);
    at = scan.end;
    return true;
  }
  if (!is_explained_) report_fault(at, scan);
  has_failed_ = is_explained_ = true;
  return false;
}

void RuleParse::report_fault(std::size_t begin, const WordScan& scan) {
  const SourceRange place = text_->source_range(scan.fault_at, scan.fault_at + 1);
  const llvm::StringRef byte = decoded().substr(scan.fault_at, 1);
  switch (scan.fault) {
    case WordFault::None:
      return;
    case WordFault::OpenQuote:
      diagnostics_->report<DiagnosticKind::RuleQuoteOpen>(place);
      return;
    case WordFault::UnknownEscape: {
      const SourceRange escape = text_->source_range(scan.fault_at, scan.fault_at + 2);
      const llvm::StringRef written = decoded().substr(scan.fault_at, 2);
      diagnostics_->report<DiagnosticKind::RuleEscapeUnknown>(escape, written)
          .suggest(escape, "\\" + written.str());
      return;
    }
    case WordFault::QuoteInside:
      diagnostics_->report<DiagnosticKind::RuleQuoteInside>(place);
      return;
    case WordFault::ExtraBracket:
      diagnostics_->report<DiagnosticKind::RuleBracketExtra>(place, byte);
      return;
    case WordFault::OpenBracket:
      if (const auto spaced = scan_spaced_word(decoded(), scan.fault_at)) {
        diagnostics_->report<DiagnosticKind::RuleWordSpaced>(text_->source_range(begin, spaced->end), byte)
            .suggest(text_->source_range(begin, spaced->end),
                     without_space(decoded().slice(begin, spaced->end)));
      } else {
        diagnostics_->report<DiagnosticKind::RuleBracketOpen>(place, byte);
      }
      return;
  }
}

bool RuleParse::report_comma(std::size_t end) {
  if (!is_explained_) {
    const SourceRange place = text_->source_range(end - 1, end);
    const llvm::StringRef before = decoded().take_front(end - 1).rtrim(" \t\r\n");
    const llvm::StringRef word = before.substr(before.find_last_of(" \t\r\n") + 1);
    diagnostics_->report<DiagnosticKind::RuleComma>(place, word).suggest(place, "");
  }
  has_failed_ = is_explained_ = true;
  return false;
}

bool RuleParse::is_at_set(std::size_t at) {
  if (at >= decoded().size() || decoded()[at] != '{') return false;
  const std::optional<std::size_t> closing = find_closing_bracket(decoded(), at);
  if (!closing) {
    report_fault(at, {.end = at, .fault = WordFault::OpenBracket, .fault_at = at});
    has_failed_ = is_explained_ = true;
    return false;
  }
  return *closing + 1 == decoded().size() || is_rule_space(decoded()[*closing + 1]);
}

// ---- What the grammar waited for ----

void RuleParse::note_expected(Expected expected, std::size_t at) {
  expected_ = expected;
  expected_at_ = at;
}

void RuleParse::report_failure() {
  has_failed_ = true;
  if (is_explained_) return;
  is_explained_ = true;
  const std::size_t at = skip_rule_space(decoded(), expected_at_);
  if (report_bracket(at) || report_operator(at) || report_misplaced_verb(at) || report_unquoted(at)) return;
  report_expected(at);
}

// The end of what stands at `at`, for underlining and naming it.
std::size_t RuleParse::found_end(std::size_t at) const {
  const llvm::StringRef text = decoded();
  if (at >= text.size()) return at;
  const llvm::StringRef operators = "=!<>&|";
  const llvm::StringRef brackets = "(){}[],";
  if (brackets.contains(text[at])) return at + 1;
  if (text.substr(at).starts_with("->")) return at + 2;
  if (text[at] == '"') return scan_word(text, at).end;
  const bool is_operator = operators.contains(text[at]);
  std::size_t end = at;
  while (end < text.size() && !is_rule_space(text[end]) && !brackets.contains(text[end]) &&
         operators.contains(text[end]) == is_operator) {
    ++end;
  }
  return end;
}

bool RuleParse::report_bracket(std::size_t at) {
  if (at >= decoded().size() && !open_brackets_.empty()) {
    const std::size_t open = open_brackets_.back();
    diagnostics_->report<DiagnosticKind::RuleBracketOpen>(text_->source_range(open, open + 1),
                                                          decoded().substr(open, 1));
    return true;
  }
  const bool is_closing = at < decoded().size() && llvm::StringRef(")}]").contains(decoded()[at]);
  if (!is_closing || !open_brackets_.empty()) return false;
  diagnostics_->report<DiagnosticKind::RuleBracketExtra>(text_->source_range(at, at + 1),
                                                         decoded().substr(at, 1));
  return true;
}

// What other languages write where this one writes an operator.
static llvm::StringRef intended_operator(llvm::StringRef found) {
  return llvm::StringSwitch<llvm::StringRef>(found)
      .Cases("=", "===", "==")
      .Case("=<", "<=")
      .Case("=>", ">=")
      .Cases("<>", "!==", "!=")
      .Cases("and", "&", "&&")
      .Cases("or", "|", "||")
      .Case("not", "!")
      .Default("");
}

bool RuleParse::is_in_condition() const {
  return current_clause_ == Clause::If || current_clause_ == Clause::When;
}

bool RuleParse::report_operator(std::size_t at) {
  const bool waits_for_operator = expected_ == Expected::End || expected_ == Expected::CloseParenthesis ||
                                  expected_ == Expected::Comparison;
  const std::size_t end = found_end(at);
  const llvm::StringRef found = decoded().slice(at, end);
  const llvm::StringRef intended = intended_operator(found);
  if (!is_in_condition() || intended.empty()) return false;
  if (found == "not" ? expected_ != Expected::Condition : !waits_for_operator) return false;
  // `not x` becomes `!x`.
  const std::size_t replaced_end = found == "not" ? skip_rule_space(decoded(), end) : end;
  auto draft =
      diagnostics_->report<DiagnosticKind::RuleOperator>(text_->source_range(at, end), found, intended);
  draft.suggest(text_->source_range(at, replaced_end), intended.str());
  if (found == "not") draft.help("a comparison stands in parentheses then: `!(family == AF_UNIX)`");
  return true;
}

bool RuleParse::report_misplaced_verb(std::size_t at) {
  const llvm::StringRef found = decoded().slice(at, found_end(at));
  if (expected_ == Expected::Verb || expected_ == Expected::Item) {
    if (found != "allow" && found != "deny") return false;
    const SourceRange edit = text_->source_range(at, skip_rule_space(decoded(), at + found.size()));
    diagnostics_
        ->report<DiagnosticKind::VerbNotHere>(text_->source_range(at, at + found.size()), found,
                                              describe_form(form_))
        .suggest(edit, "");
    return true;
  }
  if ((expected_ != Expected::SyscallVerb && expected_ != Expected::Expectation) || found.empty())
    return false;
  const SourceRange place = text_->source_range(at, at + found.size());
  auto draft = expected_ == Expected::SyscallVerb
                   ? diagnostics_->report<DiagnosticKind::SyscallVerbMissing>(place, found)
                   : diagnostics_->report<DiagnosticKind::ExpectationMissing>(place, found);
  for (const llvm::StringRef verb : {"allow", "deny"}) {
    if (found.edit_distance(verb) <= 2 && found.size() > 3) {
      draft.suggest(place, verb.str());
      return true;
    }
  }
  draft.suggest(text_->source_range(at, at), "allow ");
  return true;
}

// The values `A, B` or `A` that stand where `{A, B}` belongs.
static std::size_t scan_value_list(llvm::StringRef text, std::size_t at) {
  std::size_t end = scan_value(text, at);
  while (end > at) {
    const std::size_t comma = skip_rule_space(text, end);
    if (comma >= text.size() || text[comma] != ',') break;
    const std::size_t next = skip_rule_space(text, comma + 1);
    const std::size_t next_end = scan_value(text, next);
    if (next_end == next) break;
    end = next_end;
  }
  return end;
}

bool RuleParse::report_unquoted(std::size_t at) {
  if (at >= decoded().size()) return false;
  if (expected_ == Expected::Reason) {
    const llvm::StringRef rest = decoded().substr(at).rtrim(" \t\r\n");
    const SourceRange place = text_->source_range(at, at + rest.size());
    diagnostics_->report<DiagnosticKind::ReasonUnquoted>(place).suggest(place, quote(rest));
    return true;
  }
  const std::size_t end = scan_value_list(decoded(), at);
  if (expected_ != Expected::SetOrRange || end == at) return false;
  const SourceRange place = text_->source_range(at, end);
  diagnostics_->report<DiagnosticKind::SetWithoutBraces>(place).suggest(
      place, "{" + decoded().slice(at, end).str() + "}");
  return true;
}

}  // namespace isola::grammar
