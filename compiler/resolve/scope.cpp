// `$name`: definitions and their replacement in words.

#include <llvm/ADT/StringExtras.h>

#include "compiler/kernel/nearest.h"
#include "compiler/resolve/context.h"

namespace isola::resolve {

// Of one text: PATH_MAX, linux/limits.h. Of all that are made while a file's are replaced.
static constexpr std::size_t kMaxText = 4096;
static constexpr std::size_t kMaxTexts = std::size_t{1} << 20;

void Scope::define(const ScalarText& name, ScalarText value, Diagnostics& diagnostics) {
  value = expand(value, diagnostics);
  bindings_[name.str()] = {.name = name, .value = std::move(value)};
}

static bool is_name_byte(char byte) {
  return llvm::isAlnum(byte) || byte == '_';
}

ScalarText Scope::expand(const ScalarText& text, Diagnostics& diagnostics) const {
  ScalarText expanded = text;
  std::size_t from = 0;
  while (true) {
    const llvm::StringRef bytes = expanded.decoded();
    const std::size_t dollar = bytes.find('$', from);
    if (dollar == llvm::StringRef::npos) return expanded;
    const bool has_braces = bytes.substr(dollar + 1).starts_with("{");
    const std::size_t name_begin = dollar + (has_braces ? 2 : 1);
    std::size_t name_end = name_begin;
    while (name_end < bytes.size() && is_name_byte(bytes[name_end])) ++name_end;
    const std::size_t end = has_braces ? bytes.find('}', name_end) + 1 : name_end;
    const llvm::StringRef name = bytes.slice(name_begin, name_end);
    const auto found = bindings_.find(name.str());
    if (found == bindings_.end() || end == 0) {
      report_unknown(expanded.source_range(dollar, std::max(name_end, dollar + 1)), name, diagnostics);
      from = name_end;
      continue;
    }
    found->second.is_used = true;
    const llvm::StringRef value = found->second.value.decoded();
    expanded_bytes_ += bytes.size() + value.size();
    if (bytes.size() + value.size() > kMaxText || expanded_bytes_ > kMaxTexts) {
      diagnostics.report<DiagnosticKind::TextTooLong>(expanded.source_range(dollar, end), name, kMaxText);
      return text;
    }
    expanded = expanded.replaced(dollar, end, value);
    from = dollar + value.size();
  }
}

void Scope::report_unknown(SourceRange range, llvm::StringRef name, Diagnostics& diagnostics) const {
  auto draft = diagnostics.report<DiagnosticKind::UnknownBinding>(range, name);
  kernel::NearestName nearest(name);
  for (const auto& [known, binding] : bindings_) nearest.consider(known);
  if (const auto near = nearest.found()) draft.suggest(range, ("$" + *near).str());
}

void Scope::report_unused(Diagnostics& diagnostics) const {
  for (const auto& [name, binding] : bindings_) {
    if (!binding.is_used) diagnostics.report<DiagnosticKind::UnusedBinding>(binding.name.range(), name);
  }
}

}  // namespace isola::resolve
