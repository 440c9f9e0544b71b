// What the compiler says to its users: one record per finding, one catalogue of kinds (diagnostics.def).
//
//   diagnostics.report<DiagnosticKind::UnknownSyscall>(name.range, name.text)
//       .suggest(name.range, "openat");
//
// Codes are public: `isola explain CODE`, waivers and SARIF use them. The number of arguments is held against
// the message's placeholders at compile time. Printing is elsewhere (render.h).

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/source.h"

namespace isola {

enum class Severity { Error, Warning, Note };

enum class DiagnosticKind {
#define ISOLA_DIAGNOSTIC(kind, code, severity, message, explanation) kind,
#include "compiler/base/diagnostics.def"
};

// A line of the catalogue. `message` holds one `{}` per argument.
struct DiagnosticInfo {
  std::string_view name;  // the kind's own name, as in `UnknownSyscall`
  std::string_view code;  // as in `E301`
  Severity severity;
  std::string_view message;
  std::string_view explanation;
};

// All kinds, in the order of the catalogue.
llvm::ArrayRef<DiagnosticInfo> diagnostic_catalogue();
const DiagnosticInfo& info(DiagnosticKind kind);
// Finds a kind by code (`E301`, in any case) or name (`UnknownSyscall`, `unknown-syscall`).
std::optional<DiagnosticKind> find_diagnostic(llvm::StringRef code_or_name);

// A further place that belongs to a finding, with what is to be seen there.
struct Label {
  SourceRange range;
  std::string text;
};

// An edit that would mend it.
struct Suggestion {
  SourceRange range;
  std::string replacement;
};

struct Diagnostic {
  DiagnosticKind kind{};
  Severity severity{};
  SourceRange range;
  std::string message;
  llvm::SmallVector<Label, 1> labels;
  llvm::SmallVector<Suggestion, 1> suggestions;
  llvm::SmallVector<std::string, 1> helps;  // each a sentence on the way out
};

class Diagnostics;

// The diagnostic just reported, for adding to it. Valid until the Diagnostics dies.
class DiagnosticDraft {
 public:
  DiagnosticDraft(Diagnostics& sink, std::size_t index) : sink_(&sink), index_(index) {}
  DiagnosticDraft& label(SourceRange range, std::string text);
  DiagnosticDraft& suggest(SourceRange range, std::string replacement);
  DiagnosticDraft& help(std::string text);

 private:
  Diagnostics* sink_;  // outlives the draft: drafts are temporaries of a report
  std::size_t index_;
};

namespace detail {
constexpr std::string_view kMessages[] = {
#define ISOLA_DIAGNOSTIC(kind, code, severity, message, explanation) message,
#include "compiler/base/diagnostics.def"
};
constexpr std::size_t count_placeholders(std::string_view message) {
  std::size_t count = 0;
  for (std::size_t at = message.find("{}"); at != std::string_view::npos; at = message.find("{}", at + 2))
    ++count;
  return count;
}
inline std::string to_text(llvm::StringRef text) {
  return text.str();
}
inline std::string to_text(std::integral auto number) {
  return std::to_string(number);
}
}  // namespace detail

// Strict: what is a warning in the catalogue is reported as an error.
enum class Strictness { Normal, Strict };

class Diagnostics {
 public:
  explicit Diagnostics(Strictness strictness = Strictness::Normal) : strictness_(strictness) {}

  // Records a finding at `range`. Arguments are texts or integers, one per `{}` of the message.
  template <DiagnosticKind Kind, typename... Arguments>
  DiagnosticDraft report(SourceRange range, const Arguments&... arguments) {
    static_assert(
        detail::count_placeholders(detail::kMessages[static_cast<std::size_t>(Kind)]) == sizeof...(Arguments),
        "one argument per {} of the message");
    return add(Kind, range, {detail::to_text(arguments)...});
  }

  // Takes over a finding that was reported elsewhere.
  void add(Diagnostic finding);

  llvm::ArrayRef<Diagnostic> all() const { return records_; }
  bool has_errors() const { return error_count_ > 0; }
  std::size_t error_count() const { return error_count_; }

  // In file order: by file, then by place, then as reported. Exact repetitions are merged.
  std::vector<Diagnostic> sorted() const;

 private:
  friend class DiagnosticDraft;
  DiagnosticDraft add(DiagnosticKind kind, SourceRange range, std::vector<std::string> arguments);

  std::vector<Diagnostic> records_;
  std::size_t error_count_ = 0;
  Strictness strictness_;
};

}  // namespace isola
