// What a reader of a finding sees, on lines that are not plain.

#include "compiler/base/render.h"

#include <doctest/doctest.h>
#include <llvm/Support/JSON.h>

using namespace isola;

// The text of one finding about bytes [begin, end) of `line`, without its first line.
static std::string snippet(const std::string& line, std::uint32_t begin, std::uint32_t end) {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", line);
  Diagnostics diagnostics;
  diagnostics.report<DiagnosticKind::UnknownSyscall>({file, begin, end}, "x");
  const std::string rendered = render_text(sources, diagnostics, Colour::Off);
  return rendered.substr(rendered.find('\n') + 1);
}

TEST_CASE("render: a wide letter takes two carets, a combining mark none") {
  CHECK(snippet("a \xe6\xbc\xa2 b", 2, 5) == "    1 | a \xe6\xbc\xa2 b\n      |   ^^\n");
  CHECK(snippet("e\xcc\x81 b", 4, 5) == "    1 | e\xcc\x81 b\n      |   ^\n");
}

TEST_CASE("render: what could steer a terminal or turn the text is shown as an escape") {
  CHECK(snippet("a\x1b[2J b", 6, 7) == "    1 | a\\x1b[2J b\n      |          ^\n");
  CHECK(snippet("\xc2\x9b b", 3, 4) == "    1 | \\x9b b\n      |      ^\n");
  CHECK(snippet("\xe2\x80\xae b", 4, 5) == "    1 | \\u202e b\n      |        ^\n");
}

TEST_CASE("render: bytes that are not UTF-8 are shown one by one") {
  CHECK(snippet("\xff\xc3 b", 3, 4) == "    1 | \\xff\\xc3 b\n      |          ^\n");
}

TEST_CASE("render: the place at the end of a line and that of an empty file have one caret") {
  CHECK(snippet("ab\ncd", 2, 2) == "    1 | ab\n      |   ^\n");
  CHECK(snippet("", 0, 0) == "    1 |\n      | ^\n");
}

TEST_CASE("render: only the first line of a place that goes on is marked") {
  CHECK(snippet("ab\r\ncd", 1, 6) == "    1 | ab\n      |  ^\n");
}

TEST_CASE("render: a long line is cut around the place") {
  const std::string line = std::string(300, 'a') + "HERE" + std::string(2'000'000, 'b');
  CHECK(snippet(line, 300, 304) == "    1 | ..." + std::string(30, 'a') + "HERE" + std::string(86, 'b') +
                                       "...\n" + "      | " + std::string(33, ' ') + "^^^^\n");
}

TEST_CASE("render: a label on the line of the finding does not show the line again") {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", "one two\nthree\n");
  Diagnostics diagnostics;
  diagnostics.report<DiagnosticKind::UnknownSyscall>({file, 4, 7}, "two")
      .label({file, 0, 3}, "after this")
      .label({file, 8, 13}, "before this");
  CHECK(render_text(sources, diagnostics, Colour::Off) ==
        "a.yaml:1:5: error[E301]: unknown system call `two`\n"
        "    1 | one two\n"
        "      |     ^^^\n"
        "      | --- after this\n"
        "    2 | three\n"
        "      | ----- before this\n");
}

TEST_CASE("render: a label in another file is introduced by its place") {
  SourceManager sources;
  const FileId first = sources.add("a.yaml", "one");
  const FileId second = sources.add("b.yaml", "two");
  Diagnostics diagnostics;
  diagnostics.report<DiagnosticKind::UnknownSyscall>({first, 0, 3}, "one").label({second, 0, 3}, "here");
  CHECK(render_text(sources, diagnostics, Colour::Off) ==
        "a.yaml:1:1: error[E301]: unknown system call `one`\n"
        "    1 | one\n"
        "      | ^^^\n"
        "   --> b.yaml:1:1\n"
        "    1 | two\n"
        "      | --- here\n");
}

TEST_CASE("render: findings without a place carry the program's name and their suggestions") {
  SourceManager sources;
  Diagnostics diagnostics;
  diagnostics.report<DiagnosticKind::UnknownSyscall>({}, "opnat").suggest({}, "openat");
  CHECK(render_text(sources, diagnostics, Colour::Off) ==
        "isola: error[E301]: unknown system call `opnat`\n"
        "      = help: did you mean `openat`?\n");
  CHECK(llvm::json::parse(render_json(sources, diagnostics)));
  CHECK(llvm::json::parse(render_sarif(sources, diagnostics, "1.0.0")));
}

TEST_CASE("render: where there are too many findings, no error is left out for a warning") {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", std::string(400, 'a'));
  Diagnostics diagnostics;
  for (std::uint32_t at = 0; at < 300; ++at)
    diagnostics.report<DiagnosticKind::UnusedBinding>({file, at, at + 1}, "x");
  diagnostics.report<DiagnosticKind::UnknownSyscall>({file, 350, 351}, "x");
  const std::string rendered = render_text(sources, diagnostics, Colour::Off);
  CHECK(llvm::StringRef(rendered).contains("error[E301]"));
  CHECK(llvm::StringRef(rendered).contains("isola: 101 more findings are not shown\n"));
}

TEST_CASE("render: JSON and SARIF stay valid when the policy is not UTF-8") {
  SourceManager sources;
  const FileId file = sources.add("\xff.yaml", "a\xff\x01\n");
  Diagnostics diagnostics;
  diagnostics.report<DiagnosticKind::UnknownSyscall>({file, 1, 3}, "\xff").suggest({file, 1, 2}, "\xfe");
  CHECK(llvm::json::parse(render_json(sources, diagnostics)));
  CHECK(llvm::json::parse(render_sarif(sources, diagnostics, "1.0.0")));
}

TEST_CASE("diagnostics: strict reports warnings as errors") {
  Diagnostics normal;
  Diagnostics strict(Strictness::Strict);
  normal.report<DiagnosticKind::BroadWrite>({}, "/x");
  strict.report<DiagnosticKind::BroadWrite>({}, "/x");
  CHECK_FALSE(normal.has_errors());
  CHECK(strict.has_errors());
}
