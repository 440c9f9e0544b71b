// isola compile FILE... [-o DIR]: the artifacts of every chosen target, all or none.

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/library.h"
#include "compiler/driver/output.h"

namespace isola::driver {

// Two policies of one name would be written to one directory.
static void report_double_names(llvm::ArrayRef<CompiledPolicy> compiled, Diagnostics& diagnostics) {
  std::map<std::string, SourceRange> seen;
  for (const CompiledPolicy& one : compiled) {
    const auto [first, is_new] = seen.try_emplace(one.policy.name, one.policy.origin);
    if (is_new) continue;
    diagnostics.report<DiagnosticKind::PolicyNamedTwice>(one.policy.origin, one.policy.name)
        .label(first->second, "the other one");
  }
}

std::optional<std::vector<CompiledPolicy>> compile_files(Session& session, const Arguments& arguments) {
  const std::optional<CompileOptions> options = read_options(session, arguments);
  if (!options) return std::nullopt;
  FileSystemLibrary library(session);
  std::vector<CompiledPolicy> compiled;
  for (const std::string& path : arguments.files) {
    const std::optional<FileId> file = read_source(session, path);
    if (!file) continue;
    auto one = compile(session.sources, *file, library, *options, session.diagnostics);
    if (one) compiled.push_back(std::move(*one));
  }
  report_double_names(compiled, session.diagnostics);
  if (session.diagnostics.has_errors()) return std::nullopt;
  return compiled;
}

void run_compile(Session& session, const Arguments& arguments) {
  std::optional<std::vector<CompiledPolicy>> compiled = compile_files(session, arguments);
  if (!compiled) return;
  std::vector<ArtifactSet> sets;
  for (CompiledPolicy& one : *compiled) {
    sets.push_back({.policy = one.policy.name, .artifacts = std::move(one.artifacts)});
  }
  if (const auto failed = write_artifact_sets(arguments.directory, sets)) {
    session.diagnostics.report<DiagnosticKind::CannotWriteFile>({}, failed->path, failed->reason);
    return;
  }
  if (arguments.quiet) return;
  for (const ArtifactSet& set : sets) {
    for (const backends::Artifact& artifact : set.artifacts) {
      print(fmt::format("{}/{}/{}\n", arguments.directory, set.policy, artifact.name));
    }
  }
}

}  // namespace isola::driver
