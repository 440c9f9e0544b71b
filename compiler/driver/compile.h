// The pipeline: from the bytes of a policy to the artifacts of every chosen backend.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/backend.h"
#include "compiler/resolve/resolve.h"

namespace isola::driver {

struct CompileOptions {
  std::vector<const backends::Backend*> targets;  // in the order of backends.def
  ir::Target target;
  backends::Options backend_options;
  std::string today;  // YYYY-MM-DD
};

struct CompiledPolicy {
  ir::Policy policy;
  ir::Profile profile;
  std::vector<backends::Artifact> artifacts;  // of all targets, names unique
};

// Compiles the policy in `file`, a text of `sources`. Touches nothing but its arguments.
// Nothing is returned after an error, whichever stage found it: a security compiler fails closed.
std::optional<CompiledPolicy> compile(const SourceManager& sources, FileId file,
                                      resolve::ImportLibrary& library, const CompileOptions& options,
                                      Diagnostics& diagnostics);

// The first stages alone, for commands that ask of the meaning only: no lints, tests or targets.
struct ResolvedPolicy {
  ir::Policy policy;
  ir::Profile profile;
};
std::optional<ResolvedPolicy> compile_to_profile(const SourceManager& sources, FileId file,
                                                 resolve::ImportLibrary& library, const ir::Target& target,
                                                 Diagnostics& diagnostics);

}  // namespace isola::driver
