// Diagnostics as text. JSON and SARIF are in render_json.cpp.

#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/render.h"

namespace isola {

namespace {

struct Palette {
  std::string_view error, warning, note, strong, dim, reset;
};
constexpr Palette kPlain{};
constexpr Palette kColoured{"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1m", "\x1b[2m", "\x1b[0m"};

// Longest piece of a source line shown, in code points; longer lines are cut around the underlined part.
constexpr std::size_t kMaxShownColumns = 120;
constexpr std::size_t kContextColumns = 30;

// A source line as it is printed: the glyphs and, for each, the byte of the line it stands for.
struct Glyph {
  std::string shown;
  std::size_t width;
  std::uint32_t byte;
};

std::vector<Glyph> to_glyphs(llvm::StringRef line) {
  std::vector<Glyph> glyphs;
  for (std::uint32_t at = 0; at < line.size();) {
    const auto lead = static_cast<unsigned char>(line[at]);
    std::uint32_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    length = std::min<std::uint32_t>(length, line.size() - at);
    if (lead == '\t') {
      glyphs.push_back({"    ", 4, at});
    } else if (lead < 0x20 || lead == 0x7F) {
      glyphs.push_back({fmt::format("\\x{:02x}", lead), 4, at});
    } else {
      glyphs.push_back({line.substr(at, length).str(), 1, at});
    }
    at += length;
  }
  return glyphs;
}

// The line number, the line and a line of carets below bytes [begin, end) of the file.
std::string render_snippet(const SourceManager& sources, SourceRange range, char mark, llvm::StringRef remark,
                           std::string_view colour, const Palette& palette) {
  const LineColumn place = sources.line_column(range.file, range.begin);
  const SourceRange line = sources.line_range(range.file, place.line);
  const std::vector<Glyph> glyphs = to_glyphs(sources.text(line));
  const std::uint32_t from = range.begin - line.begin;
  const std::uint32_t to = std::max(std::min(range.end, line.end) - line.begin, from + 1);

  std::size_t first_shown = 0;
  std::size_t last_shown = glyphs.size();
  const auto marked = std::find_if(glyphs.begin(), glyphs.end(), [&](const Glyph& glyph) { return glyph.byte >= from; });
  const std::size_t marked_at = marked - glyphs.begin();
  if (glyphs.size() > kMaxShownColumns) {
    first_shown = marked_at > kContextColumns ? marked_at - kContextColumns : 0;
    last_shown = std::min(glyphs.size(), first_shown + kMaxShownColumns);
  }
  std::string shown = first_shown > 0 ? "..." : "";
  std::string carets(shown.size(), ' ');
  for (std::size_t index = first_shown; index < last_shown; ++index) {
    const Glyph& glyph = glyphs[index];
    shown += glyph.shown;
    if (glyph.byte < to) carets.append(glyph.width, glyph.byte >= from ? mark : ' ');
  }
  if (carets.find(mark) == std::string::npos) carets += mark;  // the place is the end of the line
  if (last_shown < glyphs.size()) shown += "...";
  std::string rendered = fmt::format("{}{:>5} |{}{}{}\n", palette.dim, place.line, palette.reset,
                                     shown.empty() ? "" : " ", shown);
  rendered += fmt::format("{}      |{} {}{}", palette.dim, palette.reset, colour, carets);
  if (!remark.empty()) rendered += fmt::format(" {}", remark.str());
  rendered += fmt::format("{}\n", palette.reset);
  return rendered;
}

std::string visible(llvm::StringRef text) {
  std::string shown;
  for (const Glyph& glyph : to_glyphs(text)) shown += glyph.shown;
  return shown;
}

std::string render_place(const SourceManager& sources, SourceRange range) {
  if (!range.is_known()) return "isola: ";
  const LineColumn place = sources.line_column(range.file, range.begin);
  return fmt::format("{}:{}:{}: ", visible(sources.name(range.file)), place.line, place.column);
}

std::string render_suggestion(const SourceManager& sources, const Suggestion& suggestion) {
  const llvm::StringRef old = sources.text(suggestion.range);
  if (old.empty()) return fmt::format("write `{}` here", visible(suggestion.replacement));
  if (suggestion.replacement.empty()) return fmt::format("remove `{}`", visible(old));
  return fmt::format("did you mean `{}`?", visible(suggestion.replacement));
}

std::string render_one(const SourceManager& sources, const Diagnostic& diagnostic, const Palette& palette) {
  const bool is_error = diagnostic.severity == Severity::Error;
  const std::string_view word = is_error ? "error" : diagnostic.severity == Severity::Warning ? "warning" : "note";
  const std::string_view colour =
      is_error ? palette.error : diagnostic.severity == Severity::Warning ? palette.warning : palette.note;
  std::string rendered =
      fmt::format("{}{}{}{}{}[{}]{}: {}{}{}\n", palette.strong, render_place(sources, diagnostic.range),
                  palette.reset, colour, word, info(diagnostic.kind).code, palette.reset, palette.strong,
                  visible(diagnostic.message), palette.reset);
  if (diagnostic.range.is_known()) {
    rendered += render_snippet(sources, diagnostic.range, '^', "", colour, palette);
  }
  for (const Label& label : diagnostic.labels) {
    if (!label.range.is_known()) continue;
    if (label.range.file != diagnostic.range.file) {
      rendered += fmt::format("{}   -->{} {}\n", palette.dim, palette.reset, render_place(sources, label.range));
    }
    rendered += render_snippet(sources, label.range, '-', visible(label.text), palette.note, palette);
  }
  for (const Suggestion& suggestion : diagnostic.suggestions) {
    rendered += fmt::format("      {}={} help: {}\n", palette.dim, palette.reset, render_suggestion(sources, suggestion));
  }
  for (const std::string& help : diagnostic.helps) {
    rendered += fmt::format("      {}={} help: {}\n", palette.dim, palette.reset, visible(help));
  }
  return rendered;
}

}  // namespace

std::string render_text(const SourceManager& sources, const Diagnostics& diagnostics, Colour colour) {
  std::string rendered;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    rendered += render_one(sources, diagnostic, colour == Colour::On ? kColoured : kPlain);
  }
  return rendered;
}

}  // namespace isola
