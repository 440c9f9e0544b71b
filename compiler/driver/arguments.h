// What the command line said, as plain values. main.cpp fills it; nothing is looked up or checked here yet.

#pragma once

#include <string>
#include <vector>

#include "backends/backend.h"

namespace isola::driver {

// How findings are printed on stderr.
enum class Format { Text, Json, Sarif };

// The structure that `dump` shows.
enum class Stage { Syntax, Policy, Profile };

struct Arguments {
  std::vector<std::string> files;    // `-` is standard input
  std::string directory = "out";     // compile -o
  std::vector<std::string> targets;  // empty: every backend
  std::vector<std::string> arches;   // empty: those of the policy
  std::string kernel;                // empty: the policy's vocabulary
  std::string host_lsm, engine;      // empty: not said
  std::vector<std::string> features;
  std::vector<std::string> requests;                               // decide
  std::string filter;                                              // prove; empty: what compile makes
  std::string code;                                                // explain; empty: list the catalogue
  backends::FilterGoal optimize = backends::FilterGoal::Balanced;  // compile
  std::string frequencies;                                         // compile; a file, or empty
  Stage stage = Stage::Profile;                                    // dump
  Format format = Format::Text;
  bool strict = false;  // warnings are errors
  bool quiet = false;   // no results on stdout
  bool table = false;   // targets: how well each holds what, as Markdown
  bool json = false;    // results as JSON
  bool emit_c = false;  // compile: the seccomp filter as a C header, too
  bool check = false;   // fmt: say what would change, change nothing
};

// What the process ends with.
enum class ExitStatus { Fine = 0, PolicyAtFault = 1, Usage = 2, OurFailure = 3 };

}  // namespace isola::driver
