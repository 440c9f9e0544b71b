// Our reading of a pattern against that of apparmor_parser: the compiled policy of a profile with one rule is
// the parser's own canonical form of the pattern.

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "compiler/ir/path_pattern.h"
#include "tests/support/apparmor_parser.h"

using isola::ir::PathPattern;
using isola::ir::PatternError;
using isola::tests::ParserRun;
using isola::tests::run_apparmor_parser;

namespace {

// The pattern between quotes, as the parser's lexer wants it.
std::string profile_of(const std::string& pattern) {
  std::string quoted;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '"') quoted += '\\';
    quoted += pattern[at];
    if (pattern[at] == '\\' && at + 1 < pattern.size()) quoted += pattern[++at];
  }
  return "abi <abi/3.0>,\nprofile p {\n  \"" + quoted + "\" r,\n}\n";
}

// What the parser accepts and we refuse on purpose; see the top of path_pattern.h.
bool is_refused_on_purpose(PatternError::Kind kind) {
  using Kind = PatternError::Kind;
  return kind == Kind::WildcardInClass || kind == Kind::BadRange || kind == Kind::BadClassEscape ||
         kind == Kind::NulByte || kind == Kind::TooComplex || kind == Kind::EmptyClass;
}

void compare_with_parser(const std::string& text) {
  CAPTURE(text);
  const ParserRun as_written = run_apparmor_parser(profile_of(text));
  const auto parsed = PathPattern::parse(text);
  if (const auto* error = std::get_if<PatternError>(&parsed)) {
    CHECK((!as_written.accepted || is_refused_on_purpose(error->kind)));
    return;
  }
  const ParserRun canonical = run_apparmor_parser(profile_of(std::get<PathPattern>(parsed).text().str()));
  CHECK(as_written.accepted);
  CHECK(canonical.accepted);
  CHECK(as_written.policy == canonical.policy);
}

std::vector<std::string> all_texts(std::string_view alphabet, std::size_t length) {
  std::vector<std::string> texts = {""};
  std::size_t begin = 0;
  for (std::size_t round = 0; round < length; ++round) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char byte : alphabet) texts.push_back(texts[begin] + byte);
    }
  }
  return texts;
}

}  // namespace

TEST_CASE("path_pattern: canonical text means to the parser what was written") {
  for (const char* text : {"/a//b",       "///a",           "//a//b",         "/\\101",
                           "/\\d65\\x41", "/\\z\\-",        "/\\052",         "/\\x\\061",
                           "/[[]",        "/[\\]\\\\]",     "/[-a^]",         "/[^-^/]",
                           "/[a-c/]",     "/[{},]",         "/[.+|()$]",      "/a,b",
                           "/a b\"c",     "/\\\"",          "/\\n\\t",        "/\xc3\xa9?",
                           "/[\xc3\xa9]", "/[\\200-\\377]", "/a[/]*",         "/a[/][/]b",
                           "/a{/,}*",     "/a/{*,b}",       "/a/{**,}/b",     "/{a,{b,c*}/}/**",
                           "/{,a}{,b}",   "/a@b",           "/[@]{a,b}",      "/a@\\{b\\}",
                           "/***",        "/a/**/",         "/?*/?**",        "/a/*?",
                           "/{*,*}",      "/^$()+.|",       "/\\^a",          "/x{\\,,\\{}",
                           "/a\\/*",      "/[ab][ab]",      "/a'b#c",         "/*/*",
                           "/**/*b",      "/\\001\\177",    "/[\\001-\\003]", "/{a\\,b,c[,]}"}) {
    compare_with_parser(text);
  }
}

TEST_CASE("path_pattern: what the parser refuses is refused") {
  for (const char* text :
       {"/{a", "/a}", "/{a}", "/{}", "/[a", "/a]", "/[]a]", "/[a-c-e]", "/[a-]", "/a\\", "/[^"}) {
    compare_with_parser(text);
    CHECK(std::holds_alternative<PatternError>(PathPattern::parse(text)));
  }
}

TEST_CASE("path_pattern: random patterns mean to the parser what their canonical text means") {
  constexpr unsigned kSeed = 7;
  MESSAGE("seed " << kSeed);
  std::mt19937 random(kSeed);
  const std::string alphabet = "/aab*?{,}[]^-\\\"";
  for (int round = 0; round < 150; ++round) {
    std::string text = "/";
    for (int length = 1 + round % 8; length > 0; --length) text += alphabet[random() % alphabet.size()];
    compare_with_parser(text);
  }
}

TEST_CASE("path_pattern: two short patterns match the same paths exactly when the parser says so") {
  const std::vector<std::string> paths = all_texts("/ab,", 4);
  std::map<std::string, std::string> by_policy;   // compiled policy -> which paths match
  std::map<std::string, std::string> by_matches;  // and back
  for (const std::string& text : all_texts("/a*?{,}", 3)) {
    const auto parsed = PathPattern::parse("/" + text);
    if (!std::holds_alternative<PathPattern>(parsed)) continue;
    std::string matches;
    for (const std::string& path : paths)
      matches += std::get<PathPattern>(parsed).matches("/" + path) ? '1' : '0';
    const ParserRun run = run_apparmor_parser(profile_of("/" + text));
    CAPTURE(text);
    CHECK(by_policy.try_emplace(run.policy, matches).first->second == matches);
    CHECK(by_matches.try_emplace(matches, run.policy).first->second == run.policy);
  }
  CHECK(by_policy.size() > 40);
}
