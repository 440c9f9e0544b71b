// isola test FILE...: the policy's own tests on the model. Those that fail are reported with the rule that
// decides.

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/library.h"
#include "compiler/driver/policy_tests.h"

namespace isola::driver {

static void test_file(Session& session, const Arguments& arguments, const std::string& path,
                      const CompileOptions& options, FileSystemLibrary& library) {
  const std::optional<FileId> file = read_source(session, path);
  if (!file) return;
  const auto resolved =
      compile_to_profile(session.sources, *file, library, options.target, session.diagnostics);
  if (!resolved) return;
  const std::size_t errors_before = session.diagnostics.error_count();
  run_policy_tests(resolved->policy, resolved->profile, options.target, session.diagnostics);
  if (arguments.quiet) return;
  const std::size_t failed = session.diagnostics.error_count() - errors_before;
  print(fmt::format("{}: {} of {} tests passed\n", resolved->policy.name,
                    resolved->policy.tests.size() - failed, resolved->policy.tests.size()));
}

void run_test(Session& session, const Arguments& arguments) {
  const std::optional<CompileOptions> options = read_options(session, arguments);
  if (!options) return;
  FileSystemLibrary library(session);
  for (const std::string& path : arguments.files) test_file(session, arguments, path, *options, library);
}

}  // namespace isola::driver
