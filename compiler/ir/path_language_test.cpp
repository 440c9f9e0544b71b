#include "compiler/ir/path_language.h"

#include <doctest/doctest.h>

using namespace isola::ir;

namespace {

PathLanguage language(std::initializer_list<const char*> texts) {
  std::vector<PathPattern> patterns;
  for (const char* text : texts) patterns.push_back(std::get<PathPattern>(PathPattern::parse(text)));
  return PathLanguage::of(patterns).value();
}

}  // namespace

TEST_CASE("path_language: a witness is the shortest path, in letters where possible") {
  struct Row {
    std::initializer_list<const char*> language, other;
    const char* difference;  // a path of the first that is not in the other
  };
  const Row rows[] = {
      {{"/etc/**"}, {}, "/etc/a"},
      {{"/etc/**"}, {"/etc/*"}, "/etc/a/"},
      {{"/etc/**"}, {"/etc/*", "/etc/*/"}, "/etc/a/a"},
      {{"/srv/**"}, {"/srv/[a-z]*", "/srv/[a-z]**"}, "/srv/0"},
      {{"/a/{b,c}"}, {"/a/b"}, "/a/c"},
      {{"/a/b"}, {"/a/*"}, "none"},
      {{"/a/**"}, {"/a/{*,**/}", "/a/**/*"}, "none"},
      {{"/a/../b", "//a", "/a/."}, {}, "none"},
      {{"/log/*.log"}, {"/log/a*.log"}, "/log/.log"},
  };
  for (const Row& row : rows) {
    CHECK(witness_of_difference(language(row.language), language(row.other)).value_or("none") ==
          row.difference);
    CHECK(language(row.other).contains(language(row.language)) ==
          (llvm::StringRef(row.difference) == "none"));
  }
}

TEST_CASE("path_language: two languages that hold the same paths are the same automaton") {
  CHECK(language({"/a/{b,c}"}).equals(language({"/a/c", "/a/b"})));
  CHECK(language({"/a/**"}).equals(language({"/a/*", "/a/*/", "/a/*/**"})));
  CHECK_FALSE(language({"/a/**"}).equals(language({"/a/*"})));
  CHECK(language({"/**", "/"}).equals(PathLanguage::everything()));
  CHECK(language({"/**"}).complement().equals(language({"/"})));
  CHECK(language({}).is_empty());
}
