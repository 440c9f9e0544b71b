// The subcommands. Each does its work on a session and says on stdout what it found out; findings go into the
// session's diagnostics, which main prints and turns into the exit status.

#pragma once

#include <optional>

#include "compiler/driver/arguments.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/session.h"

namespace isola::driver {

void run_compile(Session& session, const Arguments& arguments);
void run_check(Session& session, const Arguments& arguments);
void run_decide(Session& session, const Arguments& arguments);
void run_prove(Session& session, const Arguments& arguments);
void run_test(Session& session, const Arguments& arguments);
void run_fmt(Session& session, const Arguments& arguments);
void run_dump(Session& session, const Arguments& arguments);
void run_disasm(Session& session, const Arguments& arguments);
void run_targets(Session& session, const Arguments& arguments);
void run_explain(Session& session, const Arguments& arguments);

// --target, --arch, --kernel and the like as values; each name that does not exist has been reported.
std::optional<CompileOptions> read_options(Session& session, const Arguments& arguments);

// Compiles every file of the command line. Nothing when any of them failed, or when two are called the same.
std::optional<std::vector<CompiledPolicy>> compile_files(Session& session, const Arguments& arguments);

}  // namespace isola::driver
