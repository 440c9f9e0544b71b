// isola decide FILE 'REQUEST'...: what the policy answers, and the line that makes it so.
//
//   deny EACCES  write /usr/share/nginx/html/index.html  policy.yaml:51: mount /usr/share/nginx/html is
//   read-only
//
// The exit status is 0 when every request could be answered, whatever the answers are.

#include <fmt/format.h>

#include <algorithm>

#include "compiler/driver/commands.h"
#include "compiler/driver/decision_text.h"
#include "compiler/driver/library.h"
#include "grammar/rule_grammar.h"

namespace isola::driver {

// Requests become sources of their own, so that an error in one is underlined like any other.
static std::vector<Answer> answer_request(Session& session, const std::string& text,
                                          const ResolvedPolicy& resolved,
                                          std::optional<kernel::Arch> default_arch) {
  const FileId file = session.sources.add("request", text);
  const auto syntax =
      grammar::parse_request(grammar::ScalarText::verbatim(text, file, 0), session.diagnostics);
  if (!syntax) return {};
  const auto request = resolve::resolve_request(*syntax, resolved.policy, default_arch, session.diagnostics);
  if (!request) return {};
  return answers(resolved.profile, *request);
}

static std::string table(const Session& session, const ir::Profile& profile, llvm::ArrayRef<Answer> answers) {
  std::size_t verdict_width = 0;
  std::size_t request_width = 0;
  for (const Answer& answer : answers) {
    verdict_width = std::max(verdict_width, verdict_text(answer.decision).size());
    request_width = std::max(request_width, answer.request.size());
  }
  std::string lines;
  for (const Answer& answer : answers) {
    lines += fmt::format("{:<{}}  {:<{}}  {}\n", verdict_text(answer.decision), verdict_width, answer.request,
                         request_width, deciding_line(session.sources, profile, answer.decision));
  }
  return lines;
}

void run_decide(Session& session, const Arguments& arguments) {
  const std::optional<CompileOptions> options = read_options(session, arguments);
  if (!options) return;
  const std::optional<FileId> file = read_source(session, arguments.files.front());
  if (!file) return;
  FileSystemLibrary library(session);
  const auto resolved =
      compile_to_profile(session.sources, *file, library, options->target, session.diagnostics);
  if (!resolved) return;
  std::optional<kernel::Arch> default_arch;
  if (options->target.arches) default_arch = *options->target.arches->begin();
  std::vector<Answer> all;
  for (const std::string& text : arguments.requests) {
    for (Answer& answer : answer_request(session, text, *resolved, default_arch))
      all.push_back(std::move(answer));
  }
  print(table(session, resolved->profile, all));
}

}  // namespace isola::driver
