// The catalogue as a whole: codes, wording, explanations.

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "compiler/base/diagnostics.h"

using namespace isola;

TEST_CASE("catalogue: codes ascend, their letter says whether it is an error") {
  int last = 0;
  for (const DiagnosticInfo& entry : diagnostic_catalogue()) {
    CAPTURE(entry.code);
    REQUIRE(entry.code.size() == 4);
    const int number = std::stoi(std::string(entry.code.substr(1)));
    CHECK(number > last);
    last = number;
    CHECK(entry.code[0] == (number >= 700 ? 'W' : 'E'));
    CHECK((entry.severity == Severity::Error) == (number < 700));
  }
}

TEST_CASE("catalogue: messages are lower case, without a final period, and on one line") {
  for (const DiagnosticInfo& entry : diagnostic_catalogue()) {
    CAPTURE(entry.code);
    REQUIRE(!entry.message.empty());
    const bool starts_with_capital =
        entry.message[0] >= 'A' && entry.message[0] <= 'Z' &&
        (entry.message.size() < 2 || (entry.message[1] >= 'a' && entry.message[1] <= 'z'));
    CHECK_FALSE((starts_with_capital && entry.message.substr(0, 4) != "YAML"));
    CHECK(entry.message.back() != '.');
    CHECK(entry.message.find('\n') == std::string_view::npos);
  }
}

TEST_CASE(
    "catalogue: every explanation says why and the way out in two to sixteen lines that fit a terminal") {
  for (const DiagnosticInfo& entry : diagnostic_catalogue()) {
    CAPTURE(entry.code);
    llvm::SmallVector<llvm::StringRef, 16> lines;
    llvm::StringRef(entry.explanation).trim().split(lines, '\n');
    CHECK(lines.size() >= 2);
    CHECK(lines.size() <= 16);
    for (const llvm::StringRef line : lines) CHECK(line.size() <= 120);
  }
}

TEST_CASE("catalogue: names are found in either spelling, and no two are the same") {
  std::set<std::string_view> names;
  for (const DiagnosticInfo& entry : diagnostic_catalogue()) CHECK(names.insert(entry.name).second);
  CHECK(find_diagnostic("unknown-syscall") == DiagnosticKind::UnknownSyscall);
  CHECK(find_diagnostic("UnknownSyscall") == DiagnosticKind::UnknownSyscall);
  CHECK(find_diagnostic("e301") == DiagnosticKind::UnknownSyscall);
  CHECK_FALSE(find_diagnostic("E999"));
}
