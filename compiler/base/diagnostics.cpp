#include "compiler/base/diagnostics.h"

#include <llvm/ADT/StringExtras.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "compiler/base/check.h"

namespace isola {

static constexpr DiagnosticInfo kCatalogue[] = {
#define ISOLA_DIAGNOSTIC(kind, code, severity, message, explanation) \
  {#kind, code, Severity::severity, message, explanation},
#include "compiler/base/diagnostics.def"
};

llvm::ArrayRef<DiagnosticInfo> diagnostic_catalogue() {
  return kCatalogue;
}

const DiagnosticInfo& info(DiagnosticKind kind) {
  return kCatalogue[static_cast<std::size_t>(kind)];
}

// "unknown-syscall" and "UnknownSyscall" are the same name to a reader.
static std::string fold_name(llvm::StringRef name) {
  std::string folded;
  for (const char letter : name) {
    if (letter != '-' && letter != '_') folded.push_back(llvm::toLower(letter));
  }
  return folded;
}

std::optional<DiagnosticKind> find_diagnostic(llvm::StringRef code_or_name) {
  const std::string wanted = fold_name(code_or_name);
  for (std::size_t index = 0; index < std::size(kCatalogue); ++index) {
    const DiagnosticInfo& entry = kCatalogue[index];
    if (fold_name(entry.code) == wanted || fold_name(entry.name) == wanted) return DiagnosticKind(index);
  }
  return std::nullopt;
}

DiagnosticDraft& DiagnosticDraft::label(SourceRange range, std::string text) {
  sink_->records_[index_].labels.push_back({range, std::move(text)});
  return *this;
}

DiagnosticDraft& DiagnosticDraft::suggest(SourceRange range, std::string replacement) {
  sink_->records_[index_].suggestions.push_back({range, std::move(replacement)});
  return *this;
}

DiagnosticDraft& DiagnosticDraft::help(std::string text) {
  sink_->records_[index_].helps.push_back(std::move(text));
  return *this;
}

static std::string fill(std::string_view message, llvm::ArrayRef<std::string> arguments) {
  std::string filled;
  std::size_t from = 0;
  for (const std::string& argument : arguments) {
    const std::size_t at = message.find("{}", from);
    filled.append(message, from, at - from).append(argument);
    from = at + 2;
  }
  filled.append(message, from);
  return filled;
}

DiagnosticDraft Diagnostics::add(DiagnosticKind kind, SourceRange range, std::vector<std::string> arguments) {
  const DiagnosticInfo& entry = info(kind);
  add({.kind = kind,
       .severity = entry.severity,
       .range = range,
       .message = fill(entry.message, arguments),
       .labels = {},
       .suggestions = {},
       .helps = {}});
  return {*this, records_.size() - 1};
}

void Diagnostics::add(Diagnostic finding) {
  if (strictness_ == Strictness::Strict && finding.severity == Severity::Warning)
    finding.severity = Severity::Error;
  if (finding.severity == Severity::Error) ++error_count_;
  records_.push_back(std::move(finding));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> ordered = records_;
  const auto place = [](const Diagnostic& entry) {
    return std::tuple(entry.range.file, entry.range.begin, entry.range.end);
  };
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  const auto repeats = [&](const Diagnostic& a, const Diagnostic& b) {
    return a.kind == b.kind && place(a) == place(b) && a.message == b.message;
  };
  ordered.erase(std::unique(ordered.begin(), ordered.end(), repeats), ordered.end());
  return ordered;
}

}  // namespace isola
