// The grammar of rules, requests, tests and actions.
//
// Reads like the grammar in grammar/README.md, from small to large. What X3 makes hard is kept out of it:
// words are scanned and errors told by RuleParse. `a > b` means that `a` commits: behind it nothing but `b`
// may follow, and the `expect[...]` around `b` says what to tell the user otherwise.
//
// The terminals, directives and actions themselves are in rule_grammar_x3.h.

#include "grammar/rule_grammar.h"

#include "compiler/base/check.h"
#include "grammar/rule_grammar_x3.h"

namespace isola::grammar {
namespace {

using namespace x3_parts;

// ---- Terminals ----

constexpr Terminal<ScalarText, &RuleParse::take_word> word{};
constexpr Terminal<ScalarText, &RuleParse::take_item> list_item{};
constexpr Terminal<ScalarText, &RuleParse::take_set_item> set_item{};
constexpr Terminal<ScalarText, &RuleParse::take_verb> verb{};
constexpr Terminal<ScalarText, &RuleParse::take_syscall_verb> syscall_verb{};
constexpr Terminal<ScalarText, &RuleParse::take_expectation> expectation{};
constexpr Terminal<ScalarText, &RuleParse::take_call_name> call_name{};
constexpr Terminal<ScalarText, &RuleParse::take_name> name{};
constexpr Terminal<ScalarText, &RuleParse::take_value> value_part{};
constexpr Terminal<ScalarText, &RuleParse::take_action_name> action_name{};
constexpr Terminal<ScalarText, &RuleParse::take_reason> reason{};
constexpr Terminal<ComparisonOperator, &RuleParse::take_ordering> ordering{};
constexpr Terminal<ComparisonOperator, &RuleParse::take_membership> membership{};

constexpr auto clause(const char* keyword, Clause kind) {
  return Guard([=](RuleParse& parse, std::size_t& at) { return parse.take_clause(at, keyword, kind); });
}
constexpr auto open(char bracket) {
  return Guard([=](RuleParse& parse, std::size_t& at) { return parse.take_open(at, bracket); });
}
constexpr auto close(char bracket) {
  return Guard([=](RuleParse& parse, std::size_t& at) { return parse.take_close(at, bracket); });
}
constexpr auto reads(TextForm form) {
  return Guard([=](RuleParse& parse, std::size_t&) { return parse.form() == form; });
}
constexpr Guard at_set([](RuleParse& parse, std::size_t& at) { return parse.is_at_set(at); });

// ---- Values: `AF_UNIX`, `A|B`, `(A|B)`, `1..5`, `{A, B..C}` ----

struct ValueTag {};
struct ValueRangeTag {};
constexpr x3::rule<ValueTag, ValueSyntax> value{"value"};
constexpr x3::rule<ValueRangeTag, ValueRangeSyntax> value_range{"value range"};

const auto bar = x3::lit('|') >> !x3::lit('|');
const auto ampersand = x3::lit('&') >> !x3::lit('&');
const auto parts = value_part[push<&ValueSyntax::parts>] >>
                   *(bar > expect(Expected::Value)[value_part[push<&ValueSyntax::parts>]]);
const auto value_def = ranged[parts | (open('(') > expect(Expected::Value)[parts] >
                                       expect(Expected::CloseParenthesis)[close(')')])];
const auto value_range_def =
    ranged[value[set<&ValueRangeSyntax::low>] >>
           -(x3::lit("..") > expect(Expected::Value)[value[set<&ValueRangeSyntax::high>]])];

// ---- Comparisons: `family in {A, B}`, `(clone_flags & CLONE_NEWUSER) == 0` ----

struct ComparisonTag {};
constexpr x3::rule<ComparisonTag, ComparisonSyntax> comparison{"comparison"};

constexpr auto set_operator = [](auto& context) {
  x3::_val(context).comparison = x3::_attr(context).comparison;
  x3::_val(context).comparison_range = x3::_attr(context).range;
};
constexpr auto set_only_value = [](auto& context) {
  ValueSyntax& written = x3::_attr(context);
  const SourceRange range = written.range;
  x3::_val(context).values.push_back({.low = std::move(written), .high = std::nullopt, .range = range});
};
// A range standing alone must have both ends; a single value is left to the error message.
constexpr auto push_range = [](auto& context) {
  x3::_pass(context) = x3::_attr(context).high.has_value();
  x3::_val(context).values.push_back(std::move(x3::_attr(context)));
};

const auto value_set = open('{') > expect(Expected::Value)[value_range[push<&ComparisonSyntax::values>]] >
                       *(x3::lit(',') >
                         expect(Expected::Value)[value_range[push<&ComparisonSyntax::values>]]) >
                       expect(Expected::CloseBrace)[close('}')];
const auto comparison_tail =
    (ordering[set_operator] > expect(Expected::Value)[value[set_only_value]]) |
    (membership[set_operator] > expect(Expected::SetOrRange)[value_set | value_range[push_range]]);
const auto subject = name[set<&ComparisonSyntax::subject>];
const auto mask = ampersand > expect(Expected::Value)[value[set<&ComparisonSyntax::mask>]];
const auto masked_subject = open('(') > subject > mask > expect(Expected::CloseParenthesis)[close(')')];
const auto comparison_def =
    (&(x3::lit('(') >> name >> ampersand >> value >> x3::lit(')')) >> masked_subject >
     expect(Expected::Comparison)[comparison_tail]) |
    (subject >> ((mask > expect(Expected::Comparison)[comparison_tail]) | comparison_tail));

// ---- Conditions: `!`, then `&&`, then `||` ----

// The operands of one `&&` or `||` chain; nearly always one.
struct Operands {
  llvm::SmallVector<ConditionSyntax, 1> operands;
};

struct AllTag {};
struct AnyTag {};
struct PrimaryTag {};
struct ConditionTag {};
constexpr x3::rule<AllTag, Operands> all{"all"};
constexpr x3::rule<AnyTag, Operands> any{"any"};
constexpr x3::rule<PrimaryTag, ConditionSyntax> primary{"primary"};
constexpr x3::rule<ConditionTag, ConditionSyntax> condition{"condition"};

// One operand stands for itself; several make a node.
ConditionSyntax join(ConditionSyntax::Kind kind, Operands& chain) {
  if (chain.operands.size() == 1) return std::move(chain.operands.front());
  ConditionSyntax joined;
  joined.kind = kind;
  joined.range = cover(chain.operands.front().range, chain.operands.back().range);
  joined.operands.assign(std::make_move_iterator(chain.operands.begin()),
                         std::make_move_iterator(chain.operands.end()));
  return joined;
}

constexpr auto set_comparison = [](auto& context) {
  x3::_val(context).kind = ConditionSyntax::Kind::Compare;
  x3::_val(context).compare = std::move(x3::_attr(context));
};
constexpr auto set_word = [](auto& context) {
  x3::_val(context).kind = ConditionSyntax::Kind::Word;
  x3::_val(context).word = std::move(x3::_attr(context));
};
constexpr auto set_negated = [](auto& context) {
  x3::_val(context).kind = ConditionSyntax::Kind::Not;
  x3::_val(context).operands.push_back(std::move(x3::_attr(context)));
};
// `!x == 1` would be read in two ways.
constexpr auto refuse_negated = [](auto& context) {
  const ParseState& state = state_of(context);
  const auto& written = x3::_attr(context);
  state.parse->report_bare_negation(state.offset(written.begin()), state.offset(written.end()));
};
constexpr auto push_all = [](auto& context) {
  x3::_val(context).operands.push_back(join(ConditionSyntax::Kind::All, x3::_attr(context)));
};
constexpr auto join_any = [](auto& context) {
  x3::_val(context) = join(ConditionSyntax::Kind::Any, x3::_attr(context));
};

const auto primary_def = ranged[nested[(x3::lit('!') > -&x3::raw[comparison][refuse_negated] >
                                        expect(Expected::Condition)[primary[set_negated]]) |
                                       comparison[set_comparison] | name[set_word] |
                                       (open('(') > expect(Expected::Condition)[condition[assign]] >
                                        expect(Expected::CloseParenthesis)[close(')')])]];
const auto all_def = primary[push<&Operands::operands>] >>
                     *(x3::lit("&&") > expect(Expected::Condition)[primary[push<&Operands::operands>]]);
const auto any_def = all[push_all] >> *(x3::lit("||") > expect(Expected::Condition)[all[push_all]]);
const auto condition_def = any[join_any];

// ---- Clauses ----

struct PeerTag {};
struct ActionTag {};
struct SetTag {};
constexpr x3::rule<PeerTag, PeerSyntax> peer{"peer"};
constexpr x3::rule<ActionTag, ActionSyntax> action{"action"};
constexpr x3::rule<SetTag, SetSyntax> object_set{"set"};

constexpr auto is_to = [](auto& context) { x3::_val(context).direction = PeerSyntax::Direction::To; };
constexpr auto is_from = [](auto& context) { x3::_val(context).direction = PeerSyntax::Direction::From; };

const auto peer_def = ranged[(clause("to", Clause::Peer)[is_to] | clause("from", Clause::Peer)[is_from]) >
                             expect(Expected::Peer)[+word[push<&PeerSyntax::words>]]];
const auto action_def = ranged[action_name[set<&ActionSyntax::name>] >>
                               -(open('(') > expect(Expected::Value)[value[set<&ActionSyntax::argument>]] >
                                 expect(Expected::CloseParenthesis)[close(')')])];
const auto object_set_def =
    ranged[at_set >> open('{') > expect(Expected::SetItem)[set_item[push<&SetSyntax::items>]] >
           *(x3::lit(',') > expect(Expected::SetItem)[set_item[push<&SetSyntax::items>]]) >
           expect(Expected::CloseBrace)[close('}')]];

// ---- Rules ----

struct RuleTag {};
constexpr x3::rule<RuleTag, RuleSyntax> rule{"rule"};

// A system call rule keeps `deny` both as its verb and as what it is.
constexpr auto set_syscall_verb = [](auto& context) {
  ScalarText& written = x3::_attr(context);
  if (written.decoded() == "deny") x3::_val(context).deny = written.range();
  x3::_val(context).verbs.push_back(std::move(written));
};

const auto object = object_set[push<&RuleSyntax::objects>] | word[push<&RuleSyntax::objects>];
const auto verbs = verb[push<&RuleSyntax::verbs>] >>
                   *(x3::lit(',') > expect(Expected::Verb)[verb[push<&RuleSyntax::verbs>]]);
const auto head = -Keyword("drop")[set<&RuleSyntax::drop>] >>
                  ((reads(TextForm::SyscallRule) >
                    expect(Expected::SyscallVerb)[syscall_verb[set_syscall_verb]] >
                    expect(Expected::Object)[+object]) |
                   (reads(TextForm::AccessRule) >> -Keyword("deny")[set<&RuleSyntax::deny>] >
                    expect(Expected::Verb)[verbs] > expect(Expected::Object)[+object]) |
                   (x3::eps > expect(Expected::Item)[list_item[push<&RuleSyntax::objects>]]));
const auto clauses =
    *((clause("if", Clause::If) > expect(Expected::Condition)[condition[set<&RuleSyntax::condition>]]) |
      peer[set<&RuleSyntax::peer>] |
      (clause("as", Clause::As) > expect(Expected::Child)[word[set<&RuleSyntax::child>]]) |
      (clause("->", Clause::Action) > expect(Expected::Action)[action[set<&RuleSyntax::action>]]) |
      (clause("when", Clause::When) > expect(Expected::Condition)[condition[set<&RuleSyntax::when>]]) |
      (clause("because", Clause::Because) > expect(Expected::Reason)[reason[set<&RuleSyntax::because>]]));
const auto rule_def = ranged[head > clauses];

// ---- Requests and tests ----

struct CallTag {};
struct RequestTag {};
struct TestTag {};
constexpr x3::rule<CallTag, CallSyntax> call{"call"};
constexpr x3::rule<RequestTag, RequestSyntax> request{"request"};
constexpr x3::rule<TestTag, TestSyntax> test{"test"};

// `_` stands for any value.
constexpr auto push_argument = [](auto& context) {
  ValueSyntax& written = x3::_attr(context);
  const bool is_any = written.parts.size() == 1 && written.parts.front().decoded() == "_";
  x3::_val(context).arguments.push_back(is_any ? std::nullopt : std::optional(std::move(written)));
};

const auto call_def = call_name[set<&CallSyntax::name>] >> open('(') >>
                      -(value[push_argument] >>
                        *(x3::lit(',') > expect(Expected::Argument)[value[push_argument]])) >
                      expect(Expected::CloseParenthesis)[close(')')];
const auto access = expect(Expected::Verb)[verb[push<&RequestSyntax::verbs>]] >
                    *(x3::lit(',') > expect(Expected::Verb)[verb[push<&RequestSyntax::verbs>]]) >
                    expect(Expected::Object)[+word[push<&RequestSyntax::objects>]];
const auto request_def =
    ranged[(call[set<&RequestSyntax::call>] | (x3::eps > access)) >>
           *((clause("on", Clause::On) > expect(Expected::Arch)[word[set<&RequestSyntax::arch>]]) |
             peer[set<&RequestSyntax::peer>] |
             (clause("as", Clause::As) > expect(Expected::Child)[word[set<&RequestSyntax::child>]]))];
const auto test_def = ranged[expect(Expected::Expectation)[expectation[set<&TestSyntax::expectation>]] >
                             request[set<&TestSyntax::request>] >
                             *(clause("because", Clause::Because) >
                               expect(Expected::Reason)[reason[set<&TestSyntax::because>]])];

BOOST_SPIRIT_DEFINE(value, value_range, comparison, all, any, primary, condition, peer, action, object_set,
                    rule, call, request, test)

// ---- Running it ----

// White space between words; a block scalar has line breaks, too.
const auto space = x3::char_(" \t\r\n");

template <typename Syntax, typename Grammar>
std::optional<Syntax> run(const ScalarText& text, TextForm form, const Grammar& grammar,
                          Diagnostics& diagnostics) {
  RuleParse parse(text, form, diagnostics);
  Iterator first = text.decoded().begin();
  const Iterator last = text.decoded().end();
  const ParseState state{&parse, first};
  const auto whole = x3::with<ParseTag>(state)[x3::eps > grammar > expect(Expected::End)[x3::eoi]];
  Syntax syntax;
  try {
    x3::phrase_parse(first, last, whole, space, syntax);
  } catch (const x3::expectation_failure<Iterator>&) {
    parse.report_failure();
  }
  if (parse.has_failed()) return std::nullopt;
  return syntax;
}

TextForm text_form(RuleForm form) {
  switch (form) {
    case RuleForm::Syscall:
      return TextForm::SyscallRule;
    case RuleForm::Access:
      return TextForm::AccessRule;
    case RuleForm::Item:
      return TextForm::ItemRule;
  }
  ISOLA_CHECK(false, "a rule form of the enumeration");
}

}  // namespace

std::optional<RuleSyntax> parse_rule(const ScalarText& text, RuleForm form, Diagnostics& diagnostics) {
  return run<RuleSyntax>(text, text_form(form), rule, diagnostics);
}

std::optional<RequestSyntax> parse_request(const ScalarText& text, Diagnostics& diagnostics) {
  return run<RequestSyntax>(text, TextForm::Request, request, diagnostics);
}

std::optional<TestSyntax> parse_test(const ScalarText& text, Diagnostics& diagnostics) {
  return run<TestSyntax>(text, TextForm::Test, test, diagnostics);
}

std::optional<ActionSyntax> parse_action(const ScalarText& text, Diagnostics& diagnostics) {
  return run<ActionSyntax>(text, TextForm::Action, action, diagnostics);
}

}  // namespace isola::grammar
