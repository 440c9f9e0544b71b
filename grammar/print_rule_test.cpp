#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "grammar/print.h"
#include "tests/support/random_rules.h"
#include "tests/support/rule_dump.h"

using namespace isola;
using namespace isola::grammar;

struct PrintRow {
  RuleForm form;
  const char* written;
  const char* canonical;
};

TEST_CASE("print: rules have one spelling") {
  constexpr RuleForm kSyscall = RuleForm::Syscall;
  constexpr RuleForm kAccess = RuleForm::Access;
  // clang-format off
  const std::vector<PrintRow> rows = {
      {kSyscall, "deny   clone3  ->  SCMP_ACT_ERRNO( ENOSYS )  because   \"x  y\"", "deny clone3 -> SCMP_ACT_ERRNO(ENOSYS) because \"x  y\""},
      {kSyscall, "allow a if x==1&&y in {1,2..3}", "allow a if x == 1 && y in {1, 2..3}"},
      {kSyscall, "allow a if (((x == 1)))", "allow a if x == 1"},
      {kSyscall, "allow a if f & A == 0", "allow a if (f & A) == 0"},
      {kSyscall, "allow a if (f & A | B) != A|B", "allow a if (f & (A|B)) != A|B"},
      {kSyscall, "allow a if x in { 1..5 }", "allow a if x in 1..5"},
      {kSyscall, "allow a if (x == 1 && y == 2) || z == 3", "allow a if x == 1 && y == 2 || z == 3"},
      {kSyscall, "allow a if (x == 1 || y == 2) && !( owner )", "allow a if (x == 1 || y == 2) && !owner"},
      {kSyscall, "drop   deny \"mount\"", "drop deny mount"},
      {kAccess,  "write , read \"/plain\"", "read,write /plain"},
      {kAccess,  "execute,map,read /bin/sh", "read,map,execute /bin/sh"},
      {kAccess,  "read \"/a b\" \"to\" \"/c\\\\d\"", "read \"/a b\" \"to\" /c\\d"},
      {kAccess,  "signal send {SIGTERM,SIGKILL} to   self", "signal send {SIGTERM, SIGKILL} to self"},
      {RuleForm::Item, "CAP_CHOWN   because \"x\"", "CAP_CHOWN because \"x\""},
  };
  // clang-format on
  for (const PrintRow& row : rows) {
    INFO(std::string(row.written));
    Diagnostics diagnostics;
    const auto rule = parse_rule(ScalarText::unplaced(row.written), row.form, diagnostics);
    REQUIRE(rule);
    CHECK(print_rule(*rule) == std::string(row.canonical));
  }
}

TEST_CASE("print: tests and actions") {
  Diagnostics diagnostics;
  const auto test =
      parse_test(ScalarText::unplaced("deny  socket( AF_ALG,_ ,0 ) on  SCMP_ARCH_X86"), diagnostics);
  REQUIRE(test);
  CHECK(print_test(*test) == "deny socket(AF_ALG, _, 0) on SCMP_ARCH_X86");
  const auto action = parse_action(ScalarText::unplaced("SCMP_ACT_ERRNO ( 38 )"), diagnostics);
  REQUIRE(action);
  CHECK(print_action(*action) == "SCMP_ACT_ERRNO(38)");
}

// The two write one rule in one order of verbs.
static RuleSyntax with_ordered_verbs(RuleSyntax rule) {
  llvm::sort(rule.verbs, [](const ScalarText& a, const ScalarText& b) { return a.decoded() < b.decoded(); });
  return rule;
}

TEST_CASE("print: any rule survives being printed and parsed") {
  const std::uint64_t seed = 20261123;
  INFO("seed " << seed);
  RandomRules random(seed);
  for (int round = 0; round < 20000; ++round) {
    const RuleForm form = static_cast<RuleForm>(random.below(3));
    const RuleSyntax rule = random.rule(form);
    const std::string text = print_rule(rule);
    INFO(text);
    Diagnostics diagnostics;
    const auto again = parse_rule(ScalarText::unplaced(text), form, diagnostics);
    REQUIRE(again);
    REQUIRE(dump(with_ordered_verbs(*again)) == dump(with_ordered_verbs(rule)));
    REQUIRE(print_rule(*again) == text);
  }
}

TEST_CASE("print: any test survives being printed and parsed") {
  const std::uint64_t seed = 20261124;
  INFO("seed " << seed);
  RandomRules random(seed);
  for (int round = 0; round < 5000; ++round) {
    const TestSyntax test = random.test();
    const std::string text = print_test(test);
    INFO(text);
    Diagnostics diagnostics;
    const auto again = parse_test(ScalarText::unplaced(text), diagnostics);
    REQUIRE(again);
    REQUIRE(dump(*again) == dump(test));
    REQUIRE(print_test(*again) == text);
  }
}
