#include "grammar/yaml_reader.h"

#include <doctest/doctest.h>

#include "compiler/base/render.h"

using namespace isola;
using namespace isola::grammar;

namespace {

// A text that was read, with what was found in it.
struct Reading {
  SourceManager sources;
  Diagnostics diagnostics;
  std::optional<YamlNode> root;

  explicit Reading(std::string text) {
    const FileId file = sources.add("policy.yaml", std::move(text));
    root = read_yaml(sources, file, diagnostics);
  }
  std::string found() const {
    std::string all;
    for (const Diagnostic& entry : diagnostics.sorted()) {
      if (!all.empty()) all += ", ";
      all += std::string(info(entry.kind).code) + " `" + sources.text(entry.range).str() + "`";
    }
    return all;
  }
};

// The tree as one line: texts in quotes, nothing written as `-`.
std::string outline(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return "-";
    case YamlNode::Kind::Scalar:
      return "'" + node.scalar.str() + "'";
    case YamlNode::Kind::Sequence: {
      std::string all;
      for (const YamlNode& item : node.items) all += (all.empty() ? "" : " ") + outline(item);
      return "[" + all + "]";
    }
    case YamlNode::Kind::Mapping: {
      std::string all;
      for (const YamlEntry& entry : node.entries) {
        all += (all.empty() ? "" : " ") + outline(entry.key) + ":" + outline(entry.value);
      }
      return "{" + all + "}";
    }
  }
  return "";
}

std::string outline(std::string text) {
  const Reading reading(std::move(text));
  CHECK(reading.found() == "");
  return reading.root ? outline(*reading.root) : "nothing";
}

void expect_found(std::string text, const std::string& found) {
  CAPTURE(text);
  CHECK(Reading(text).found() == found);
}

}  // namespace

TEST_CASE("yaml: every value stays the text that was written") {
  CHECK(outline("umask: 0027\nuser: 33:33\non: yes\nnone: ~\nnothing: null\n") ==
        "{'umask':'0027' 'user':'33:33' 'on':'yes' 'none':'~' 'nothing':'null'}");
}

TEST_CASE("yaml: block and flow collections give the same tree") {
  CHECK(outline("a:\n  - x\n  - {b: y, c: [z]}\n") == "{'a':['x' {'b':'y' 'c':['z']}]}");
  CHECK(outline("{a: [x, {b: y, c: [z]}]}\n") == "{'a':['x' {'b':'y' 'c':['z']}]}");
}

TEST_CASE("yaml: a key without a value and an empty item are empty") {
  CHECK(outline("a:\nb:\n  - \n  - x\n") == "{'a':- 'b':[- 'x']}");
  CHECK(outline("a:\nnull: x\n") == "{'a':- 'null':'x'}");
  CHECK(outline("") == "-");
  CHECK(outline("# nothing but a comment\n") == "-");
}

TEST_CASE("yaml: a byte order mark, a document start and a document end change nothing") {
  CHECK(outline("\xEF\xBB\xBF"
                "a: b\n") == "{'a':'b'}");
  CHECK(outline("# first\n---\na: b\n...\n# last\n") == "{'a':'b'}");
}

TEST_CASE("yaml: an alias stands for a copy, with the places of the original") {
  const Reading reading("a: &rules [x, y]\nb: *rules\n");
  REQUIRE(reading.root);
  CHECK(outline(*reading.root) == "{'a':['x' 'y'] 'b':['x' 'y']}");
  const YamlNode& copied = reading.root->find("b")->value.items[1];
  CHECK(copied.scalar.range().begin == 14);
}

TEST_CASE("yaml: ranges cover quotes, brackets and all entries") {
  const Reading reading("a: 'x y'  # c\nb: [x, [y] ]\nc:\n  - d: e\n");
  REQUIRE(reading.root);
  const auto text_of = [&](const YamlNode& node) { return reading.sources.text(node.range).str(); };
  CHECK(text_of(reading.root->find("a")->value) == "'x y'");
  CHECK(text_of(reading.root->find("b")->value) == "[x, [y] ]");
  CHECK(text_of(reading.root->find("b")->value.items[1]) == "[y]");
  CHECK(text_of(reading.root->find("c")->value) == "- d: e");
  CHECK(text_of(reading.root->find("c")->value.items[0]) == "d: e");
}

TEST_CASE("yaml: traps are found by name and underlined") {
  // clang-format off
  expect_found("a: 1\nb: 2\na: 3\n",                   "E101 `a`");
  expect_found("a: 1\n---\nb: 2\n",                    "E105 `---`");
  expect_found("a: 1\n...\nb: 2\n",                    "E105 `b: `");
  expect_found("a: !!str x\n",                         "E106 `!!str`");
  expect_found("a: ! 'x'\n",                           "E106 `!`");
  expect_found("%YAML 1.1\n---\na: b\n",               "E107 `%YAML 1.1`");
  expect_found("a: &x {b: c}\nd:\n  <<: *x\n",         "E108 `<<`");
  expect_found("? [a, b]\n: c\n",                      "E109 `[a, b]`");
  expect_found(": c\n",                                "E109 ``");
  expect_found("a:\n\t- b\n",                          "E110 `\t`");
  expect_found("a:\tb\n",                              "E110 `\t`");
  expect_found("a: \"b\n",                             "E111 `\"`");
  expect_found("a: 'b\nc: d\n",                        "E111 `'`");
  expect_found("a: \"b\nc: \"d\"\n",                   "E111 `\"`");
  expect_found("a: [b, c\nd: e\n",                     "E112 `[`");
  expect_found("a: [b] ]\n",                           "E113 `]`");
  expect_found("a: \"b\" c\n",                         "E113 `c`");
  expect_found("a: '\n\n\n  '\n",                      "E127 `'`");
  expect_found("- ,a\n",                              "E113 `,a`");
  expect_found("a: [b-?}]\n",                         "E128 `?}]`");
  expect_found("a: 1\nb\nc: 2\n",                      "E114 `b`");
  expect_found("a: {b, c}\n",                          "E114 `b`");
  expect_found("a: &x [1, *x]\n",                      "E117 `*x`");
  expect_found("a: *x\n",                              "E118 `*x`");
  expect_found("a:\n  - b\n - c\n",                    "E119 `- c`");
  expect_found("a: @b\n",                              "E120 `@`");
  expect_found("a: \"b\\q\"\n",                        "E121 `\\q`");
  expect_found("a: \"\\uD800\"\n",                     "E121 `\\uD800`");
  expect_found("a: \"\\0\"\n",                         "E103 `\\0`");
  expect_found("- deny x because \"issue #12\"\n",     "E122 `#12\"`");
  expect_found("- deny x because \"a: b: c\"\n",       "E123 `deny x because \"a: b: c\"`");
  expect_found("a: b: c\n",                            "E124 `:`");
  expect_found("a: - b\n",                             "E125 `-`");
  expect_found("a: > b\n",                             "E126 `b`");
  // clang-format on
}

TEST_CASE("yaml: a comment behind a text with an inch sign is a comment") {
  CHECK(outline("about: a 5\" disk  # not a \"quote\"\n") == "{'about':'a 5\" disk'}");
}

TEST_CASE("yaml: bytes that are no text are refused at the first one") {
  expect_found("a: \xff\xfe\n", "E102 `\xff`");
  expect_found(std::string("a: b\0\n", 6), std::string("E103 `\0`", 8));
  expect_found(
      "a: \x04"
      "b\n",
      "E103 `\x04`");
  expect_found("a: b\r c\n", "E103 `\r`");
  expect_found(
      "a: \xC2\x9B"
      "31m\n",
      "E103 `\xC2\x9B`");
  expect_found("# \xE2\x80\xAE tset\n", "E129 `\xE2\x80\xAE`");
}

TEST_CASE("yaml: a file beyond the limit is not read") {
  CHECK(Reading("a: " + std::string(kMaxFileSize, 'x')).found() == "E104 ``");
}

TEST_CASE("yaml: nesting is limited, in brackets and in lines") {
  const std::string allowed = std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']');
  CHECK(Reading(allowed).found() == "");
  CHECK(Reading("[" + allowed + "]").found() == "E115 `[`");
  std::string dashes;
  for (std::size_t level = 0; level < 10'000; ++level) dashes += "- ";
  CHECK(Reading(dashes + "x\n").found() == "E115 `-`");
}

TEST_CASE("yaml: aliases cannot make a tree larger than the limit") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 10; ++level) {
    const std::string name = std::to_string(level);
    bomb += "a" + name + ": &a" + name + " [";
    for (int times = 0; times < 10; ++times) bomb += (times > 0 ? ", *a" : "*a") + std::to_string(level - 1);
    bomb += "]\n";
  }
  CHECK(Reading(bomb).found() == "E116 `*`");
}

TEST_CASE("yaml: aliases cannot repeat a long text without end") {
  std::string text = "a: &a " + std::string(60'000, 'x') + "\nb: [*a";
  for (int times = 0; times < 1'000; ++times) text += ", *a";
  CHECK(Reading(text + "]\n").found() == "E116 `*`");
}

TEST_CASE("yaml: findings come with the edit that mends them") {
  const Reading reading("rules:\n  - deny clone3 because \"issue #12, don't\"\n");
  CHECK(render_text(reading.sources, reading.diagnostics, Colour::Off) ==
        "policy.yaml:2:32: error[E122]: YAML takes `#12, don't\"` for a comment\n"
        "    2 |   - deny clone3 because \"issue #12, don't\"\n"
        "      |                                ^^^^^^^^^^^\n"
        "      = help: did you mean `'deny clone3 because \"issue #12, don''t\"'`?\n");
}
