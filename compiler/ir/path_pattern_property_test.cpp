// Patterns against a matcher that is slow and obvious, languages against lists of all short paths.

#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "compiler/ir/path_pattern.h"
#include "compiler/ir/pattern_comparer.h"

using namespace isola::ir;

namespace {

// apparmor.d(5) read word by word: tries every way in which the text from `at` can match the rest of the
// path.
class SlowMatcher {
 public:
  SlowMatcher(std::string text, std::string path)
      : text_(drop_double_slashes(std::move(text))), path_(std::move(path)) {}

  bool matches() const {
    return match(0, text_.size(), 0, [&](std::size_t read) { return read == path_.size(); });
  }

 private:
  using Rest = std::function<bool(std::size_t)>;

  static std::string drop_double_slashes(std::string text) {
    const std::size_t kept = text.starts_with("//") && !text.starts_with("///") ? 1 : 0;
    for (std::size_t at = kept; at + 1 < text.size();) {
      if (text[at] == '/' && text[at + 1] == '/') {
        text.erase(at, 1);
      } else {
        ++at;
      }
    }
    return text;
  }

  bool match(std::size_t at, std::size_t end, std::size_t read, const Rest& rest) const {
    if (at == end) return rest(read);
    const char byte = text_[at];
    if (byte == '{') return match_braces(at, end, read, rest);
    if (byte == '*') return match_star(at, end, read, rest);
    if (read == path_.size()) return false;
    if (byte == '?') return path_[read] != '/' && match(at + 1, end, read + 1, rest);
    if (byte == '[') {
      const std::size_t close = text_.find(']', at);
      return in_class(text_.substr(at + 1, close - at - 1), path_[read]) &&
             match(close + 1, end, read + 1, rest);
    }
    const std::size_t literal = byte == '\\' ? at + 1 : at;
    return path_[read] == text_[literal] && match(literal + 1, end, read + 1, rest);
  }

  bool match_star(std::size_t at, std::size_t end, std::size_t read, const Rest& rest) const {
    std::size_t after = at;
    while (after < text_.size() && text_[after] == '*') ++after;
    const bool is_component = text_[at - 1] == '/' && (after == text_.size() || text_[after] == '/');
    const bool is_deep = after - at > 1;
    if (is_component && (read == path_.size() || path_[read] == '/')) return false;
    for (std::size_t taken = is_component ? 1 : 0; read + taken <= path_.size(); ++taken) {
      if (taken > 0 && !is_deep && path_[read + taken - 1] == '/') return false;
      if (match(after, end, read + taken, rest)) return true;
    }
    return false;
  }

  bool match_braces(std::size_t at, std::size_t end, std::size_t read, const Rest& rest) const {
    const std::vector<std::size_t> marks = find_marks(at);
    const Rest after = [&](std::size_t now) { return match(marks.back() + 1, end, now, rest); };
    for (std::size_t index = 0; index + 1 < marks.size(); ++index) {
      if (match(marks[index] + 1, marks[index + 1], read, after)) return true;
    }
    return false;
  }

  // The places of `{`, its commas and its `}`.
  std::vector<std::size_t> find_marks(std::size_t at) const {
    std::vector<std::size_t> marks = {at};
    int depth = 1;
    while (depth > 0) {
      ++at;
      if (text_[at] == '\\')
        ++at;
      else if (text_[at] == '[')
        at = text_.find(']', at);
      else if (text_[at] == '{')
        ++depth;
      else if (text_[at] == '}')
        --depth;
      if ((depth == 1 && text_[at] == ',') || depth == 0) marks.push_back(at);
    }
    return marks;
  }

  static bool in_class(std::string members, char byte) {
    const bool negated = members.starts_with("^");
    if (negated) members.erase(0, 1);
    bool found = false;
    for (std::size_t at = 0; at < members.size(); ++at) {
      const bool is_range = at + 2 < members.size() && members[at + 1] == '-';
      found |= is_range ? members[at] <= byte && byte <= members[at + 2] : members[at] == byte;
      at += is_range ? 2 : 0;
    }
    return found != negated;
  }

  std::string text_, path_;
};

// All texts of at most `length` bytes of `alphabet`, shortest first.
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

std::optional<PathPattern> try_parse(const std::string& text) {
  auto result = PathPattern::parse(text);
  if (!std::holds_alternative<PathPattern>(result)) return std::nullopt;
  return std::get<PathPattern>(std::move(result));
}

// How many patterns were read; fails with the first pattern and path on which the matchers disagree.
int compare_matchers(const std::vector<std::string>& texts, const std::vector<std::string>& paths) {
  int count = 0;
  for (const std::string& text : texts) {
    const std::optional<PathPattern> pattern = try_parse("/" + text);
    if (!pattern) continue;
    ++count;
    const std::optional<PathPattern> again = try_parse(pattern->text().str());
    REQUIRE_MESSAGE((again && *again == *pattern && again->nodes() == pattern->nodes()), "/" << text);
    for (const std::string& path : paths) {
      const bool expected = SlowMatcher("/" + text, "/" + path).matches();
      if (pattern->matches("/" + path) != expected)
        FAIL("/" << text << " and /" << path << ": slowly " << expected);
    }
  }
  return count;
}

std::string random_text(std::mt19937& random, std::string_view alphabet, std::size_t length) {
  std::string text;
  std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
  while (text.size() < length) text += alphabet[pick(random)];
  return text;
}

constexpr unsigned kSeed = 20241;

}  // namespace

TEST_CASE("path_pattern: every short pattern of wildcards and braces matches as read word by word") {
  const std::vector<std::string> paths = all_texts("/ab", 4);
  CHECK(compare_matchers(all_texts("/a*{,}", 5), paths) > 1500);
  CHECK(compare_matchers(all_texts("/?*{,}", 4), paths) > 350);
}

TEST_CASE("path_pattern: every short pattern of sets and escapes matches as read word by word") {
  CHECK(compare_matchers(all_texts("[]^-ab/", 5), all_texts("-^ab/", 3)) > 1000);
  CHECK(compare_matchers(all_texts("\\*?{},k", 4), all_texts("*?{},k\\", 2)) > 500);
}

TEST_CASE("path_pattern: long random patterns match as read word by word") {
  MESSAGE("seed " << kSeed);
  std::mt19937 random(kSeed);
  std::vector<std::string> texts;
  for (int round = 0; round < 40000; ++round)
    texts.push_back(random_text(random, "/abab*?{{,}}", 6 + round % 9));
  std::vector<std::string> paths;
  for (int round = 0; round < 60; ++round) paths.push_back(random_text(random, "/abc", 1 + round % 8));
  CHECK(compare_matchers(texts, paths) > 400);
}

TEST_CASE("path_pattern: expanded alternatives match the same existing paths") {
  const std::vector<std::string> paths = all_texts("/ab", 4);
  for (const std::string& text : all_texts("/a*{,}", 5)) {
    const std::optional<PathPattern> pattern = try_parse("/" + text);
    if (!pattern || pattern->text().find('{') == llvm::StringRef::npos) continue;
    const auto expanded = pattern->expand_alternations();
    REQUIRE(expanded);
    for (const PathPattern& one : *expanded) CHECK(one.text().find('{') == llvm::StringRef::npos);
    for (const std::string& path : paths) {
      if (!can_exist("/" + path)) continue;
      const bool any =
          llvm::any_of(*expanded, [&](const PathPattern& one) { return one.matches("/" + path); });
      if (any != pattern->matches("/" + path)) FAIL("/" << text << " and /" << path << ": expanded " << any);
    }
  }
}

namespace {

struct Sample {
  std::vector<PathPattern> patterns;
  PathLanguage language;

  bool matches(const std::string& path) const {
    return llvm::any_of(patterns, [&](const PathPattern& pattern) { return pattern.matches(path); });
  }
};

Sample random_sample(std::mt19937& random) {
  Sample sample;
  while (sample.patterns.size() < 1 + random() % 3) {
    const std::optional<PathPattern> pattern =
        try_parse("/" + random_text(random, "/aab.**?{,}", 1 + random() % 7));
    if (pattern) sample.patterns.push_back(*pattern);
  }
  sample.language = PathLanguage::of(sample.patterns).value();
  return sample;
}

// The witness is in exactly the right sets, and no listed path that would do is shorter.
void check_witness(const std::optional<std::string>& witness, const std::vector<std::string>& paths,
                   const std::function<bool(const std::string&)>& would_do) {
  const auto shortest = llvm::find_if(paths, would_do);
  if (witness) {
    CHECK(can_exist(*witness));
    CHECK(would_do(*witness));
    if (shortest != paths.end()) CHECK(witness->size() <= shortest->size());
  } else {
    CHECK(shortest == paths.end());
  }
}

}  // namespace

TEST_CASE("path_language: set operations agree with lists of all short paths") {
  MESSAGE("seed " << kSeed);
  std::mt19937 random(kSeed);
  std::vector<std::string> paths;
  for (const std::string& text : all_texts("/ab.", 5)) {
    if (can_exist("/" + text)) paths.push_back("/" + text);
  }
  for (int round = 0; round < 400; ++round) {
    const Sample first = random_sample(random);
    const Sample second = random_sample(random);
    const PathLanguage either = first.language.unite(second.language).value();
    const PathLanguage both = first.language.intersect(second.language).value();
    const PathLanguage only = first.language.subtract(second.language).value();
    const PathLanguage others = first.language.complement();
    bool agree = true;
    for (const std::string& path : paths) {
      const bool in_first = first.matches(path);
      const bool in_second = second.matches(path);
      agree &= first.language.contains(path) == in_first &&
               either.contains(path) == (in_first || in_second) &&
               both.contains(path) == (in_first && in_second) &&
               only.contains(path) == (in_first && !in_second) && others.contains(path) != in_first;
    }
    CAPTURE(first.patterns.front().text().str());
    CAPTURE(second.patterns.front().text().str());
    CHECK(agree);
    check_witness(witness_of_difference(first.language, second.language), paths,
                  [&](const std::string& path) { return first.matches(path) && !second.matches(path); });
    check_witness(witness_of_overlap(first.language, second.language), paths,
                  [&](const std::string& path) { return first.matches(path) && second.matches(path); });
    CHECK(first.language.overlaps(second.language) == !both.is_empty());
    CHECK(second.language.contains(first.language) == only.is_empty());
    CHECK(either.equals(second.language) == only.is_empty());
    CHECK(others.complement().equals(first.language));
  }
}

TEST_CASE("path_language: two patterns are compared as their languages are") {
  MESSAGE("seed " << kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 4000; ++round) {
    const PathPattern first = random_sample(random).patterns.front();
    const PathPattern second = random_sample(random).patterns.front();
    CAPTURE(first.text().str());
    CAPTURE(second.text().str());
    const PathLanguage first_language = PathLanguage::of(first);
    const PathLanguage second_language = PathLanguage::of(second);
    CHECK(patterns_overlap(first, second) == first_language.overlaps(second_language));
    CHECK(pattern_contains(first, second) == first_language.contains(second_language));
  }
}

TEST_CASE("path_pattern: hostile patterns are refused or read in bounded time") {
  const auto is_too_complex = [](const std::string& text) {
    const auto result = PathPattern::parse(text);
    const auto* error = std::get_if<PatternError>(&result);
    return error && error->kind == PatternError::Kind::TooComplex;
  };
  std::string many_optional = "/";
  for (int count = 0; count < 40; ++count) many_optional += "{,?}";
  std::string nested = "/";
  for (int count = 0; count < 60; ++count) nested += "{a,";
  CHECK(is_too_complex("/**a" + std::string(40, '?')));
  CHECK(is_too_complex(many_optional + "a" + std::string(40, '?')));
  CHECK(is_too_complex("/*a**EEEEEEEEE????????????E??EEEEEEEEEEEEEEEEEEEEE"));
  CHECK_FALSE(is_too_complex("/**a" + std::string(5, '?')));
  CHECK(std::holds_alternative<PatternError>(PathPattern::parse("/" + std::string(4096, 'a'))));
  CHECK(std::holds_alternative<PathPattern>(PathPattern::parse("/" + std::string(4095, 'a'))));
  CHECK(std::holds_alternative<PatternError>(PathPattern::parse(nested)));
}
