// The canonical text of rules, requests, tests and actions.

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "grammar/print.h"
#include "grammar/rule_words.h"

namespace isola::grammar {

// ---- Words ----

// Words that begin a rule or a clause, where they stand bare.
static bool is_keyword_like(llvm::StringRef text) {
  return starts_clause(text) || text == "drop" || text == "allow" || text == "deny";
}

static bool scans_as_one_word(llvm::StringRef text) {
  const WordScan scan = scan_word(text, 0);
  return !text.empty() && !text.starts_with("\"") && scan.fault == WordFault::None && scan.end == text.size();
}

// An object, peer or child: quoted only when it would not be read as this one word.
static std::string print_word(const ScalarText& word) {
  const llvm::StringRef text = word.decoded();
  const bool reads_as_set = text.starts_with("{") && find_closing_bracket(text, 0) == text.size() - 1;
  const bool is_bare = scans_as_one_word(text) && !text.starts_with(",") && !text.ends_with(",") &&
                       !reads_as_set && !is_keyword_like(text);
  return is_bare ? text.str() : quote(text);
}

static std::string print_set_item(const ScalarText& item) {
  const bool is_bare =
      scans_as_one_word(item.decoded()) && item.decoded().find_first_of(",{}\"\\") == llvm::StringRef::npos;
  return is_bare ? item.str() : quote(item.decoded());
}

static std::string print_value_part(const ScalarText& part) {
  const bool is_bare = !part.empty() && scan_value(part.decoded(), 0) == part.decoded().size();
  return is_bare && !is_reserved_word(part.decoded()) ? part.str() : quote(part.decoded());
}

static std::string print_value(const ValueSyntax& value) {
  return llvm::join(llvm::map_range(value.parts, print_value_part), "|");
}

static std::string print_value_range(const ValueRangeSyntax& range) {
  return range.high ? print_value(range.low) + ".." + print_value(*range.high) : print_value(range.low);
}

static std::string print_object(const ObjectSyntax& object) {
  return std::visit(Match{[](const ScalarText& word) { return print_word(word); },
                          [](const SetSyntax& set) {
                            return "{" + llvm::join(llvm::map_range(set.items, print_set_item), ", ") + "}";
                          }},
                    object);
}

// ---- Conditions ----

static llvm::StringRef print_comparison_operator(Comparison comparison) {
  switch (comparison) {
    case Comparison::Equal:
      return " == ";
    case Comparison::NotEqual:
      return " != ";
    case Comparison::Less:
      return " < ";
    case Comparison::LessEqual:
      return " <= ";
    case Comparison::Greater:
      return " > ";
    case Comparison::GreaterEqual:
      return " >= ";
    case Comparison::In:
      return " in ";
    case Comparison::NotIn:
      return " not in ";
  }
  ISOLA_CHECK(false, "a comparison of the enumeration");
}

// `(clone_flags & (A|B)) == 0`: as C programmers write it, whatever binds closer.
static std::string print_subject(const ComparisonSyntax& compare) {
  if (!compare.mask) return compare.subject.str();
  const std::string mask = print_value(*compare.mask);
  return "(" + compare.subject.str() + " & " + (compare.mask->parts.size() > 1 ? "(" + mask + ")" : mask) +
         ")";
}

static std::string print_comparison(const ComparisonSyntax& compare) {
  std::string text = print_subject(compare) + print_comparison_operator(compare.comparison).str();
  const bool is_membership = compare.comparison == Comparison::In || compare.comparison == Comparison::NotIn;
  if (!is_membership || (compare.values.size() == 1 && compare.values.front().high)) {
    return text + print_value_range(compare.values.front());
  }
  return text + "{" + llvm::join(llvm::map_range(compare.values, print_value_range), ", ") + "}";
}

// An operand of `!`, `&&` or `||`, in parentheses where it would otherwise be read as part of what is around
// it.
static std::string print_operand(const ConditionSyntax& operand, ConditionSyntax::Kind around) {
  using Kind = ConditionSyntax::Kind;
  const bool is_chain = operand.kind == Kind::All || operand.kind == Kind::Any;
  const bool binds_closer = around == Kind::Any && operand.kind == Kind::All;
  const bool is_negated_comparison = around == Kind::Not && operand.kind == Kind::Compare;
  const std::string text = print_condition(operand);
  return (is_chain && !binds_closer) || is_negated_comparison ? "(" + text + ")" : text;
}

static std::string print_chain(const ConditionSyntax& chain, llvm::StringRef separator) {
  return llvm::join(
      llvm::map_range(chain.operands,
                      [&](const ConditionSyntax& operand) { return print_operand(operand, chain.kind); }),
      separator);
}

std::string print_condition(const ConditionSyntax& condition) {
  switch (condition.kind) {
    case ConditionSyntax::Kind::Compare:
      return print_comparison(condition.compare);
    case ConditionSyntax::Kind::Word:
      return condition.word.str();
    case ConditionSyntax::Kind::Not:
      return "!" + print_operand(condition.operands.front(), ConditionSyntax::Kind::Not);
    case ConditionSyntax::Kind::All:
      return print_chain(condition, " && ");
    case ConditionSyntax::Kind::Any:
      return print_chain(condition, " || ");
  }
  ISOLA_CHECK(false, "a condition kind of the enumeration");
}

// ---- Rules ----

// Verbs in the order of the language reference. When one is no verb (an error that resolve reports), as
// written: `because,read` is not `read,because`.
static std::string print_verbs(llvm::ArrayRef<ScalarText> verbs) {
  static constexpr llvm::StringRef kOrder[] = {"read",    "write", "append", "create", "map",
                                               "execute", "lock",  "link",   "bind",   "accept",
                                               "connect", "send",  "receive"};
  const auto rank = [](const ScalarText& verb) {
    return llvm::find(kOrder, verb.decoded()) - std::begin(kOrder);
  };
  llvm::SmallVector<ScalarText, 4> ordered(verbs.begin(), verbs.end());
  const auto is_known = [&](const ScalarText& verb) { return rank(verb) < std::ssize(kOrder); };
  if (llvm::all_of(ordered, is_known)) {
    llvm::stable_sort(ordered, [&](const ScalarText& a, const ScalarText& b) { return rank(a) < rank(b); });
  }
  return llvm::join(llvm::map_range(ordered, [](const ScalarText& verb) { return verb.str(); }), ",");
}

static std::string print_peer(const PeerSyntax& peer) {
  const std::string words = llvm::join(llvm::map_range(peer.words, print_word), " ");
  return (peer.direction == PeerSyntax::Direction::To ? "to " : "from ") + words;
}

std::string print_action(const ActionSyntax& action) {
  return action.argument ? action.name.str() + "(" + print_value(*action.argument) + ")" : action.name.str();
}

static std::string join_words(llvm::ArrayRef<std::string> words) {
  return llvm::join(words, " ");
}

std::string print_rule(const RuleSyntax& rule) {
  llvm::SmallVector<std::string, 8> words;
  const bool is_syscall_deny = rule.verbs.size() == 1 && rule.verbs.front().decoded() == "deny";
  if (rule.drop) words.push_back("drop");
  if (rule.deny && !is_syscall_deny) words.push_back("deny");
  if (!rule.verbs.empty()) words.push_back(print_verbs(rule.verbs));
  llvm::append_range(words, llvm::map_range(rule.objects, print_object));
  if (rule.condition) words.push_back("if " + print_condition(*rule.condition));
  if (rule.peer) words.push_back(print_peer(*rule.peer));
  if (rule.child) words.push_back("as " + print_word(*rule.child));
  if (rule.action) words.push_back("-> " + print_action(*rule.action));
  if (rule.when) words.push_back("when " + print_condition(*rule.when));
  if (rule.because) words.push_back("because " + quote(rule.because->decoded()));
  return join_words(words);
}

// ---- Requests and tests ----

static std::string print_call(const CallSyntax& call) {
  const auto print_argument = [](const std::optional<ValueSyntax>& argument) {
    return argument ? print_value(*argument) : std::string("_");
  };
  return call.name.str() + "(" + llvm::join(llvm::map_range(call.arguments, print_argument), ", ") + ")";
}

std::string print_request(const RequestSyntax& request) {
  llvm::SmallVector<std::string, 8> words;
  if (request.call) {
    words.push_back(print_call(*request.call));
  } else {
    words.push_back(print_verbs(request.verbs));
    llvm::append_range(words, llvm::map_range(request.objects, print_word));
  }
  if (request.arch) words.push_back("on " + print_word(*request.arch));
  if (request.peer) words.push_back(print_peer(*request.peer));
  if (request.child) words.push_back("as " + print_word(*request.child));
  return join_words(words);
}

std::string print_test(const TestSyntax& test) {
  const std::string text = test.expectation.str() + " " + print_request(test.request);
  return test.because ? text + " because " + quote(test.because->decoded()) : text;
}

}  // namespace isola::grammar
