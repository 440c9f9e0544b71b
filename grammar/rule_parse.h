// What one parse of a rule text carries along: the text, the clauses met so far, and how errors are told.
//
// The X3 rules (rule_grammar.cpp) say what follows what; each terminal of theirs is a `take_` function here,
// so that neither the scans nor the messages are templates. Nothing here includes Boost.

#pragma once

#include <array>
#include <optional>

#include "compiler/base/diagnostics.h"
#include "grammar/rule_grammar.h"
#include "grammar/rule_syntax.h"
#include "grammar/rule_words.h"

namespace isola::grammar {

// In the order in which they are written.
enum class Clause { If, On, Peer, As, Action, When, Because };
constexpr std::size_t kClauseCount = 7;

// What is being read; decides how the text begins and which clauses it takes.
enum class TextForm { SyscallRule, AccessRule, ItemRule, Request, Test, Action };

// What the grammar was waiting for when it could not go on.
enum class Expected {
  Verb,
  SyscallVerb,
  Expectation,
  Object,
  Item,
  SetItem,
  Condition,
  Comparison,
  Value,
  SetOrRange,
  Argument,
  CloseParenthesis,
  CloseBrace,
  Peer,
  Child,
  Arch,
  Action,
  Reason,
  End,
};

struct ComparisonOperator {
  Comparison comparison{};
  SourceRange range;
};

class RuleParse {
 public:
  // `text` and `diagnostics` outlive the parse, which is a local of one function.
  RuleParse(const ScalarText& text, TextForm form, Diagnostics& diagnostics)
      : text_(&text), form_(form), diagnostics_(&diagnostics) {}

  // Terminals. Each starts behind white space; it takes its word, moves `at` behind it and returns true, or
  // leaves `at` alone. A word that is there but broken is reported at once, and false returned.
  bool take_word(std::size_t& at, ScalarText& word);      // an object: bare or quoted, no clause keyword
  bool take_item(std::size_t& at, ScalarText& word);      // the same for a list item, which has no verb
  bool take_set_item(std::size_t& at, ScalarText& item);  // inside `{A, B}`
  bool take_verb(std::size_t& at, ScalarText& verb);
  bool take_syscall_verb(std::size_t& at, ScalarText& verb);
  bool take_expectation(std::size_t& at, ScalarText& word);
  bool take_call_name(std::size_t& at, ScalarText& name);  // a name with `(` right behind it
  bool take_name(std::size_t& at, ScalarText& name);       // a parameter, a dotted word
  bool take_value(std::size_t& at, ScalarText& value);
  bool take_action_name(std::size_t& at, ScalarText& name);
  bool take_reason(std::size_t& at, ScalarText& reason);
  bool take_ordering(std::size_t& at, ComparisonOperator& op);    // == != < <= > >=
  bool take_membership(std::size_t& at, ComparisonOperator& op);  // in, not in
  bool take_keyword(std::size_t& at, llvm::StringRef keyword, SourceRange& range);
  // A clause's keyword, noted with its place; a clause out of order, repeated or unfit is reported and taken.
  bool take_clause(std::size_t& at, llvm::StringRef keyword, Clause clause);
  bool take_open(std::size_t& at, char bracket);
  bool take_close(std::size_t& at, char bracket);
  // True at a `{` whose `}` ends the word: a set standing alone.
  bool is_at_set(std::size_t at);

  // Conditions nest through these; false, with a report, beyond kMaxConditionDepth.
  bool enter_condition(std::size_t at);
  void leave_condition() { --depth_; }

  // `!` right before the comparison at bytes [begin, end).
  void report_bare_negation(std::size_t begin, std::size_t end);

  // Remembers what would have gone on at `at`; the last one remembered is what an error tells.
  void note_expected(Expected expected, std::size_t at);
  void report_failure();

  bool has_failed() const { return has_failed_; }
  TextForm form() const { return form_; }
  // What the author typed for bytes [begin, end), without white space at either end.
  SourceRange range(std::size_t begin, std::size_t end) const;

 private:
  llvm::StringRef decoded() const { return text_->decoded(); }
  bool is_at_keyword(std::size_t at, llvm::StringRef keyword) const;
  bool is_at_clause(std::size_t at) const;
  // Takes the word that `scan_word` finds; reports what is wrong with it.
  bool take_scanned(std::size_t& at, ScalarText& word);
  void report_fault(std::size_t begin, const WordScan& scan);
  bool report_comma(std::size_t end);  // always false

  // Each tells one kind of mistake when what stands at `at` is one.
  bool report_bracket(std::size_t at);
  bool report_operator(std::size_t at);
  bool report_misplaced_verb(std::size_t at);
  bool report_unquoted(std::size_t at);
  void report_expected(std::size_t at);
  bool is_in_condition() const;
  std::string describe_expected() const;
  std::string describe_end() const;
  std::string describe_previous(std::size_t at) const;
  std::size_t found_end(std::size_t at) const;

  const ScalarText* text_;
  TextForm form_;
  Diagnostics* diagnostics_;
  std::array<std::optional<SourceRange>, kClauseCount> clauses_;  // the keywords met so far
  std::optional<Clause> latest_clause_;                           // in the order of clauses
  std::optional<Clause> current_clause_;                          // the last one taken
  llvm::SmallVector<std::size_t, 8> open_brackets_;
  std::size_t depth_ = 0;
  Expected expected_ = Expected::Action;  // a lone action has nothing before it that would be noted
  std::size_t expected_at_ = 0;
  bool has_failed_ = false;    // the text is in error
  bool is_explained_ = false;  // the reason why the grammar stops has been reported
};

}  // namespace isola::grammar
