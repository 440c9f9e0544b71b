// Diagnostics as text. JSON and SARIF are in render_json.cpp.

#include <fmt/format.h>
#include <llvm/Support/ConvertUTF.h>
#include <llvm/Support/Unicode.h>

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
constexpr std::size_t kMaxShownGlyphs = 120;
constexpr std::ptrdiff_t kContextGlyphs = 30;  // of them before the place
// Enough bytes for that many code points.
constexpr std::uint32_t kContextBytes = 4 * kContextGlyphs;
constexpr std::uint32_t kMaxShownBytes = 4 * kMaxShownGlyphs;

// Nobody reads further; JSON and SARIF hold all of them.
constexpr std::size_t kMaxShownFindings = 200;

// A source line as it is printed: the glyphs and, for each, the byte of the line it stands for.
struct Glyph {
  std::string shown;
  std::size_t width;  // columns of a terminal: 2 for most East Asian letters, 0 for combining marks
  std::uint32_t byte;
};

// What is printed in place of a character that would move the cursor, colour the screen or turn the reading
// direction. Source of the directions: Unicode Standard Annex 9, "Explicit Directional Formatting
// Characters".
bool is_harmful(llvm::UTF32 character) {
  const bool is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
  const bool is_direction = (character >= 0x202A && character <= 0x202E) ||
                            (character >= 0x2066 && character <= 0x2069) || character == 0x200E ||
                            character == 0x200F || character == 0x061C;
  const bool is_separator = character == 0x2028 || character == 0x2029;
  return is_control || is_direction || is_separator;
}

Glyph to_glyph(llvm::StringRef bytes, llvm::UTF32 character, std::uint32_t at) {
  if (character == '\t') return {"    ", 4, at};
  if (is_harmful(character)) {
    const std::string escape =
        character < 0x100 ? fmt::format("\\x{:02x}", character) : fmt::format("\\u{:04x}", character);
    return {escape, escape.size(), at};
  }
  const int width = llvm::sys::unicode::columnWidthUTF8(bytes);
  return {bytes.str(), static_cast<std::size_t>(std::max(width, 0)), at};
}

// The glyphs of bytes that begin at `offset` of their line. Bytes that are no UTF-8 are shown one by one.
std::vector<Glyph> to_glyphs(llvm::StringRef text, std::uint32_t offset = 0) {
  std::vector<Glyph> glyphs;
  for (std::uint32_t at = 0; at < text.size();) {
    const auto* begin = reinterpret_cast<const llvm::UTF8*>(text.bytes_begin() + at);
    const llvm::UTF8* next = begin;
    llvm::UTF32 character = 0;
    if (llvm::convertUTF8Sequence(&next, text.bytes_end(), &character, llvm::strictConversion) ==
        llvm::conversionOK) {
      const auto length = static_cast<std::uint32_t>(next - begin);
      glyphs.push_back(to_glyph(text.substr(at, length), character, offset + at));
      at += length;
    } else {
      glyphs.push_back({fmt::format("\\x{:02x}", *begin), 4, offset + at});
      ++at;
    }
  }
  return glyphs;
}

// The piece of a line that is shown. A line may be megabytes long, so only bytes near the place are looked
// at.
struct Excerpt {
  std::vector<Glyph> glyphs;
  bool is_cut_before = false, is_cut_after = false;
};

Excerpt cut_out(llvm::StringRef line, std::uint32_t place) {
  std::uint32_t first = place > kContextBytes ? place - kContextBytes : 0;
  std::size_t last = std::min<std::size_t>(line.size(), place + kMaxShownBytes);
  const auto is_inside_character = [&](std::size_t at) {
    return at < line.size() && (line[at] & 0xC0) == 0x80;
  };
  while (first < place && is_inside_character(first)) ++first;
  while (last > place && is_inside_character(last)) --last;
  Excerpt excerpt{to_glyphs(line.slice(first, last), first), first > 0, last < line.size()};
  std::vector<Glyph>& glyphs = excerpt.glyphs;
  if (glyphs.size() <= kMaxShownGlyphs) return excerpt;
  const auto marked =
      std::find_if(glyphs.begin(), glyphs.end(), [&](const Glyph& glyph) { return glyph.byte >= place; });
  const std::ptrdiff_t before = std::max<std::ptrdiff_t>(0, marked - glyphs.begin() - kContextGlyphs);
  glyphs.erase(glyphs.begin(), glyphs.begin() + before);
  excerpt.is_cut_before |= before > 0;
  if (glyphs.size() > kMaxShownGlyphs) {
    glyphs.resize(kMaxShownGlyphs);
    excerpt.is_cut_after = true;
  }
  return excerpt;
}

// How a place is marked below its line.
struct Marking {
  char mark;
  llvm::StringRef remark;
  std::string_view colour;
  bool repeats_line;  // false below a line that has just been shown
};

// The line number, the line, and below it marks under bytes [begin, end) of the file. The rest of a place
// that goes on for lines is not marked; an empty place has one mark.
std::string render_snippet(const SourceManager& sources, SourceRange range, const Marking& marking,
                           const Palette& palette) {
  const LineColumn place = sources.line_column(range.file, range.begin);
  const SourceRange line = sources.line_range(range.file, place.line);
  const std::uint32_t from = range.begin - line.begin;
  const std::uint32_t to = std::max(std::min(range.end, line.end) - line.begin, from + 1);
  const Excerpt excerpt = cut_out(sources.text(line), from);

  std::string shown = excerpt.is_cut_before ? "..." : "";
  std::string marks(shown.size(), ' ');
  for (const Glyph& glyph : excerpt.glyphs) {
    shown += glyph.shown;
    if (glyph.byte < to) marks.append(glyph.width, glyph.byte >= from ? marking.mark : ' ');
  }
  if (marks.find(marking.mark) == std::string::npos)
    marks += marking.mark;  // the place is the end of the line
  if (excerpt.is_cut_after) shown += "...";

  std::string rendered;
  if (marking.repeats_line) {
    rendered = fmt::format("{}{:>5} |{}{}{}\n", palette.dim, place.line, palette.reset,
                           shown.empty() ? "" : " ", shown);
  }
  rendered += fmt::format("{}      |{} {}{}", palette.dim, palette.reset, marking.colour, marks);
  if (!marking.remark.empty()) rendered += fmt::format(" {}", marking.remark.str());
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
  const llvm::StringRef old = suggestion.range.is_known() ? sources.text(suggestion.range) : "?";
  if (old.empty()) return fmt::format("write `{}` here", visible(suggestion.replacement));
  if (suggestion.replacement.empty()) return fmt::format("remove `{}`", visible(old));
  return fmt::format("did you mean `{}`?", visible(suggestion.replacement));
}

struct SeverityStyle {
  std::string_view word;
  std::string_view colour;
};

SeverityStyle style_of(Severity severity, const Palette& palette) {
  switch (severity) {
    case Severity::Error:
      return {"error", palette.error};
    case Severity::Warning:
      return {"warning", palette.warning};
    case Severity::Note:
      return {"note", palette.note};
  }
  return {"", ""};
}

// Further places. One in another file is introduced by its name; one on the line above it shares that line.
std::string render_labels(const SourceManager& sources, const Diagnostic& diagnostic,
                          const Palette& palette) {
  std::string rendered;
  SourceRange above = diagnostic.range;
  for (const Label& label : diagnostic.labels) {
    if (!label.range.is_known()) continue;
    const bool is_same_file = label.range.file == above.file;
    const bool is_same_line =
        is_same_file && sources.line_column(above.file, above.begin).line ==
                            sources.line_column(label.range.file, label.range.begin).line;
    if (!is_same_file) {
      rendered += fmt::format("{}   -->{} {}\n", palette.dim, palette.reset,
                              llvm::StringRef(render_place(sources, label.range)).rtrim(": ").str());
    }
    const std::string remark = visible(label.text);
    rendered += render_snippet(sources, label.range, {'-', remark, palette.note, !is_same_line}, palette);
    above = label.range;
  }
  return rendered;
}

std::string render_one(const SourceManager& sources, const Diagnostic& diagnostic, const Palette& palette) {
  const auto [word, colour] = style_of(diagnostic.severity, palette);
  std::string rendered =
      fmt::format("{}{}{}{}{}[{}]{}: {}{}{}\n", palette.strong, render_place(sources, diagnostic.range),
                  palette.reset, colour, word, info(diagnostic.kind).code, palette.reset, palette.strong,
                  visible(diagnostic.message), palette.reset);
  if (diagnostic.range.is_known()) {
    rendered += render_snippet(sources, diagnostic.range, {'^', "", colour, true}, palette);
  }
  rendered += render_labels(sources, diagnostic, palette);
  for (const Suggestion& suggestion : diagnostic.suggestions) {
    rendered += fmt::format("      {}={} help: {}\n", palette.dim, palette.reset,
                            render_suggestion(sources, suggestion));
  }
  for (const std::string& help : diagnostic.helps) {
    rendered += fmt::format("      {}={} help: {}\n", palette.dim, palette.reset, visible(help));
  }
  return rendered;
}

}  // namespace

// At most kMaxShownFindings, still in order: errors are not left out for the sake of others.
static std::vector<Diagnostic> select_shown(llvm::ArrayRef<Diagnostic> ordered) {
  if (ordered.size() <= kMaxShownFindings) return ordered.vec();
  const auto is_error = [](const Diagnostic& finding) { return finding.severity == Severity::Error; };
  const auto errors = static_cast<std::size_t>(std::count_if(ordered.begin(), ordered.end(), is_error));
  std::size_t room_for_others = kMaxShownFindings - std::min(errors, kMaxShownFindings);
  std::vector<Diagnostic> shown;
  for (const Diagnostic& finding : ordered) {
    if (shown.size() == kMaxShownFindings) break;
    if (!is_error(finding) && room_for_others == 0) continue;
    room_for_others -= !is_error(finding);
    shown.push_back(finding);
  }
  return shown;
}

std::string render_text(const SourceManager& sources, const Diagnostics& diagnostics, Colour colour) {
  std::string rendered;
  const std::vector<Diagnostic> ordered = diagnostics.sorted();
  const std::vector<Diagnostic> shown = select_shown(ordered);
  for (const Diagnostic& finding : shown) {
    rendered += render_one(sources, finding, colour == Colour::On ? kColoured : kPlain);
  }
  if (shown.size() < ordered.size())
    rendered += fmt::format("isola: {} more findings are not shown\n", ordered.size() - shown.size());
  return rendered;
}

}  // namespace isola
