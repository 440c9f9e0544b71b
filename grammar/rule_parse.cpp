#include "grammar/rule_parse.h"

#include <llvm/ADT/StringExtras.h>

#include "grammar/rule_words.h"

namespace isola::grammar {

SourceRange RuleParse::range(std::size_t begin, std::size_t end) const {
  while (end > begin && is_rule_space(decoded()[end - 1])) --end;
  while (begin < end && is_rule_space(decoded()[begin])) ++begin;
  return text_->source_range(begin, end);
}

bool RuleParse::is_at_keyword(std::size_t at, llvm::StringRef keyword) const {
  return is_keyword_at(decoded(), at, keyword);
}

bool RuleParse::is_at_clause(std::size_t at) const {
  const bool takes_arch = form_ == TextForm::Request || form_ == TextForm::Test;
  return starts_clause(decoded().substr(at)) && (takes_arch || !is_at_keyword(at, "on"));
}

// ---- Words ----

bool RuleParse::take_word(std::size_t& at, ScalarText& word) {
  if (at >= decoded().size() || is_at_clause(at)) return false;
  return take_scanned(at, word);
}

bool RuleParse::take_item(std::size_t& at, ScalarText& word) {
  if (is_at_keyword(at, "allow") || is_at_keyword(at, "deny")) return false;
  return take_word(at, word);
}

bool RuleParse::take_set_item(std::size_t& at, ScalarText& item) {
  if (at < decoded().size() && decoded()[at] == '"') return take_scanned(at, item);
  std::size_t end = at;
  while (end < decoded().size() && !is_rule_space(decoded()[end]) &&
         !llvm::StringRef(",{}").contains(decoded()[end])) {
    ++end;
  }
  if (end == at) return false;
  item = text_->slice(at, end);
  at = end;
  return true;
}

bool RuleParse::take_verb(std::size_t& at, ScalarText& verb) {
  const llvm::StringRef rest = decoded().substr(at);
  const std::size_t length =
      rest.take_while([](char byte) { return llvm::isLower(byte) || llvm::isDigit(byte) || byte == '_'; })
          .size();
  const bool ends_here = length == rest.size() || is_rule_space(rest[length]) || rest[length] == ',';
  if (length == 0 || !llvm::isLower(rest[0]) || !ends_here || is_at_clause(at)) return false;
  const llvm::StringRef word = rest.take_front(length);
  if (word == "allow" || word == "deny" || word == "drop") return false;
  verb = text_->slice(at, at + length);
  at += length;
  return true;
}

bool RuleParse::take_syscall_verb(std::size_t& at, ScalarText& verb) {
  for (const llvm::StringRef known : {"allow", "deny"}) {
    if (!is_at_keyword(at, known)) continue;
    verb = text_->slice(at, at + known.size());
    at += known.size();
    return true;
  }
  return false;
}

bool RuleParse::take_expectation(std::size_t& at, ScalarText& word) {
  const llvm::StringRef written =
      decoded().substr(at).take_while([](char byte) { return !is_rule_space(byte); });
  const bool is_errno = written.size() > 1 && written[0] == 'E' && llvm::all_of(written, [](char byte) {
                          return llvm::isUpper(byte) || llvm::isDigit(byte);
                        });
  if (!is_errno && written != "allow" && written != "deny" && written != "kill") return false;
  word = text_->slice(at, at + written.size());
  at += written.size();
  return true;
}

bool RuleParse::take_call_name(std::size_t& at, ScalarText& name) {
  const llvm::StringRef rest = decoded().substr(at);
  const std::size_t length =
      rest.take_while([](char byte) { return llvm::isAlnum(byte) || byte == '_'; }).size();
  if (length == 0 || length == rest.size() || rest[length] != '(') return false;
  name = text_->slice(at, at + length);
  at += length;
  return true;
}

bool RuleParse::take_name(std::size_t& at, ScalarText& name) {
  const std::size_t end = scan_name(decoded(), at);
  if (end == at || is_reserved_word(decoded().slice(at, end))) return false;
  name = text_->slice(at, end);
  at = end;
  return true;
}

bool RuleParse::take_value(std::size_t& at, ScalarText& value) {
  if (at < decoded().size() && decoded()[at] == '"') return take_scanned(at, value);
  const std::size_t end = scan_value(decoded(), at);
  if (end == at || is_reserved_word(decoded().slice(at, end))) return false;
  value = text_->slice(at, end);
  at = end;
  return true;
}

bool RuleParse::take_action_name(std::size_t& at, ScalarText& name) {
  const bool is_named = at < decoded().size() && (llvm::isAlpha(decoded()[at]) || decoded()[at] == '$');
  return is_named && take_value(at, name);
}

bool RuleParse::take_reason(std::size_t& at, ScalarText& reason) {
  return at < decoded().size() && decoded()[at] == '"' && take_scanned(at, reason);
}

// ---- Operators and keywords ----

bool RuleParse::take_ordering(std::size_t& at, ComparisonOperator& op) {
  struct Spelling {
    llvm::StringRef text;
    Comparison comparison;
  };
  // Longer before shorter.
  static constexpr Spelling kSpellings[] = {
      {"==", Comparison::Equal},        {"!=", Comparison::NotEqual}, {"<=", Comparison::LessEqual},
      {">=", Comparison::GreaterEqual}, {"<", Comparison::Less},      {">", Comparison::Greater},
  };
  for (const Spelling& spelling : kSpellings) {
    if (!decoded().substr(at).starts_with(spelling.text)) continue;
    op = {spelling.comparison, text_->source_range(at, at + spelling.text.size())};
    at += spelling.text.size();
    return true;
  }
  return false;
}

bool RuleParse::take_membership(std::size_t& at, ComparisonOperator& op) {
  const bool is_negated = is_at_keyword(at, "not");
  const std::size_t in = is_negated ? skip_rule_space(decoded(), at + 3) : at;
  if (!is_at_keyword(in, "in")) return false;
  op = {is_negated ? Comparison::NotIn : Comparison::In, text_->source_range(at, in + 2)};
  at = in + 2;
  return true;
}

bool RuleParse::take_keyword(std::size_t& at, llvm::StringRef keyword, SourceRange& range) {
  if (!is_at_keyword(at, keyword)) return false;
  range = text_->source_range(at, at + keyword.size());
  at += keyword.size();
  return true;
}

bool RuleParse::take_open(std::size_t& at, char bracket) {
  if (at >= decoded().size() || decoded()[at] != bracket) return false;
  open_brackets_.push_back(at++);
  return true;
}

bool RuleParse::take_close(std::size_t& at, char bracket) {
  if (at >= decoded().size() || decoded()[at] != bracket) return false;
  open_brackets_.pop_back();
  ++at;
  return true;
}

}  // namespace isola::grammar
