#include "compiler/driver/frequency_file.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>

namespace isola::driver {

namespace {

enum class Form { Csv, Strace, Perf };

// One counted call as written.
struct Count {
  llvm::StringRef name;
  llvm::StringRef calls;
};

class FrequencyReader {
 public:
  FrequencyReader(const SourceManager& sources, FileId file, Diagnostics& diagnostics)
      : sources_(sources), file_(file), text_(sources.text(file)), diagnostics_(diagnostics) {}

  std::optional<kernel::CallFrequencies> run() {
    const std::size_t errors_before = diagnostics_.error_count();
    const Form form = find_form();
    for (llvm::StringRef rest = text_; !rest.empty();) {
      llvm::StringRef line;
      std::tie(line, rest) = rest.split('\n');
      read_line(form, line.trim());
    }
    if (diagnostics_.error_count() > errors_before) return std::nullopt;
    double total = 0;
    for (const double count : counts_) total += count;
    if (total > 0) return kernel::CallFrequencies::of_counts(std::move(counts_));
    diagnostics_.report<DiagnosticKind::NoFrequencies>(SourceRange{}, sources_.name(file_));
    return std::nullopt;
  }

 private:
  Form find_form() const {
    if (text_.contains("Summary of events")) return Form::Perf;
    if (text_.ltrim().starts_with("% time")) return Form::Strace;
    return Form::Csv;
  }

  void read_line(Form form, llvm::StringRef line) {
    if (line.empty() || line.starts_with("#")) return;
    const bool is_first = !std::exchange(is_past_first_, true);
    switch (form) {
      case Form::Csv:
        return read_csv(line, is_first);
      case Form::Strace:
        return read_strace(line);
      case Form::Perf:
        return read_perf(line);
    }
  }

  void read_csv(llvm::StringRef line, bool is_first) {
    const auto [name, calls] = line.split(',');
    const bool is_heading = is_first && !calls.empty() && !llvm::isDigit(calls.trim().front());
    if (!is_heading) count({name.trim(), calls.trim()}, line);
  }

  // Columns: % time, seconds, usecs/call, calls, perhaps errors, name.
  void read_strace(llvm::StringRef line) {
    if (line.starts_with("%") || line.starts_with("---")) return;
    llvm::SmallVector<llvm::StringRef, 6> columns;
    llvm::SplitString(line, columns);
    if (columns.size() != 5 && columns.size() != 6) return bad_line(line);
    if (columns.back() != "total") count({columns.back(), columns[3]}, line);
  }

  // Columns: name, calls, then times. Between the tables stand blank lines and lines that name a thread.
  void read_perf(llvm::StringRef line) {
    llvm::SmallVector<llvm::StringRef, 8> columns;
    llvm::SplitString(line, columns);
    const bool is_thread = line.contains(" events, ");
    const bool is_heading =
        columns[0] == "syscall" || columns[0].starts_with("---") || columns[0].starts_with("(");
    if (line.starts_with("Summary of events") || is_thread || is_heading) return;
    if (columns.size() < 3) return bad_line(line);
    count({columns[0], columns[1]}, line);
  }

  void count(Count found, llvm::StringRef line) {
    double calls = 0;
    const bool is_number = !found.calls.empty() && llvm::all_of(found.calls, llvm::isDigit);
    if (found.name.empty() || !is_number || found.calls.getAsDouble(calls)) return bad_line(line);
    if (const auto call = kernel::find_syscall(found.name)) {
      counts_[static_cast<std::size_t>(*call)] += calls;
      return;
    }
    diagnostics_.report<DiagnosticKind::UnknownCountedCall>(range_of(found.name), found.name);
  }

  void bad_line(llvm::StringRef line) {
    diagnostics_.report<DiagnosticKind::BadFrequencyLine>(range_of(line), line);
  }

  SourceRange range_of(llvm::StringRef part) const {
    const auto begin = static_cast<std::uint32_t>(part.begin() - text_.begin());
    return {file_, begin, begin + static_cast<std::uint32_t>(part.size())};
  }

  const SourceManager& sources_;
  FileId file_;
  llvm::StringRef text_;
  Diagnostics& diagnostics_;
  bool is_past_first_ = false;
  std::vector<double> counts_ = std::vector<double>(kernel::syscall_count());
};

}  // namespace

std::optional<kernel::CallFrequencies> read_frequencies(const SourceManager& sources, FileId file,
                                                        Diagnostics& diagnostics) {
  return FrequencyReader(sources, file, diagnostics).run();
}

}  // namespace isola::driver
