#include <doctest/doctest.h>
#include <llvm/ADT/Twine.h>

#include "compiler/ir/dump.h"
#include "tests/support/policy_text.h"

using isola::tests::compile_sections;

namespace {

std::string calls(llvm::StringRef rules) {
  return ("syscalls:\n  architectures: [SCMP_ARCH_X86_64]\n  rules:\n" + rules).str();
}

// Two texts that mean the same give equal profiles.
void check_same(llvm::StringRef a, llvm::StringRef b) {
  const auto first = compile_sections(a);
  const auto second = compile_sections(b);
  CAPTURE(first.findings());
  CAPTURE(second.findings());
  REQUIRE_FALSE(first.diagnostics.has_errors());
  CHECK(isola::ir::dump(first.profile) == isola::ir::dump(second.profile));
  CHECK(first.profile == second.profile);
}

void check_findings(llvm::StringRef sections, llvm::StringRef expected) {
  CHECK(compile_sections(sections).findings() == expected);
}

}  // namespace

TEST_CASE("flatten: order and repetition do not matter") {
  check_same(calls("    - allow read write\n    - allow close\n"),
             calls("    - allow close write\n    - allow read\n"));
  check_same("files:\n  - read /a\n  - write /a\n", "files:\n  - read,write /a\n");
  check_same("network:\n  - bind tcp 80\n  - accept tcp 80\n", "network:\n  - accept,bind tcp 80\n");
  check_same(calls("    - allow socket if family == AF_UNIX\n    - allow socket if family == AF_INET\n"),
             calls("    - allow socket if family in {AF_INET, AF_UNIX}\n"));
}

TEST_CASE("flatten: a rule that another contains is left out, and said") {
  const auto compiled = compile_sections("files:\n  - read /etc/**\n  - read /etc/passwd\n");
  CHECK(compiled.findings() == "W722 read /etc/passwd\n");
  CHECK(compiled.profile.rules.size() == 1);
  check_findings(calls("    - allow socket\n    - allow socket if family == AF_UNIX\n"),
                 "W722 allow socket if family == AF_UNIX\n");
}

TEST_CASE("flatten: contradictions are errors, narrower rules are not") {
  check_findings(calls("    - allow ioctl -> SCMP_ACT_LOG\n    - allow ioctl\n"), "E401 allow ioctl\n");
  check_findings(
      calls("    - allow ioctl if cmd in 1..5 -> SCMP_ACT_LOG\n    - allow ioctl if cmd in 3..9\n"),
      "E401 allow ioctl if cmd in 3..9\n");
  check_findings(calls("    - allow ioctl -> SCMP_ACT_LOG\n    - allow ioctl if cmd == 3\n"), "");
}

TEST_CASE("flatten: an allow inside a deny is an error") {
  check_findings("files:\n  - read /srv/a\n  - deny read /srv/**\n", "E402 read /srv/a\n");
  check_findings(calls("    - allow reboot\n    - deny reboot\n"), "E402 allow reboot\n");
  check_findings(calls("    - allow @reboot\n    - deny reboot\n"), "");
}

TEST_CASE("flatten: conditions that cannot be compared are an error, and many that can are none") {
  // Each pairs a bit of one argument with one of another: all together have no small diagram.
  std::string paired;
  for (int bit = 0; bit < 20; ++bit) {
    const std::string mask = std::to_string(1 << bit);
    paired += "    - allow ioctl if (fd & " + mask + ") != 0 && (arg & " + mask + ") != 0\n";
  }
  CHECK(llvm::StringRef(compile_sections(calls(paired)).findings()).contains("E407"));
  std::string values;
  for (int value = 0; value < 400; ++value)
    values += "    - allow ioctl if cmd == " + std::to_string(value * 7) + "\n";
  check_findings(calls(values), "");
}

TEST_CASE("flatten: a policy with hundreds of paths is compared whole") {
  std::string rules = "files:\n  - deny read /srv/**.key\n";
  for (int number = 0; number < 400; ++number) {
    rules += "  - read /srv/" + std::to_string(number) + "/**\n";
    rules += "  - deny read /etc/*-" + std::to_string(number) + "\n";
  }
  check_findings(rules + "  - read /srv/7/x.key\n", "W722 read /srv/7/x.key\nE402 read /srv/7/x.key\n");
}

TEST_CASE("flatten: what the target leaves open takes the side that grants less") {
  const auto compiled = compile_sections(
      "files:\n  - read /a when lsm == apparmor\n  - read /b/**\n  - deny read /b/c when lsm == apparmor\n");
  CHECK(compiled.findings() == "W721 lsm == apparmor\nW721 lsm == apparmor\n");
  CHECK(compiled.profile.rules.size() == 2);
}
