// Random rules for property tests: every form, every clause, ordinary words and hostile ones.
//
// The same seed gives the same rules everywhere: only the engine is the standard library's, whose
// distributions differ between implementations.

#pragma once

#include <random>

#include "grammar/rule_grammar.h"

namespace isola::grammar {

class RandomRules {
 public:
  explicit RandomRules(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <typename Item, std::size_t Size>
  const Item& pick(const Item (&items)[Size]) {
    return items[below(Size)];
  }

  RuleSyntax rule(RuleForm form) {
    RuleSyntax rule;
    if (chance(10)) rule.drop = SourceRange{};
    begin(rule, form);
    const std::size_t objects = form == RuleForm::Item ? 1 : 1 + below(4);
    for (std::size_t index = 0; index < objects; ++index) {
      if (form != RuleForm::Item && chance(15)) {
        rule.objects.push_back(set());
      } else {
        rule.objects.push_back(word());
      }
    }
    if (form != RuleForm::Item && chance(40)) rule.condition = condition(4);
    if (form == RuleForm::Access && chance(20)) rule.peer = peer();
    if (form == RuleForm::Access && chance(20)) rule.child = word();
    if (form != RuleForm::Item && chance(20)) rule.action = action();
    if (chance(20)) rule.when = condition(3);
    if (chance(30)) rule.because = text(40);
    return rule;
  }

  TestSyntax test() {
    static constexpr const char* kExpectations[] = {"allow", "deny", "kill", "EPERM", "E2BIG"};
    TestSyntax test;
    test.expectation = ScalarText::unplaced(pick(kExpectations));
    test.request = request();
    if (chance(20)) test.because = text(40);
    return test;
  }

  ConditionSyntax condition(std::size_t depth) {
    ConditionSyntax made;
    const std::size_t kind = depth == 0 ? below(2) : below(5);
    if (kind == 0) {
      made.kind = ConditionSyntax::Kind::Word;
      made.word = name();
    } else if (kind == 1) {
      made.kind = ConditionSyntax::Kind::Compare;
      made.compare = comparison();
    } else {
      made.kind = kind == 2   ? ConditionSyntax::Kind::Not
                  : kind == 3 ? ConditionSyntax::Kind::All
                              : ConditionSyntax::Kind::Any;
      const std::size_t operands = kind == 2 ? 1 : 2 + below(2);
      for (std::size_t index = 0; index < operands; ++index) made.operands.push_back(condition(depth - 1));
    }
    return made;
  }

  // Any bytes of valid UTF-8 that may stand in a scalar of one line.
  ScalarText text(std::size_t limit) {
    static constexpr const char* kPieces[] = {"a", "word", " ", "/", "\"", "\\", "{",  "}",  "(",        ")",
                                              "[", "]",    ",", "#", ":",  "'",  "->", "if", "\xC3\xA9", "$x",
                                              "@", "*",    "&", "|", "!",  "=",  "- ", ": ", " #"};
    std::string made;
    for (std::size_t pieces = below(limit / 4 + 1); pieces > 0; --pieces) made += pick(kPieces);
    return ScalarText::unplaced(made);
  }

 private:
  void begin(RuleSyntax& rule, RuleForm form) {
    static constexpr const char* kVerbs[] = {"execute", "read",    "write",   "map",
                                             "signal",  "connect", "odd_verb"};
    if (form == RuleForm::Syscall) {
      if (chance(30)) rule.deny = SourceRange{};
      rule.verbs.push_back(ScalarText::unplaced(rule.deny ? "deny" : "allow"));
    } else if (form == RuleForm::Access) {
      if (chance(20)) rule.deny = SourceRange{};
      for (std::size_t verbs = 1 + below(3); verbs > 0; --verbs)
        rule.verbs.push_back(ScalarText::unplaced(pick(kVerbs)));
    }
  }

  RequestSyntax request() {
    RequestSyntax made;
    if (chance(50)) {
      made.call.emplace();
      made.call->name = ScalarText::unplaced(chance(50) ? "socket" : "clone3");
      for (std::size_t arguments = below(4); arguments > 0; --arguments) {
        made.call->arguments.push_back(chance(20) ? std::nullopt : std::optional(value()));
      }
      if (chance(30)) made.arch = ScalarText::unplaced("SCMP_ARCH_X86");
    } else {
      made.verbs.push_back(ScalarText::unplaced("read"));
      for (std::size_t objects = 1 + below(3); objects > 0; --objects) made.objects.push_back(word());
      if (chance(20)) made.peer = peer();
      if (chance(20)) made.child = word();
    }
    return made;
  }

  ScalarText word() {
    static constexpr const char* kWords[] = {"/etc/{passwd,group}",
                                             "$pgdata/**",
                                             "@basic-io",
                                             "openat",
                                             "tcp",
                                             "10.20.0.0/16:9000",
                                             "[2001:db8::/32]:443",
                                             "create,read",
                                             "if",
                                             "on",
                                             "to",
                                             "because",
                                             "drop",
                                             "deny",
                                             "{A,B}",
                                             "{A}/x",
                                             "->",
                                             "in",
                                             "",
                                             "a\\ ",
                                             "CAP_KILL"};
    return chance(80) ? ScalarText::unplaced(pick(kWords)) : text(20);
  }

  ScalarText name() {
    static constexpr const char* kNames[] = {
        "family", "clone_flags", "owner", "feature.io_uring", "capability.CAP_KILL", "a-b", "x"};
    return ScalarText::unplaced(pick(kNames));
  }

  ScalarText value_part() {
    static constexpr const char* kValues[] = {"AF_UNIX", "0x10",   "-1", "0",  "017", "0o17", "$port",
                                              "6.12",    "x86_64", "in", "to", "a b", ""};
    return ScalarText::unplaced(pick(kValues));
  }

  ValueSyntax value() {
    ValueSyntax made;
    for (std::size_t parts = 1 + below(3); parts > 0; --parts) made.parts.push_back(value_part());
    return made;
  }

  ComparisonSyntax comparison() {
    ComparisonSyntax made;
    made.subject = name();
    if (chance(30)) made.mask = value();
    made.comparison = static_cast<Comparison>(below(8));
    const bool is_set = made.comparison == Comparison::In || made.comparison == Comparison::NotIn;
    for (std::size_t values = is_set ? 1 + below(3) : 1; values > 0; --values) {
      made.values.push_back({.low = value(), .high = std::nullopt, .range = {}});
      if (is_set && chance(30)) made.values.back().high = value();
    }
    return made;
  }

  SetSyntax set() {
    SetSyntax made;
    for (std::size_t items = 1 + below(3); items > 0; --items)
      made.items.push_back(chance(70) ? name() : word());
    return made;
  }

  PeerSyntax peer() {
    PeerSyntax made;
    made.direction = chance(50) ? PeerSyntax::Direction::To : PeerSyntax::Direction::From;
    for (std::size_t words = 1 + below(2); words > 0; --words) made.words.push_back(word());
    return made;
  }

  ActionSyntax action() {
    ActionSyntax made;
    made.name = ScalarText::unplaced(chance(50) ? "SCMP_ACT_ERRNO" : "SCMP_ACT_LOG");
    if (chance(50)) made.argument = value();
    return made;
  }

  std::mt19937_64 engine_;
};

}  // namespace isola::grammar
