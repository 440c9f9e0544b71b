// Runs apparmor_parser on a profile, without touching the kernel or a cache: the referee of tests about
// AppArmor.

#pragma once

#include <string>

namespace isola::tests {

struct ParserRun {
  bool accepted = false;
  std::string policy;    // the compiled policy; equal policies are equal bytes
  std::string messages;  // what the parser wrote to stderr
};

// Ends the program with a message when apparmor_parser is not installed: tests depend on it.
ParserRun run_apparmor_parser(const std::string& profile);

}  // namespace isola::tests
