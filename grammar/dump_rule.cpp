#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/base/match.h"
#include "grammar/dump_writer.h"

namespace isola::grammar {

void DumpWriter::line(llvm::StringRef content) {
  out_.append(2 * depth_, ' ');
  out_ += content;
  out_ += '\n';
}

void DumpWriter::open(llvm::StringRef title) {
  line(title);
  ++depth_;
}

void DumpWriter::open(llvm::StringRef title, const ScalarText& text) {
  this->text(title, text);
  ++depth_;
}

void DumpWriter::open(llvm::StringRef title, SourceRange range) {
  place(title, range);
  ++depth_;
}

// With the space before it.
std::string DumpWriter::show_place(SourceRange range) const {
  if (sources_ == nullptr) return "";
  if (!range.is_known()) return " -";
  const LineColumn begin = sources_->line_column(range.file, range.begin);
  const LineColumn end = sources_->line_column(range.file, range.end);
  if (begin.line == end.line) return fmt::format(" {}:{}-{}", begin.line, begin.column, end.column);
  return fmt::format(" {}:{}-{}:{}", begin.line, begin.column, end.line, end.column);
}

// Line breaks and backslashes inside a text are shown as escapes, so that a line stays a line.
static std::string show_text(llvm::StringRef text) {
  std::string shown;
  for (const char letter : text) {
    if (letter == '\n') {
      shown += "\\n";
    } else if (letter == '\\') {
      shown += "\\\\";
    } else {
      shown += letter;
    }
  }
  return shown;
}

void DumpWriter::text(llvm::StringRef title, const ScalarText& text) {
  line(fmt::format("{} `{}`{}", title.str(), show_text(text.decoded()), show_place(text.range())));
}

void DumpWriter::place(llvm::StringRef title, SourceRange range) {
  line(title.str() + show_place(range));
}

void DumpWriter::value(llvm::StringRef title, const ValueSyntax& value) {
  place(title, value.range);
  ++depth_;
  for (const ScalarText& part : value.parts) text("part", part);
  --depth_;
}

static llvm::StringRef spell(Comparison comparison) {
  switch (comparison) {
    case Comparison::Equal:
      return "==";
    case Comparison::NotEqual:
      return "!=";
    case Comparison::Less:
      return "<";
    case Comparison::LessEqual:
      return "<=";
    case Comparison::Greater:
      return ">";
    case Comparison::GreaterEqual:
      return ">=";
    case Comparison::In:
      return "in";
    case Comparison::NotIn:
      return "not in";
  }
  return "";
}

void DumpWriter::comparison(const ComparisonSyntax& comparison) {
  text("subject", comparison.subject);
  if (comparison.mask) value("mask", *comparison.mask);
  place(spell(comparison.comparison), comparison.comparison_range);
  for (const ValueRangeSyntax& each : comparison.values) {
    value(each.high ? "from" : "value", each.low);
    if (each.high) value("to", *each.high);
  }
}

static llvm::StringRef spell(ConditionSyntax::Kind kind) {
  switch (kind) {
    case ConditionSyntax::Kind::Compare:
      return "compare";
    case ConditionSyntax::Kind::Word:
      return "word";
    case ConditionSyntax::Kind::Not:
      return "not";
    case ConditionSyntax::Kind::All:
      return "all";
    case ConditionSyntax::Kind::Any:
      return "any";
  }
  return "";
}

void DumpWriter::condition(llvm::StringRef title, const ConditionSyntax& condition) {
  place(fmt::format("{}{}{}", title.str(), title.empty() ? "" : " ", spell(condition.kind).str()),
        condition.range);
  ++depth_;
  if (condition.kind == ConditionSyntax::Kind::Compare) comparison(condition.compare);
  if (condition.kind == ConditionSyntax::Kind::Word) text("word", condition.word);
  for (const ConditionSyntax& operand : condition.operands) this->condition("", operand);
  --depth_;
}

void DumpWriter::action(llvm::StringRef title, const ActionSyntax& action) {
  text(title, action.name);
  ++depth_;
  if (action.argument) value("argument", *action.argument);
  --depth_;
}

void DumpWriter::peer(const PeerSyntax& peer) {
  place(peer.direction == PeerSyntax::Direction::To ? "to" : "from", peer.range);
  ++depth_;
  for (const ScalarText& word : peer.words) text("word", word);
  --depth_;
}

void DumpWriter::verbs(llvm::ArrayRef<ScalarText> verbs) {
  llvm::SmallVector<ScalarText, 4> ordered(verbs.begin(), verbs.end());
  if (sources_ == nullptr) {
    llvm::sort(ordered, [](const ScalarText& a, const ScalarText& b) { return a.decoded() < b.decoded(); });
  }
  for (const ScalarText& verb : ordered) text("verb", verb);
}

void DumpWriter::rule(const RuleSyntax& rule) {
  place("rule", rule.range);
  ++depth_;
  if (rule.drop) place("drop", *rule.drop);
  if (rule.deny) place("deny", *rule.deny);
  verbs(rule.verbs);
  for (const ObjectSyntax& object : rule.objects) {
    std::visit(Match{
                   [&](const ScalarText& word) { text("object", word); },
                   [&](const SetSyntax& set) {
                     place("set", set.range);
                     ++depth_;
                     for (const ScalarText& item : set.items) text("item", item);
                     --depth_;
                   },
               },
               object);
  }
  if (rule.condition) condition("if", *rule.condition);
  if (rule.peer) peer(*rule.peer);
  if (rule.child) text("as", *rule.child);
  if (rule.action) action("->", *rule.action);
  if (rule.when) condition("when", *rule.when);
  if (rule.because) text("because", *rule.because);
  --depth_;
}

void DumpWriter::request(const RequestSyntax& request) {
  if (request.call) {
    text("call", request.call->name);
    ++depth_;
    for (const std::optional<ValueSyntax>& argument : request.call->arguments) {
      if (argument) {
        value("argument", *argument);
      } else {
        line("argument _");
      }
    }
    --depth_;
  }
  verbs(request.verbs);
  for (const ScalarText& object : request.objects) text("object", object);
  if (request.arch) text("on", *request.arch);
  if (request.child) text("as", *request.child);
  if (request.peer) peer(*request.peer);
}

void DumpWriter::test(const TestSyntax& test) {
  place("test", test.range);
  ++depth_;
  text("expect", test.expectation);
  request(test.request);
  if (test.because) text("because", *test.because);
  --depth_;
}

}  // namespace isola::grammar
