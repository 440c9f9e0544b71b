// isola dump --stage syntax|policy|profile FILE: a structure between two stages of the compiler, as text.

#include "compiler/driver/commands.h"
#include "compiler/driver/library.h"
#include "compiler/ir/dump.h"
#include "grammar/dump.h"
#include "grammar/policy_reader.h"

namespace isola::driver {

void run_dump(Session& session, const Arguments& arguments) {
  const std::optional<CompileOptions> options = read_options(session, arguments);
  if (!options) return;
  const std::optional<FileId> file = read_source(session, arguments.files.front());
  if (!file) return;
  if (arguments.stage == Stage::Syntax) {
    const auto syntax = grammar::read_policy(session.sources, *file, session.diagnostics);
    if (syntax) print(grammar::dump_syntax(session.sources, *syntax));
    return;
  }
  FileSystemLibrary library(session);
  const auto resolved =
      compile_to_profile(session.sources, *file, library, options->target, session.diagnostics);
  if (!resolved) return;
  print(arguments.stage == Stage::Policy ? ir::dump(resolved->policy) : ir::dump(resolved->profile));
}

}  // namespace isola::driver
