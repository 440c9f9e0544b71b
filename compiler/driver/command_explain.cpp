// isola explain CODE: what a code means and the way out. Without a code, the catalogue.

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/kernel/nearest.h"

namespace isola::driver {

static std::string_view severity_text(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      return "note";
  }
  return "";
}

// A placeholder of a message, as a reader sees it.
static std::string readable(std::string_view message) {
  std::string text(message);
  for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", at))
    text.replace(at, 2, "...");
  return text;
}

static std::string page(const DiagnosticInfo& entry) {
  return fmt::format("{} {} ({})\n\n{}\n\n{}\n", entry.code, entry.name, severity_text(entry.severity),
                     readable(entry.message), llvm::StringRef(entry.explanation).trim().str());
}

static std::string catalogue() {
  std::string lines;
  for (const DiagnosticInfo& entry : diagnostic_catalogue()) {
    lines += fmt::format("{}  {:<8} {:<28} {}\n", entry.code, severity_text(entry.severity), entry.name,
                         readable(entry.message));
  }
  return lines;
}

void run_explain(Session& session, const Arguments& arguments) {
  if (arguments.code.empty()) {
    print(catalogue());
    return;
  }
  if (const std::optional<DiagnosticKind> kind = find_diagnostic(arguments.code)) {
    print(page(info(*kind)));
    return;
  }
  kernel::NearestName nearest(arguments.code);
  for (const DiagnosticInfo& entry : diagnostic_catalogue()) {
    nearest.consider(entry.code);
    nearest.consider(entry.name);
  }
  DiagnosticDraft draft = session.diagnostics.report<DiagnosticKind::UnknownCode>({}, arguments.code);
  if (nearest.found()) draft.help(fmt::format("did you mean `{}`?", nearest.found()->str()));
}

}  // namespace isola::driver
