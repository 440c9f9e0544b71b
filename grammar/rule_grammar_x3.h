// The pieces that the rule grammar is made of: terminals over RuleParse, directives and actions for X3.
//
// Only rule_grammar.cpp includes this. X3's own terminals and attribute rules are avoided: x3::alpha and the
// like abort on bytes above 0x7f, and fused attributes fail for structs of one field, so each action says
// where its part goes.

#pragma once

#include <boost/spirit/home/x3/auxiliary.hpp>
#include <boost/spirit/home/x3/char.hpp>
#include <boost/spirit/home/x3/core.hpp>
#include <boost/spirit/home/x3/directive/raw.hpp>
#include <boost/spirit/home/x3/directive/with.hpp>
#include <boost/spirit/home/x3/nonterminal/rule.hpp>
#include <boost/spirit/home/x3/operator.hpp>
#include <boost/spirit/home/x3/string.hpp>

#include "grammar/rule_parse.h"

namespace isola::grammar::x3_parts {

namespace x3 = boost::spirit::x3;
using Iterator = const char*;

// ---- The parse's state within X3 ----

struct ParseTag;

// The parse with the beginning of its text, for offsets.
struct ParseState {
  RuleParse* parse;  // a local of the function that runs the grammar
  Iterator begin;
  std::size_t offset(Iterator at) const { return static_cast<std::size_t>(at - begin); }
};

template <typename Context>
const ParseState& state_of(const Context& context) {
  return x3::get<ParseTag>(context);
}

// ---- Terminals ----

// A `take_` function of RuleParse as a parser.
template <typename Attribute, bool (RuleParse::*Take)(std::size_t&, Attribute&)>
struct Terminal : x3::parser<Terminal<Attribute, Take>> {
  using attribute_type = Attribute;
  static constexpr bool has_attribute = true;

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Iterator& first, Iterator last, const Context& context, RuleContext&, Target& target) const {
    x3::skip_over(first, last, context);
    const ParseState& state = state_of(context);
    std::size_t at = state.offset(first);
    Attribute taken;
    if (!(state.parse->*Take)(at, taken)) return false;
    x3::traits::move_to(taken, target);
    first = state.begin + at;
    return true;
  }
};

// A parser without attribute that asks the state. `Step` is `bool(RuleParse&, std::size_t& at)`.
template <typename Step>
struct Guard : x3::parser<Guard<Step>> {
  using attribute_type = x3::unused_type;
  static constexpr bool has_attribute = false;
  explicit constexpr Guard(Step step) : step(step) {}

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Iterator& first, Iterator last, const Context& context, RuleContext&, Target&) const {
    x3::skip_over(first, last, context);
    const ParseState& state = state_of(context);
    std::size_t at = state.offset(first);
    if (!step(*state.parse, at)) return false;
    first = state.begin + at;
    return true;
  }

  Step step;
};

// `drop`, `deny`: a keyword whose place is kept.
struct Keyword : x3::parser<Keyword> {
  using attribute_type = SourceRange;
  static constexpr bool has_attribute = true;
  explicit constexpr Keyword(const char* text) : text(text) {}

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Iterator& first, Iterator last, const Context& context, RuleContext&, Target& target) const {
    x3::skip_over(first, last, context);
    const ParseState& state = state_of(context);
    std::size_t at = state.offset(first);
    SourceRange range;
    if (!state.parse->take_keyword(at, text, range)) return false;
    x3::traits::move_to(range, target);
    first = state.begin + at;
    return true;
  }

  const char* text;
};

// ---- Directives ----

// Says what is missing when `subject` does not match.
template <typename Subject>
struct Expecting : x3::unary_parser<Subject, Expecting<Subject>> {
  static bool const is_pass_through_unary = true;
  static bool const handles_container = Subject::handles_container;
  constexpr Expecting(const Subject& subject, Expected expected)
      : x3::unary_parser<Subject, Expecting<Subject>>(subject), expected(expected) {}

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Iterator& first, Iterator last, const Context& context, RuleContext& rule,
             Target& target) const {
    const Iterator start = first;
    if (this->subject.parse(first, last, context, rule, target)) return true;
    const ParseState& state = state_of(context);
    state.parse->note_expected(expected, state.offset(start));
    return false;
  }

  Expected expected;
};

struct ExpectGenerator {
  Expected expected;
  template <typename Subject>
  constexpr auto operator[](const Subject& subject) const {
    return Expecting<typename x3::extension::as_parser<Subject>::value_type>(x3::as_parser(subject),
                                                                             expected);
  }
};

constexpr ExpectGenerator expect(Expected expected) {
  return {expected};
}

// Counts how deep conditions nest.
template <typename Subject>
struct Nested : x3::unary_parser<Subject, Nested<Subject>> {
  static bool const is_pass_through_unary = true;
  static bool const handles_container = Subject::handles_container;
  explicit constexpr Nested(const Subject& subject) : x3::unary_parser<Subject, Nested<Subject>>(subject) {}

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Iterator& first, Iterator last, const Context& context, RuleContext& rule,
             Target& target) const {
    const ParseState& state = state_of(context);
    if (!state.parse->enter_condition(state.offset(first))) return false;
    const bool matched = this->subject.parse(first, last, context, rule, target);
    state.parse->leave_condition();
    return matched;
  }
};

template <template <typename> typename Directive>
struct DirectiveGenerator {
  template <typename Subject>
  constexpr auto operator[](const Subject& subject) const {
    return Directive<typename x3::extension::as_parser<Subject>::value_type>(x3::as_parser(subject));
  }
};

// Gives the result of the rule around it the range of what `subject` matches.
template <typename Subject>
struct Ranged : x3::unary_parser<Subject, Ranged<Subject>> {
  static bool const is_pass_through_unary = true;
  static bool const handles_container = Subject::handles_container;
  explicit constexpr Ranged(const Subject& subject) : x3::unary_parser<Subject, Ranged<Subject>>(subject) {}

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Iterator& first, Iterator last, const Context& context, RuleContext& rule,
             Target& target) const {
    const ParseState& state = state_of(context);
    const std::size_t start = state.offset(first);
    if (!this->subject.parse(first, last, context, rule, target)) return false;
    rule.range = state.parse->range(start, state.offset(first));
    return true;
  }
};

constexpr DirectiveGenerator<Nested> nested{};
constexpr DirectiveGenerator<Ranged> ranged{};

// ---- Actions: where a part goes in the rule that is being read ----

template <auto Member>
struct Set {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context).*Member = std::move(x3::_attr(context));
  }
};
template <auto Member>
struct Push {
  template <typename Context>
  void operator()(Context& context) const {
    (x3::_val(context).*Member).push_back(std::move(x3::_attr(context)));
  }
};
template <auto Member>
constexpr Set<Member> set{};
template <auto Member>
constexpr Push<Member> push{};

constexpr auto assign = [](auto& context) { x3::_val(context) = std::move(x3::_attr(context)); };

}  // namespace isola::grammar::x3_parts
