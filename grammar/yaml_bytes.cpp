// The checks on bytes, each at the first byte that breaks it.
//
// They run before yaml-cpp, which takes 0x04 for the end of the input and passes bad UTF-8 on.

#include "grammar/yaml_bytes.h"

#include <fmt/format.h>
#include <llvm/Support/ConvertUTF.h>

#include <optional>

#include "grammar/yaml_reader.h"

namespace isola::grammar {

std::size_t byte_order_mark(llvm::StringRef text) {
  return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

static std::optional<std::uint32_t> find_bad_utf8(llvm::StringRef text) {
  const auto* const begin = reinterpret_cast<const llvm::UTF8*>(text.data());
  const llvm::UTF8* at = begin;
  if (llvm::isLegalUTF8String(&at, begin + text.size())) return std::nullopt;
  return static_cast<std::uint32_t>(at - begin);
}

// A place that no editor shows as it is: [begin, begin + length).
struct HiddenBytes {
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

static bool is_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

// C0 without tab and line breaks, DEL, C1 without NEL (c-printable of YAML 1.2.2, section 5.1), and a
// carriage return that ends no line: it would hide the rest of its line in a terminal.
static std::optional<HiddenBytes> find_control(llvm::StringRef text) {
  for (std::uint32_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto next = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : '\0');
    if (is_control(byte) || (byte == '\r' && next != '\n')) return HiddenBytes{at, 1};
    if (byte == 0xC2 && next >= 0x80 && next <= 0x9F && next != 0x85) return HiddenBytes{at, 2};
  }
  return std::nullopt;
}

// U+202A..U+202E and U+2066..U+2069: they make a line look different from what it says.
// Source: Unicode Bidirectional Algorithm (UAX #9), section 2.
static std::optional<HiddenBytes> find_direction(llvm::StringRef text) {
  for (std::size_t at = text.find('\xE2'); at != llvm::StringRef::npos; at = text.find('\xE2', at + 1)) {
    const llvm::StringRef letter = text.substr(at, 3);
    const bool embeds = letter >= "\xE2\x80\xAA" && letter <= "\xE2\x80\xAE";
    const bool isolates = letter >= "\xE2\x81\xA6" && letter <= "\xE2\x81\xA9";
    if (embeds || isolates) return HiddenBytes{static_cast<std::uint32_t>(at), 3};
  }
  return std::nullopt;
}

static std::string name_bytes(llvm::StringRef bytes) {
  std::string name;
  for (const char byte : bytes) name += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return name;
}

bool check_bytes(llvm::StringRef text, FileId file, Diagnostics& diagnostics) {
  if (text.size() > kMaxFileSize) {
    diagnostics.report<DiagnosticKind::FileTooLarge>({file, 0, 0}, text.size(), kMaxFileSize);
    return false;
  }
  if (const std::optional<std::uint32_t> at = find_bad_utf8(text)) {
    diagnostics.report<DiagnosticKind::NotUtf8>({file, *at, *at + 1}, name_bytes(text.substr(*at, 1)));
    return false;
  }
  if (const std::optional<HiddenBytes> found = find_control(text)) {
    const SourceRange range{file, found->begin, found->begin + found->length};
    diagnostics.report<DiagnosticKind::ControlCharacter>(range,
                                                         name_bytes(text.slice(range.begin, range.end)));
    return false;
  }
  if (const std::optional<HiddenBytes> found = find_direction(text)) {
    const SourceRange range{file, found->begin, found->begin + found->length};
    diagnostics.report<DiagnosticKind::HiddenDirection>(range).suggest(range, "");
    return false;
  }
  return true;
}

}  // namespace isola::grammar
