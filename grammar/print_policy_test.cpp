#include <doctest/doctest.h>
#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/base/render.h"
#include "grammar/comment_tree.h"
#include "grammar/dump.h"
#include "grammar/policy_reader.h"
#include "grammar/print.h"
#include "tests/support/random_policies.h"

using namespace isola;
using namespace isola::grammar;

// What a test compares: the canonical text, what the file says, and its comments.
struct Formatted {
  std::string errors;
  std::string text;
  std::string syntax;
  std::vector<std::string> comments;
};

// The dump of the syntax without the places at the ends of its lines.
static std::string without_places(llvm::StringRef dump) {
  std::string kept;
  llvm::SmallVector<llvm::StringRef, 64> lines;
  dump.split(lines, '\n');
  for (const llvm::StringRef line : lines) kept += line.rsplit(' ').first.str() + "\n";
  return kept;
}

static Formatted format(const std::string& text) {
  SourceManager sources;
  const FileId file = sources.add("policy.yaml", text);
  Diagnostics diagnostics;
  Formatted formatted;
  const auto policy = read_policy(sources, file, diagnostics);
  formatted.errors = render_text(sources, diagnostics, Colour::Off);
  if (!policy || diagnostics.has_errors()) return formatted;
  Diagnostics again;
  const auto tree = read_yaml(sources, file, again);
  if (!tree) return formatted;
  formatted.text = format_policy(sources, file, *tree);
  formatted.syntax = without_places(dump_syntax(sources, *policy));
  formatted.comments = find_comments(sources.text(file), *tree);
  std::sort(formatted.comments.begin(), formatted.comments.end());
  return formatted;
}

TEST_CASE("format: the canonical form of a small policy") {
  CHECK(format(R"(# what this is
policy:   web
schema: 1
# the programs
files:
- read   /a     # first
- write,read /longer/path   # second

-   'read /c'
tests: ["deny  read /etc/shadow"]
capabilities:
  - CAP_CHOWN
  - CAP_KILL
mounts:
  - destination: /
    type: overlay
    options:
      - ro
)")
            .text == R"(# what this is
policy: web
schema: 1

capabilities: [CAP_CHOWN, CAP_KILL]

# the programs
files:
  - read /a                  # first
  - read,write /longer/path  # second

  - read /c

mounts:
  - {destination: /, type: overlay, options: [ro]}

tests:
  - deny read /etc/shadow
)");
}

TEST_CASE("format: what is in quotes stays as it is") {
  const std::string text =
      "policy: web\nabout: \"a  b \\x41 # c\"\n\nfiles:\n  - 'read \"/a  b\" because \"x #1  y\"'\n";
  CHECK(format(text).text == text);
}

TEST_CASE("format: comments inside brackets open them") {
  CHECK(format("policy: web\nnamespaces: [mount,  # private\n  pid]  # both\n").text ==
        "policy: web\n\nnamespaces:  # both\n  - mount    # private\n  - pid\n");
}

TEST_CASE("format: an anchor and its alias stay where they are") {
  const std::string text =
      "policy: web\n\nfiles: &paths\n  - read /a\n\nchildren:\n  helper:\n    files: *paths\n";
  CHECK(format(text).text == text);
}

TEST_CASE("format: comments above the first section stay at the top when an empty line sets them apart") {
  CHECK(format("# heading\n\n# about files\nfiles: []\npolicy: web\n").text ==
        "# heading\n\npolicy: web\n\n# about files\nfiles: []\n");
}

TEST_CASE("format: indented comments stay with the section that they end") {
  CHECK(format("policy: web\nfiles:\n  - read /a\n  # - read /b\n# sockets\nnetwork:\n  - bind tcp 80\n")
            .text ==
        "policy: web\n\nfiles:\n  - read /a\n  # - read /b\n\n# sockets\nnetwork:\n  - bind tcp 80\n");
}

TEST_CASE(
    "format: random policies keep their meaning and their comments, and formatting twice changes nothing") {
  const std::uint64_t seed = 20261123;
  INFO("seed " << seed);
  RandomPolicies random(seed);
  for (int round = 0; round < 1000; ++round) {
    const std::string text = random.policy();
    const Formatted once = format(text);
    INFO("round " << round << "\n" << text << "\n======== formatted\n" << once.text);
    REQUIRE(once.errors == "");
    const Formatted twice = format(once.text);
    REQUIRE(twice.errors == "");
    REQUIRE(twice.syntax == once.syntax);
    REQUIRE(twice.comments == once.comments);
    REQUIRE(twice.text == once.text);
  }
}
