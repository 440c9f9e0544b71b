#include "compiler/driver/session.h"

#include <fmt/chrono.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>

#include "grammar/yaml_reader.h"

namespace isola::driver {

namespace fs = std::filesystem;

// An environment variable; empty when unset.
static llvm::StringRef environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Colour is for people at a terminal. Source: https://no-color.org
static Colour choose_colour() {
  if (!environment("NO_COLOR").empty() || environment("TERM") == "dumb") return Colour::Off;
  return ::isatty(STDERR_FILENO) != 0 ? Colour::On : Colour::Off;
}

static std::string find_today() {
  std::time_t now = std::time(nullptr);
  std::int64_t fixed = 0;
  if (!environment("SOURCE_DATE_EPOCH").getAsInteger(10, fixed)) now = fixed;
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(now));
}

// Where this program is. A chroot may be without /proc; then the path that it was started by tells.
static fs::path find_program(std::error_code& error) {
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) return program;
  const auto* started_by =
      reinterpret_cast<const char*>(::getauxval(AT_EXECFN));  // the auxiliary vector holds addresses
  return fs::canonical(started_by, error);
}

static std::vector<std::string> find_library_directories() {
  std::vector<std::string> found;
  llvm::SmallVector<llvm::StringRef, 4> given;
  environment("ISOLA_POLICY_PATH").split(given, ':', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (const llvm::StringRef directory : given) found.push_back(directory.str());
  std::error_code error;
  const fs::path program = find_program(error).parent_path();
  if (error) return found;
  // Installed: PREFIX/bin/isola. In the source tree: build/PRESET/bin/isola.
  for (const char* candidate : {"../share/isola/stdlib-policies", "../../../stdlib-policies"}) {
    const fs::path directory = (program / candidate).lexically_normal();
    if (fs::is_directory(directory, error)) found.push_back(directory.string());
  }
  return found;
}

Session make_session(const Arguments& arguments) {
  return {.sources = {},
          .diagnostics = Diagnostics(arguments.strict ? Strictness::Strict : Strictness::Normal),
          .colour = choose_colour(),
          .library_directories = find_library_directories(),
          .today = find_today()};
}

FileBytes read_bytes(const std::string& path) {
  constexpr std::size_t kLimit = grammar::kMaxFileSize + 1;
  const bool is_standard_input = path == "-";
  std::FILE* opened = is_standard_input ? stdin : std::fopen(path.c_str(), "rbe");
  if (!opened) return {.bytes = std::nullopt, .error = std::strerror(errno)};
  std::string bytes;
  char block[1 << 16];
  while (bytes.size() < kLimit) {
    const std::size_t count = std::fread(block, 1, std::min(sizeof block, kLimit - bytes.size()), opened);
    if (count == 0) break;
    bytes.append(block, count);
  }
  const bool has_failed = std::ferror(opened) != 0;
  const std::string reason = has_failed ? std::strerror(errno) : "";
  if (!is_standard_input) std::fclose(opened);
  if (has_failed) return {.bytes = std::nullopt, .error = reason};
  return {.bytes = std::move(bytes), .error = ""};
}

std::optional<FileId> read_source(Session& session, const std::string& path) {
  FileBytes read = read_bytes(path);
  if (!read.bytes) {
    session.diagnostics.report<DiagnosticKind::CannotReadFile>({}, path, read.error);
    return std::nullopt;
  }
  return session.sources.add(path == "-" ? "<stdin>" : path, std::move(*read.bytes));
}

// The worst that was found decides, in the order own failure, usage, policy.
static ExitStatus judge(const Diagnostics& diagnostics) {
  ExitStatus status = ExitStatus::Fine;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity != Severity::Error) continue;
    const std::string_view code = info(diagnostic.kind).code;
    ExitStatus found = ExitStatus::PolicyAtFault;
    if (llvm::StringRef(code).starts_with("E6")) found = ExitStatus::Usage;
    const bool is_about_content =
        diagnostic.kind == DiagnosticKind::NotCanonical || diagnostic.kind == DiagnosticKind::BadFilter;
    if (is_about_content) found = ExitStatus::PolicyAtFault;
    if (diagnostic.kind == DiagnosticKind::CannotWriteFile) found = ExitStatus::OurFailure;
    status = std::max(status, found);
  }
  return status;
}

static std::string render(const Session& session, Format format) {
  switch (format) {
    case Format::Text:
      return render_text(session.sources, session.diagnostics, session.colour);
    case Format::Json:
      return render_json(session.sources, session.diagnostics);
    case Format::Sarif:
      return render_sarif(session.sources, session.diagnostics, version());
  }
  return "";
}

ExitStatus finish(const Session& session, const Arguments& arguments) {
  const std::string rendered = render(session, arguments.format);
  std::fwrite(rendered.data(), 1, rendered.size(), stderr);
  return judge(session.diagnostics);
}

llvm::StringRef version() {
  return ISOLA_VERSION;
}

void print(llvm::StringRef text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace isola::driver
