#include "grammar/yaml_scalar.h"

#include <doctest/doctest.h>

#include <random>

using namespace isola;
using namespace isola::grammar;

namespace {

struct ReadScalar {
  SourceManager sources;
  Diagnostics diagnostics;
  ScalarText text;
  SourceRange range;

  // Reads `yaml`, a mapping whose last value is the scalar in question.
  explicit ReadScalar(std::string yaml) {
    const FileId file = sources.add("policy.yaml", std::move(yaml));
    const std::optional<YamlNode> root = read_yaml(sources, file, diagnostics);
    if (!root || root->entries.empty()) return;
    text = root->entries.back().value.scalar;
    range = root->entries.back().value.range;
  }

  // What the author typed for `part` of the decoded text.
  std::string typed(llvm::StringRef part) const {
    const std::size_t begin = text.decoded().find(part);
    if (begin == llvm::StringRef::npos) return "<not in: " + text.str() + ">";
    return sources.text(text.source_range(begin, begin + part.size())).str();
  }
};

void expect_typed(std::string yaml, llvm::StringRef part, const std::string& typed) {
  CAPTURE(yaml);
  CHECK(ReadScalar(yaml).typed(part) == typed);
}

}  // namespace

TEST_CASE("yaml scalar: a part of the decoded text is found in the file") {
  // clang-format off
  expect_typed("a: read /etc/x\n",                              "/etc/x", "/etc/x");
  expect_typed("a: 'read ''/etc/x'' now'\n",                    "'/etc/x'", "''/etc/x''");
  expect_typed("a: \"read\\t/etc/\\u00e9\\x41b\"\n",            "\t/etc/\xC3\xA9" "A", "\\t/etc/\\u00e9\\x41");
  expect_typed("a: \"read \\\n    /etc/x\"\n",                  "/etc/x", "/etc/x");
  expect_typed("a: \"read /etc/\\\n    x\"\n",                  "/etc/x", "/etc/\\\n    x");
  expect_typed("a: \"read\n    /etc/x\"\n",                     "/etc/x", "/etc/x");
  expect_typed("a: read\n  /etc/x\n  now\n",                    "/etc/x now", "/etc/x\n  now");
  expect_typed("a: read\r\n  /etc/x\r\n\r\n  now\r\n",          "x\nnow", "x\r\n\r\n  now");
  expect_typed("a: >\n  read\n  /etc/x\n",                      "/etc/x", "/etc/x");
  expect_typed("a: >-\n  read\n\n  /etc/x\n",                   "/etc/x", "/etc/x");
  expect_typed("a: >\n  read\n    more\n  /etc/x\n",            "  more\n/etc", "  more\n  /etc");
  expect_typed("a: |\n  read\n  /etc/x\n",                      "/etc/x", "/etc/x");
  expect_typed("a: |+2 # comment\n    read\n  /etc/x\n\n",      "/etc/x\n\n", "/etc/x\n\n");
  expect_typed("a: |-\r\n  read\r\n  /etc/x\r\n",               "/etc/x", "/etc/x");
  expect_typed("a: &r \"read\\t/etc/x\"\nb: *r\n",              "/etc/x", "/etc/x");
  expect_typed("a: &r\n  read /etc/x\n",                        "/etc/x", "/etc/x");
  expect_typed("a: \"\\U0001F600 /etc/x\"\n",                   "\xF0\x9F\x98\x80", "\\U0001F600");
  // clang-format on
}

TEST_CASE("yaml scalar: a block text that ends the file without a line break") {
  expect_typed("a: |\n  read\n  /etc/x", "/etc/x", "/etc/x");
  expect_typed("a: >\n  read\n  /etc/x", "/etc/x", "/etc/x");
}

TEST_CASE("yaml scalar: the range covers quotes and block headers") {
  const ReadScalar quoted("a: 'x'  # c\n");
  CHECK(quoted.sources.text(quoted.range) == "'x'");
  const ReadScalar block("a: |\n  x\n");
  CHECK(block.sources.text(block.range) == "|\n  x\n");
}

namespace {

// Writes texts as YAML in random styles; a scalar stands at the indentation of two.
class RandomWriter {
 public:
  explicit RandomWriter(std::uint32_t seed) : random_(seed) {}

  std::string text() {
    static constexpr std::string_view kLetters[] = {"a",  "b",    "/",  " ",        "  ", "'", "\"", "\\",
                                                    "\n", "\n\n", "#",  " #",       ":",  ",", "-",  "{",
                                                    "}",  "*",    "\t", "\xC3\xA9", "x",  "y"};
    std::string made;
    for (std::size_t count = below(14); count > 0; --count) made += kLetters[below(std::size(kLetters))];
    return made;
  }

  // One of the styles that can hold `text`.
  std::string write(const std::string& text) {
    switch (below(5)) {
      case 0:
        return write_plain(text);
      case 1:
        return write_single(text);
      case 2:
        return write_block(text, '|');
      case 3:
        return write_block(text, '>');
      default:
        return write_double(text);
    }
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 0; }

  static bool is_word(llvm::StringRef text) {
    return !text.empty() && text.find_first_not_of("abxy/\xC3\xA9 ") == llvm::StringRef::npos &&
           text.trim() == text;
  }
  std::string write_plain(const std::string& text) {
    if (!is_word(text)) return write_double(text);
    return fold(text);
  }
  // Replaces single spaces by line breaks now and then.
  std::string fold(llvm::StringRef text) {
    std::string made;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const bool alone =
          text[at] == ' ' && at > 0 && at + 1 < text.size() && text[at - 1] != ' ' && text[at + 1] != ' ';
      made += alone && coin() ? "\n    " : text.substr(at, 1).str();
    }
    return made;
  }
  std::string write_single(const std::string& text) {
    if (text.find_first_of("\n\t") != std::string::npos) return write_double(text);
    return quote_once(fold(text));
  }
  std::string write_double(const std::string& text) {
    std::string made = "\"";
    for (const char letter : text) {
      const bool starts_letter = (static_cast<unsigned char>(letter) & 0xC0) != 0x80;
      if (starts_letter && below(16) == 0) made += "\\\n    \\\n   ";
      const bool must = llvm::StringRef("\"\\\n\t ").contains(letter);
      if (static_cast<unsigned char>(letter) < 0x80 && (must || below(4) == 0)) {
        made += escape(letter);
      } else {
        made += letter;
      }
    }
    return made + "\"";
  }
  std::string escape(char letter) {
    static constexpr char kDigits[] = "0123456789abcdef";
    if (letter == '\n' && coin()) return "\\n";
    if (letter == '\t' && coin()) return "\\t";
    if (letter == ' ' && coin()) return "\\ ";
    const std::string digits{kDigits[letter >> 4], kDigits[letter & 15]};
    return coin() ? "\\x" + digits : coin() ? "\\u00" + digits : "\\U000000" + digits;
  }
  // `|2` and `>2` with the chomping that gives back the breaks at the end.
  std::string write_block(const std::string& text, char sign) {
    const llvm::StringRef body = llvm::StringRef(text).rtrim('\n');
    const std::size_t breaks = text.size() - body.size();
    if (body.trim(" \t\n").empty() || body.starts_with("\n")) return write_double(text);
    // NOTE: yaml-cpp 0.7 loses the last break of `>+` at the end of a file.
    if (sign == '>' && breaks > 1) return write_double(text);
    std::string made = std::string(1, sign) + "2" + (breaks == 0 ? "-" : breaks == 1 ? "" : "+") + "\n";
    llvm::StringRef rest = body;
    bool was_plain = false;
    while (true) {
      const auto [line, after] = rest.split('\n');
      const bool is_plain = !line.empty() && line.front() != ' ' && line.front() != '\t';
      // Between two lines that start at the margin a folded break reads as a space: write one more.
      if (sign == '>' && was_plain && is_plain) made += "\n";
      if (line.empty() && sign == '>') return write_double(text);
      made += "  " + line.str() + "\n";
      was_plain = is_plain;
      if (line.size() == rest.size()) break;
      rest = after;
    }
    made.append(breaks > 1 ? breaks - 1 : 0, '\n');
    made.pop_back();  // the caller ends the line
    return made;
  }

  std::mt19937 random_;
};

void check_places(const ReadScalar& read) {
  std::uint32_t last = 0;
  for (std::size_t at = 0; at < read.text.decoded().size(); ++at) {
    const SourceRange place = read.text.source_range(at, at + 1);
    CHECK(place.begin >= last);
    CHECK(place.end >= place.begin);
    CHECK(place.begin >= read.range.begin);
    CHECK(place.end <= read.range.end);
    // A byte that stands for itself is that byte; all others were escaped, doubled or folded.
    const llvm::StringRef typed = read.sources.text(place);
    const char decoded = read.text.decoded()[at];
    if (typed.size() == 1 && decoded != ' ') CHECK(typed.front() == decoded);
    if (typed.size() > 1) CHECK((typed.front() == '\\' || typed == "''" || typed.contains('\n')));
    last = place.begin;
  }
}

}  // namespace

TEST_CASE("yaml scalar: random texts in random styles read back, every byte in its place") {
  const std::uint32_t seed = 20'261'123;
  for (std::uint32_t round = 0; round < 20'000; ++round) {
    RandomWriter writer(seed + round);
    const std::string text = writer.text();
    const ReadScalar read("first: x\nlast: " + writer.write(text) + "\n");
    CAPTURE(seed + round);
    CAPTURE(text);
    CAPTURE(read.sources.text(FileId{1}).str());
    REQUIRE(read.diagnostics.error_count() == 0);
    REQUIRE(read.text.str() == text);
    check_places(read);
  }
}
