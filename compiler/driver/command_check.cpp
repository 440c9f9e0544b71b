// isola check FILE...: everything that compile would find, and nothing written.

#include <fmt/format.h>

#include "compiler/driver/commands.h"

namespace isola::driver {

void run_check(Session& session, const Arguments& arguments) {
  const auto compiled = compile_files(session, arguments);
  if (!compiled || arguments.quiet) return;
  for (const CompiledPolicy& one : *compiled) {
    print(fmt::format("{}: fine, {} rules, {} tests\n", one.policy.name, one.profile.rules.size(),
                      one.policy.tests.size()));
  }
}

}  // namespace isola::driver
