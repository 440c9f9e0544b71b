// isola disasm FILE: what a seccomp filter of anyone does, from its bytes.

#include "backends/seccomp/inspection_print.h"
#include "backends/seccomp/kernel_check.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/filter_file.h"

namespace isola::driver {

namespace seccomp = backends::seccomp;

void run_disasm(Session& session, const Arguments& arguments) {
  const std::optional<CompileOptions> options = read_options(session, arguments);
  if (!options) return;
  const std::string& path = arguments.files.front();
  const FileBytes read = read_bytes(path);
  if (!read.bytes) {
    session.diagnostics.report<DiagnosticKind::CannotReadFile>({}, path, read.error);
    return;
  }
  const seccomp::ByteOrder byte_order = seccomp::guess_byte_order(*read.bytes);
  const seccomp::CheckedProgram checked = seccomp::read_program(*read.bytes, byte_order);
  if (!checked.program) {
    report_bad_filter(path, *read.bytes, byte_order, checked.refusal, session.diagnostics);
    return;
  }
  std::optional<kernel::Arch> only;
  if (options->target.arches) only = *options->target.arches->begin();
  const seccomp::Inspection inspection = seccomp::inspect(*checked.program, only);
  print(arguments.json ? seccomp::inspection_json(inspection, path)
                       : seccomp::inspection_text(inspection, path));
}

}  // namespace isola::driver
