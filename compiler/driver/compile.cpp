// The pipeline on one screen. Each comment says what holds from there on.

#include "compiler/driver/compile.h"

#include <set>

#include "compiler/base/check.h"
#include "compiler/driver/policy_tests.h"
#include "compiler/driver/requirements.h"
#include "compiler/ir/flatten.h"
#include "compiler/lint/lint.h"
#include "grammar/policy_reader.h"

namespace isola::driver {

static void check_names_are_unique(llvm::ArrayRef<backends::Artifact> artifacts) {
  std::set<std::string> names;
  for (const backends::Artifact& artifact : artifacts) {
    ISOLA_CHECK(names.insert(artifact.name).second, "two backends write an artifact of one name");
  }
}

std::optional<ResolvedPolicy> compile_to_profile(const SourceManager& sources, FileId file,
                                                 resolve::ImportLibrary& library, const ir::Target& target,
                                                 Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  const auto has_failed = [&] { return diagnostics.error_count() > errors_before; };

  // Bytes to words. What could be read is kept even after errors, so that resolve finds more in the same run.
  const std::optional<grammar::PolicySyntax> syntax = grammar::read_policy(sources, file, diagnostics);
  if (!syntax) return std::nullopt;

  // Words to meanings: bundles are read, names and numbers looked up.
  std::optional<ir::Policy> policy = resolve::resolve(*syntax, library, diagnostics);
  if (!policy || has_failed()) return std::nullopt;

  // From here on every rule is typed and no name is left. Flattening settles `when` for this target and
  // brings the rules into their one canonical order; it alone can see contradictions.
  ir::Profile profile = ir::flatten(*policy, target, diagnostics);
  if (has_failed()) return std::nullopt;

  // INVARIANT: rules are sorted, none is implied by another, and every deny has been settled.
  return ResolvedPolicy{.policy = std::move(*policy), .profile = std::move(profile)};
}

std::optional<CompiledPolicy> compile(const SourceManager& sources, FileId file,
                                      resolve::ImportLibrary& library, const CompileOptions& options,
                                      Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();

  // Bytes to the canonical profile.
  std::optional<ResolvedPolicy> resolved =
      compile_to_profile(sources, file, library, options.target, diagnostics);
  if (!resolved) return std::nullopt;
  CompiledPolicy compiled{
      .policy = std::move(resolved->policy), .profile = std::move(resolved->profile), .artifacts = {}};

  // The meaning is fixed now. Is it more than the workload needs, and is it what the author expected of it?
  lint::lint(compiled.policy, {.today = options.today}, diagnostics);
  run_policy_tests(compiled.policy, compiled.profile, options.target, diagnostics);

  // Can the chosen targets hold it as well as the policy demands?
  check_requirements(compiled.policy, compiled.profile, options.targets, diagnostics);

  // Every target sees the same profile and no other target. All run, so that all findings come in one go.
  backends::Options backend_options = options.backend_options;
  backend_options.sources = &sources;
  for (const backends::Backend* backend : options.targets) {
    for (backends::Artifact& artifact : backend->compile(compiled.profile, backend_options, diagnostics)) {
      compiled.artifacts.push_back(std::move(artifact));
    }
  }
  check_names_are_unique(compiled.artifacts);

  // Beyond this point nothing can be found wrong with the policy; what is left is writing (output.h).
  if (diagnostics.error_count() > errors_before) return std::nullopt;
  return compiled;
}

}  // namespace isola::driver
