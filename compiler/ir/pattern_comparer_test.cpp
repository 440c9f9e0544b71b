#include "compiler/ir/pattern_comparer.h"

#include <doctest/doctest.h>

using namespace isola::ir;

static PathPattern pattern(const std::string& text) {
  return std::get<PathPattern>(PathPattern::parse(text));
}

TEST_CASE("pattern_comparer: pairs that are settled at sight, and pairs that need automata") {
  struct Row {
    const char *first, *second;
    bool contains, overlap;
  };
  const Row rows[] = {
      {"/a/**", "/a/b/*", true, true},
      {"/a/**", "/a/", false, false},
      {"/a/**", "/a/*x", true, true},
      {"/a/*x", "/a/**", false, true},
      {"/**x", "/**y", false, false},
      {"/**x", "/a*x", true, true},
      {"/**x*", "/**y*", false, true},
      {"/a{b,c}", "/a[bc]", true, true},
      {"/a/?", "/a/[xy]", true, true},
      {"/**~*", "/x*", false, true},
      {"/a/*[^~]", "/a/b?", false, true},
      {"/a/[^~]*/**", "/a/{b,c}/*", true, true},
      {"/a/./*", "/a/*", false, false},
      {"/a/*", "/a/./*", true, false},
      {"/a/b", "/a/b", true, true},
      {"/a/b", "/a/b*", false, true},
      {"/a/**/b", "/a/*/b", true, true},
      {"/a/*/b", "/a/**/b", false, true},
      {"/**/../x*", "/**", false, false},
      {"/a{,b}", "/a", true, true},
      {"/*abc", "/proc/acpi/**", false, false},
      {"/*/abc", "/proc/**", false, true},
      {"/[^a]*c", "/b/*", false, false},
      {"/*{a,/b}", "/a/*", false, true},
  };
  PatternComparer paths;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.first));
    CAPTURE(std::string(row.second));
    CHECK(paths.contains(pattern(row.first), pattern(row.second)) == row.contains);
    CHECK(paths.overlap(pattern(row.first), pattern(row.second)) == row.overlap);
  }
  CHECK_FALSE(paths.is_spent());
}

TEST_CASE("pattern_comparer: beyond the budget nothing is contained and everything overlaps") {
  PatternComparer paths;
  const PathPattern outer = pattern("/**");
  const PathPattern inner = pattern("/a*b*c");
  CHECK(paths.contains(outer, inner));
  for (int count = 0; count < 10'000'000 && !paths.is_spent(); ++count) {
    paths.overlap(pattern("/*x"), pattern("/*y"));
  }
  REQUIRE(paths.is_spent());
  CHECK_FALSE(paths.contains(outer, inner));
  CHECK(paths.overlap(pattern("/a"), pattern("/b")));
}

TEST_CASE("pattern_comparer: an index gives every pattern that may contain another") {
  PatternIndex index;
  const char* texts[] = {"/**", "/a/**", "/a/b", "/b/*", "/a/b*"};
  for (std::size_t item = 0; item < 5; ++item) index.add(pattern(texts[item]), item);
  CHECK(index.possible_containers(pattern("/a/b")) == std::vector<std::size_t>{0, 1, 4, 2});
  CHECK(index.possible_containers(pattern("/b/c*")) == std::vector<std::size_t>{0, 3});
  CHECK(index.possible_containers(pattern("/*")) == std::vector<std::size_t>{0});
}
