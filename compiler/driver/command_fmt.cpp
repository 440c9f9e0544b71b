// isola fmt [--check] FILE...: policies in their canonical form, rewritten in place; standard input goes to
// stdout.

#include <algorithm>

#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"
#include "grammar/print.h"

namespace isola::driver {

// The first line that would change.
static SourceRange first_difference(const SourceManager& sources, FileId file, llvm::StringRef formatted) {
  const llvm::StringRef text = sources.text(file);
  const auto at =
      std::mismatch(text.begin(), text.end(), formatted.begin(), formatted.end()).first - text.begin();
  return sources.line_range(file, sources.line_column(file, static_cast<std::uint32_t>(at)).line);
}

static void format_one(Session& session, const Arguments& arguments, const std::string& path) {
  const std::optional<FileId> file = read_source(session, path);
  if (!file) return;
  const std::optional<std::string> formatted =
      grammar::format_policy(session.sources, *file, session.diagnostics);
  if (!formatted) return;
  const bool is_canonical = session.sources.text(*file) == *formatted;
  if (arguments.check) {
    if (is_canonical) return;
    const SourceRange place = first_difference(session.sources, *file, *formatted);
    session.diagnostics.report<DiagnosticKind::NotCanonical>(place, session.sources.name(*file));
  } else if (path == "-") {
    print(*formatted);
  } else if (!is_canonical) {
    if (const auto failed = replace_file(path, *formatted)) {
      session.diagnostics.report<DiagnosticKind::CannotWriteFile>({}, failed->path, failed->reason);
    } else if (!arguments.quiet) {
      print("formatted " + path + "\n");
    }
  }
}

void run_fmt(Session& session, const Arguments& arguments) {
  for (const std::string& path : arguments.files) format_one(session, arguments, path);
}

}  // namespace isola::driver
