#include "compiler/ir/path_pattern.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "compiler/ir/pattern_comparer.h"

using namespace isola::ir;

namespace {

struct Row {
  const char* input;
  const char* expected;
};

std::string parse_text(llvm::StringRef text) {
  const auto result = PathPattern::parse(text);
  if (const auto* error = std::get_if<PatternError>(&result)) {
    return fmt::format("{}+{} {}", error->offset, error->length, describe(error->kind).str());
  }
  return std::get<PathPattern>(result).text().str();
}

PathPattern pattern(llvm::StringRef text) {
  auto result = PathPattern::parse(text);
  REQUIRE_MESSAGE(std::holds_alternative<PathPattern>(result), text.str());
  return std::get<PathPattern>(std::move(result));
}

template <typename Function>
void check_table(Function function, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.input);
    CHECK(function(row.input) == row.expected);
  }
}

}  // namespace

TEST_CASE("path_pattern: canonical text drops what means nothing") {
  // clang-format off
  check_table(parse_text, {
      {"/etc/passwd",       "/etc/passwd"},
      {"/etc//passwd",      "/etc/passwd"},
      {"///etc/passwd",     "/etc/passwd"},
      {"/\\101\\x42\\d67",  "/ABC"},
      {"/a\\zb\\ c",        "/azb c"},
      {"/\\052\\*",         "/\\*\\*"},
      {"/a\\x2f/b",         "/a/b"},
      {"/\\x\\061",         "/\\001"},
      {"/[c-a]",            "2+3 a range in `[]` runs from the lower byte to the higher, and a `-` that is no range comes first"},
      {"/[cba]",            "/[a-c]"},
      {"/[a]",              "/a"},
      {"/[^/]",             "/?"},
      {"/a[^b]c",           "/a[^b]c"},
      {"/[-a^]",            "/[-a^]"},
      {"/a,b",              "/a,b"},
      {"/{b,a}",            "/{a,b}"},
      {"/{a,a}",            "/a"},
      {"/{,}a",             "/a"},
      {"/{a\\,b,c}",        "/{a\\,b,c}"},
      {"/***",              "/**"},
      {"/a/?*",             "/a/*"},
      {"/a/{*,*}",          "/a/{*,}"},
      {"/a[/]*",            "/a/{*,}"},
      {"/a/{*,b}",          "/a/{*,b}"},
      {"/[\\*\\]\\\\]",  "/[\\*\\\\\\]]"},
      {"/[@]{a,b}",         "/[@]{a,b}"},
  });
  // clang-format on
}

TEST_CASE("path_pattern: what does not mean anything is refused with its place") {
  // clang-format off
  check_table(parse_text, {
      {"",               "0+0 a path begins with `/`"},
      {"etc/passwd",     "0+1 a path begins with `/`"},
      {"/a\\000",        "2+4 no path holds a NUL byte"},
      {"/run/@{uid}/x",  "6+5 `@{NAME}` is an AppArmor variable, which has no value here"},
      {"/a\\",           "2+1 nothing follows the last `\\`"},
      {"/x//{a,b",       "4+1 `{` is never closed"},
      {"/a}",            "2+1 `}` closes nothing"},
      {"/{a}",           "1+3 braces need two alternatives or more"},
      {"/{}",            "1+2 braces need two alternatives or more"},
      {"/[ab",           "1+1 `[` is never closed"},
      {"/a]",            "2+1 `]` closes nothing"},
      {"/[]a]",          "1+2 no byte is in this set"},
      {"/[^]",           "1+3 no byte is in this set"},
      {"/[a*]",          "3+1 a wildcard inside `[]` is written with a backslash"},
      {"/[a-]",          "2+2 a range in `[]` runs from the lower byte to the higher, and a `-` that is no range comes first"},
      {"/[\\^a]",        "2+2 `^`, `-` and `,` take no backslash inside `[]`: `-` comes first, `^` last"},
  });
  // clang-format on
}

TEST_CASE("path_pattern: the special cases of stars") {
  struct Match {
    const char* pattern;
    const char* path;
    bool matches;
  };
  const std::initializer_list<Match> rows = {
      {"/a/*", "/a/", false},      {"/a/*", "/a/b", true},
      {"/a/*", "/a/b/", false},    {"/a/*/", "/a/b/", true},
      {"/a/*/", "/a//", false},    {"/a/**", "/a/", false},
      {"/a/**", "/a/b/c", true},   {"/a/**", "/a//", false},
      {"/a/**/", "/a/b/c/", true}, {"/a/*b", "/a/b", true},
      {"/a/**b", "/a//b", true},   {"/a/{*,b}", "/a/", true},
      {"/a{/,}*", "/a/", true},    {"/*", "/", false},
      {"/**", "/", false},         {"/a[^b]c", "/a/c", true},
      {"/a?c", "/a/c", false},     {"/a*", "/a", true},
      {"/a/", "/a", false},        {"/\\xc3?", "/\303\251", true},
      {"/[/]a", "//a", true},
  };
  for (const Match& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK(pattern(row.pattern).matches(row.path) == row.matches);
  }
}

TEST_CASE("path_pattern: alternatives expand without changing a path") {
  const auto expand = [](llvm::StringRef text) {
    const auto patterns = pattern(text).expand_alternations();
    std::string list;
    if (!patterns) return std::string("too many");
    for (const PathPattern& one : *patterns) list += (list.empty() ? "" : " ") + one.text().str();
    return list;
  };
  // clang-format off
  check_table(expand, {
      {"/etc/passwd",          "/etc/passwd"},
      {"/etc/{passwd,group}",  "/etc/group /etc/passwd"},
      {"/{a,b{c,d}}/{,e}",     "/a/ /a/e /bc/ /bc/e /bd/ /bd/e"},
      {"/a/{*,b}",             "/a/ /a/* /a/b"},
      {"/a{/,}*",              "/a* /a/ /a/*"},
      {"/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "too many"},
  });
  // clang-format on
}
