#include <doctest/doctest.h>

#include <string>

#include "tests/support/formatted.h"
#include "tests/support/random_policies.h"

using namespace isola;
using namespace isola::grammar;

TEST_CASE("format: the canonical form of a small policy") {
  CHECK(format_text(R"(# what this is
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
  CHECK(format_text(text).text == text);
}

TEST_CASE("format: comments inside brackets open them") {
  CHECK(format_text("policy: web\nnamespaces: [mount,  # private\n  pid]  # both\n").text ==
        "policy: web\n\nnamespaces:  # both\n  - mount    # private\n  - pid\n");
}

TEST_CASE("format: a comment between empty brackets goes above them") {
  CHECK(format_text("policy: web\nmounts:\n  - destination: /\n    options: [  # none\n    ]\n").text ==
        "policy: web\n\nmounts:\n  - destination: /\n    # none\n    options: []\n");
  CHECK(format_text("policy: web\nmounts:\n  - options: [  # none\n    ]\n    destination: /\n").text ==
        "policy: web\n\nmounts:\n  # none\n  - {options: [], destination: /}\n");
}

TEST_CASE("format: settings stay in the brackets their author gave them") {
  const std::string text = "bundle: std/x\nschema: 1\nparams: {port: port}\n\nnetwork:\n  - bind tcp $port\n";
  CHECK(format_text(text).text == text);
}

TEST_CASE(
    "format: an item of extends that YAML cuts at its colon is one text, in quotes where it needs them") {
  CHECK(format_text("policy: web\nextends: [std/x(port: 80), std/\"y(port: 80)]\n").text ==
        "policy: web\n\nextends: [std/x(port: 80), 'std/\"y(port: 80)']\n");
  CHECK(format_text("policy: web\nextends:\n  -  # above\n    std/\"y(port: 80)  # behind\n").text ==
        "policy: web\n\nextends:\n  # above\n  - 'std/\"y(port: 80)'  # behind\n");
}

TEST_CASE("format: the name of a bundle has no tab, which no spelling without quotes would keep") {
  CHECK(llvm::StringRef(format_text("policy: web\nextends: [std/n\tx(port: 80)]\n").errors).contains("E213"));
  CHECK(
      llvm::StringRef(format_text("policy: web\nextends: ['std/x(po\trt: 80)']\n").errors).contains("E213"));
}

TEST_CASE("format: the text is read again before it is given out") {
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("policy.yaml", "policy:  web\nfiles:\n- write , read /a  # all\n");
  CHECK(format_policy(sources, file, diagnostics) ==
        std::optional<std::string>("policy: web\n\nfiles:\n  - read,write /a  # all\n"));
  const FileId broken = sources.add("broken.yaml", "policy: web\nfiles: [read]\n");
  CHECK(format_policy(sources, broken, diagnostics) == std::nullopt);
  CHECK(diagnostics.has_errors());
}

TEST_CASE("format: an anchor and its alias stay where they are") {
  const std::string text =
      "policy: web\n\nfiles: &paths\n  - read /a\n\nchildren:\n  helper:\n    files: *paths\n";
  CHECK(format_text(text).text == text);
}

TEST_CASE("format: comments above the first section stay at the top when an empty line sets them apart") {
  CHECK(format_text("# heading\n\n# about files\nfiles: []\npolicy: web\n").text ==
        "# heading\n\npolicy: web\n\n# about files\nfiles: []\n");
}

TEST_CASE("format: indented comments stay with the section that they end") {
  CHECK(format_text("policy: web\nfiles:\n  - read /a\n  # - read /b\n# sockets\nnetwork:\n  - bind tcp 80\n")
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
    const Formatted once = format_text(text);
    INFO("round " << round << "\n" << text << "\n======== formatted\n" << once.text);
    REQUIRE(once.errors == "");
    const Formatted twice = format_text(once.text);
    REQUIRE(twice.errors == "");
    REQUIRE(twice.syntax == once.syntax);
    REQUIRE(twice.comments == once.comments);
    REQUIRE(twice.text == once.text);
  }
}
