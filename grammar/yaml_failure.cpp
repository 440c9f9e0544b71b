#include "grammar/yaml_failure.h"

#include <llvm/ADT/SmallVector.h>

#include <algorithm>

#include "grammar/yaml_scalar.h"

namespace isola::grammar {

namespace {

class FailureReport {
 public:
  FailureReport(llvm::StringRef text, YamlFailurePlace place, Diagnostics& diagnostics)
      : text_(text), place_(place), diagnostics_(diagnostics) {
    line_begin_ = line_start(place.offset);
    line_end_ = static_cast<std::uint32_t>(std::min(text.find_first_of("\r\n", place.offset), text.size()));
  }

  void report(YamlFailure failure) {
    if (report_tab() || report_swallowed_quote(failure) || report_split_rule(failure)) return;
    if (failure == YamlFailure::SecondColon && report_missing_colon()) return;
    report_kind(failure);
  }

 private:
  // A line break belongs to the line it ends.
  std::uint32_t line_start(std::uint32_t offset) const {
    const std::size_t before = text_.take_front(offset).rfind('\n');
    return before == llvm::StringRef::npos ? 0 : static_cast<std::uint32_t>(before) + 1;
  }

  SourceRange range(std::uint32_t begin, std::uint32_t end) const { return {place_.file, begin, end}; }
  SourceRange here() const { return range(place_.offset, std::max(place_.offset, line_end_)); }
  SourceRange one() const {
    return range(place_.offset, std::min(place_.offset + 1, static_cast<std::uint32_t>(text_.size())));
  }
  llvm::StringRef line() const { return text_.slice(line_begin_, line_end_); }

  bool report_tab() {
    const std::size_t text_begin = std::min(line().find_first_not_of(" \t"), line().size());
    const std::size_t tab = line().take_front(text_begin).find('\t');
    if (tab == llvm::StringRef::npos) return false;
    const auto begin = line_begin_ + static_cast<std::uint32_t>(tab);
    diagnostics_.report<DiagnosticKind::TabCharacter>(
        range(begin, line_begin_ + static_cast<std::uint32_t>(text_begin)));
    return true;
  }

  // `- deny x because "a: b: c"`: the colon lies inside the rule's own quotes.
  bool report_split_rule(YamlFailure failure) {
    if (failure != YamlFailure::SecondColon && failure != YamlFailure::Indentation) return false;
    const std::size_t item = line().find_first_not_of(" -");
    if (item == llvm::StringRef::npos || line_begin_ + item >= place_.offset) return false;
    const llvm::StringRef before = text_.slice(line_begin_ + item, place_.offset);
    if (before.count('"') % 2 == 0 || before.starts_with("\"")) return false;
    const SourceRange whole = range(line_begin_ + static_cast<std::uint32_t>(item), line_end_);
    diagnostics_.report<DiagnosticKind::QuoteSplitByColon>(whole).suggest(
        whole, quote_once(text_.slice(whole.begin, whole.end)));
    return true;
  }

  // A quote that was closed by the opening quote of another text, lines below.
  bool report_swallowed_quote(YamlFailure failure) {
    const SourceRange quoted = place_.last_quoted;
    if (failure != YamlFailure::Indentation) return false;
    if (!quoted.is_known() || quoted.begin >= quoted.end) return false;
    if (!text_.slice(quoted.begin, quoted.end).contains('\n') || place_.offset > quoted.end + 1) return false;
    const llvm::StringRef quote = text_.substr(quoted.begin, 1);
    if (quote != "\"" && quote != "'") return false;
    diagnostics_.report<DiagnosticKind::UnterminatedQuote>(range(quoted.begin, quoted.begin + 1), quote)
        .label(range(quoted.end - 1, quoted.end), "only closed here");
    return true;
  }

  // A word alone on the line above a key: YAML joins the two lines, and stops at the key's colon.
  bool report_missing_colon() {
    if (line_begin_ == 0) return false;
    const std::uint32_t above_begin = line_start(line_begin_ - 1);
    const llvm::StringRef above = text_.slice(above_begin, line_begin_).rtrim();
    const std::size_t indentation = above.find_first_not_of(' ');
    const llvm::StringRef word = above.ltrim(' ');
    const bool lines_up = indentation == line().find_first_not_of(' ');
    if (!lines_up || word.contains(':') || word.starts_with("-") || word.starts_with("#")) return false;
    const auto begin = above_begin + static_cast<std::uint32_t>(indentation);
    const auto end = begin + static_cast<std::uint32_t>(word.size());
    diagnostics_.report<DiagnosticKind::MissingColon>(range(begin, end), word);
    return true;
  }

  void report_kind(YamlFailure failure) {
    switch (failure) {
      case YamlFailure::Indentation:
        report_indentation();
        return;
      case YamlFailure::UnclosedBracket:
        report_open_bracket();
        return;
      case YamlFailure::StrayBracket:
        report_stray_bracket();
        return;
      case YamlFailure::Escape:
        report_escape();
        return;
      case YamlFailure::StartOfValue:
        report_start_of_value();
        return;
      case YamlFailure::Quote:
        report_quote();
        return;
      case YamlFailure::Tab:
        diagnostics_.report<DiagnosticKind::TabCharacter>(one());
        return;
      case YamlFailure::SecondColon:
        diagnostics_.report<DiagnosticKind::SecondColon>(one());
        return;
      case YamlFailure::ListOnKeyLine:
        diagnostics_.report<DiagnosticKind::ListOnKeyLine>(one());
        return;
      case YamlFailure::Anchor:
        report_anchor();
        return;
      case YamlFailure::BlockHeader:
        diagnostics_.report<DiagnosticKind::BadBlockHeader>(here());
        return;
      case YamlFailure::Tag:
        diagnostics_.report<DiagnosticKind::YamlTag>(word(), text_of(word()));
        return;
      case YamlFailure::Directive:
        diagnostics_.report<DiagnosticKind::YamlDirective>(here(), text_of(here()));
        return;
      case YamlFailure::Other:
        diagnostics_.report<DiagnosticKind::NotYaml>(here());
        return;
    }
  }

  llvm::StringRef text_of(SourceRange part) const { return text_.slice(part.begin, part.end); }

  SourceRange word() const {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,[]{}", place_.offset), text_.size());
    return range(place_.offset, static_cast<std::uint32_t>(end));
  }

  // At the start of a line it is the column that is wrong; further in, a value has already ended.
  void report_indentation() {
    const llvm::StringRef before = text_.slice(line_begin_, place_.offset);
    if (before.trim(' ').empty()) {
      diagnostics_.report<DiagnosticKind::BadIndentation>(here());
    } else {
      diagnostics_.report<DiagnosticKind::StrayText>(here(), text_of(here()).rtrim());
    }
  }

  // The innermost bracket open where the parser stopped. The parser tells late of brackets that may be a key.
  SourceRange find_open_bracket() const {
    llvm::SmallVector<std::uint32_t, 8> open;
    std::uint32_t at = place_.open_bracket.is_known() ? place_.open_bracket.begin : line_begin_;
    for (; at < place_.offset; ++at) {
      const char letter = text_[at];
      const bool starts_quote =
          (letter == '"' || letter == '\'') && at > 0 && llvm::StringRef(" ,:[{").contains(text_[at - 1]);
      if (starts_quote) {
        at = static_cast<std::uint32_t>(std::min<std::size_t>(text_.find(letter, at + 1), place_.offset));
      } else if (letter == '[' || letter == '{') {
        open.push_back(at);
      } else if ((letter == ']' || letter == '}') && !open.empty()) {
        open.pop_back();
      }
    }
    return open.empty() ? SourceRange{} : range(open.back(), open.back() + 1);
  }

  void report_open_bracket() {
    const SourceRange found = find_open_bracket();
    const SourceRange bracket = found.is_known() ? found : one();
    diagnostics_.report<DiagnosticKind::UnclosedBracket>(bracket, text_of(bracket))
        .label(one(), "not closed before this");
  }

  void report_stray_bracket() {
    if (find_open_bracket().is_known()) {
      report_open_bracket();
    } else {
      diagnostics_.report<DiagnosticKind::StrayText>(one(), text_.substr(place_.offset, 1));
    }
  }

  // The parser stands behind the escape's letter, or behind its digits.
  void report_escape() {
    const std::size_t slash = text_.take_front(place_.offset).rfind('\\');
    const std::uint32_t begin =
        slash == llvm::StringRef::npos ? place_.offset : static_cast<std::uint32_t>(slash);
    const SourceRange escape = range(begin, std::max(place_.offset, begin));
    diagnostics_.report<DiagnosticKind::BadEscape>(escape, text_of(escape));
  }

  void report_start_of_value() {
    const llvm::StringRef letter = text_.substr(place_.offset, 1);
    if (letter.empty() || !llvm::StringRef("@`%|>&*!").contains(letter.front())) {
      diagnostics_.report<DiagnosticKind::NotYaml>(here());
      return;
    }
    diagnostics_.report<DiagnosticKind::ReservedCharacter>(one(), letter);
  }

  void report_quote() {
    const std::size_t quote = text_.take_front(place_.offset).find_last_of("\"'");
    const std::uint32_t begin =
        quote == llvm::StringRef::npos ? place_.offset : static_cast<std::uint32_t>(quote);
    diagnostics_.report<DiagnosticKind::UnterminatedQuote>(range(begin, begin + 1), text_.substr(begin, 1));
  }

  void report_anchor() { diagnostics_.report<DiagnosticKind::UnknownAnchor>(word(), text_of(word())); }

  llvm::StringRef text_;
  YamlFailurePlace place_;
  Diagnostics& diagnostics_;  // outlives this: a report is one call
  std::uint32_t line_begin_ = 0;
  std::uint32_t line_end_ = 0;
};

}  // namespace

void report_failure(llvm::StringRef text, YamlFailure failure, YamlFailurePlace place,
                    Diagnostics& diagnostics) {
  place.offset = std::min(place.offset, static_cast<std::uint32_t>(text.size()));
  FailureReport(text, place, diagnostics).report(failure);
}

}  // namespace isola::grammar
