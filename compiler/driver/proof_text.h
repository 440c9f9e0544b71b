// What a comparison of a filter with a policy found, for people and for programs.

#pragma once

#include <string>

#include "backends/seccomp/compare.h"
#include "compiler/base/source.h"

namespace isola::driver {

// One filter and what was found out about it.
struct Proof {
  std::string policy;  // the file, for messages
  std::string filter;  // the artifact's or the file's name
  std::size_t instructions = 0;
  backends::seccomp::Comparison comparison;
};

// Kinds of calls that differ: the same call with the same answers on several architectures is one.
std::size_t count_cases(const backends::seccomp::Comparison& comparison);

// Lines of a result: that the two are equal and for what, or how they differ, the widest case of each
// direction first and no more than kMostShownCases of each.
constexpr std::size_t kMostShownCases = 10;
std::string proof_text(const SourceManager& sources, const ir::Profile& profile, const Proof& proof);

// All of them, as one JSON document. Numbers of more than 32 bits are hexadecimal texts.
std::string proofs_json(const SourceManager& sources, const ir::Profile& profile,
                        const std::vector<Proof>& proofs);

}  // namespace isola::driver
