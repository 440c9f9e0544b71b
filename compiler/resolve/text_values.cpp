#include "compiler/resolve/text_values.h"

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringSwitch.h>

#include <algorithm>
#include <vector>

namespace isola::resolve {

using grammar::ScalarText;
using llvm::StringRef;

std::optional<std::uint64_t> parse_unsigned(StringRef text) {
  const bool has_prefix = text.size() > 2 && text[0] == '0' && StringRef("xXobOB").contains(text[1]);
  std::uint64_t value = 0;
  if (text.empty() || text.getAsInteger(has_prefix ? 0 : 10, value)) return std::nullopt;
  return value;
}

__extension__ using Wide = unsigned __int128;  // a product of two 64-bit numbers

// `digits[.digits]` times `unit`; nothing unless the product is a whole number below 2^64.
static std::optional<std::uint64_t> scaled(StringRef number, std::uint64_t unit) {
  const auto [whole_text, fraction_text] = number.split('.');
  const bool has_point = number.contains('.');
  std::uint64_t whole = 0;
  if (whole_text.getAsInteger(10, whole)) return std::nullopt;
  Wide value = static_cast<Wide>(whole) * unit;
  if (has_point) {
    std::uint64_t fraction = 0;
    if (fraction_text.size() > 15 || fraction_text.getAsInteger(10, fraction)) return std::nullopt;
    std::uint64_t scale = 1;
    for (std::size_t digit = 0; digit < fraction_text.size(); ++digit) scale *= 10;
    const Wide part = static_cast<Wide>(fraction) * unit;
    if (part % scale != 0) return std::nullopt;
    value += part / scale;
  }
  if (value > ~std::uint64_t{0}) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

static std::pair<StringRef, StringRef> split_unit(StringRef text) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == StringRef::npos) return {text, ""};
  return {text.substr(0, end), text.substr(end)};
}

std::optional<std::uint64_t> parse_bytes(StringRef text) {
  if (const auto plain = parse_unsigned(text)) return plain;
  const auto [number, unit_text] = split_unit(text);
  const unsigned shift = llvm::StringSwitch<unsigned>(unit_text)
                             .Cases("K", "k", "KiB", 10)
                             .Cases("M", "m", "MiB", 20)
                             .Cases("G", "g", "GiB", 30)
                             .Cases("T", "t", "TiB", 40)
                             .Cases("P", "PiB", 50)
                             .Default(0);
  if (shift == 0) return std::nullopt;
  return scaled(number, std::uint64_t{1} << shift);
}

std::optional<std::uint64_t> parse_microseconds(StringRef text) {
  if (const auto plain = parse_unsigned(text)) return plain;
  const auto [number, unit_text] = split_unit(text);
  const std::uint64_t unit = llvm::StringSwitch<std::uint64_t>(unit_text)
                                 .Case("us", 1)
                                 .Case("ms", 1000)
                                 .Case("s", 1'000'000)
                                 .Case("min", 60'000'000)
                                 .Default(0);
  if (unit == 0) return std::nullopt;
  return scaled(number, unit);
}

std::optional<std::string> parse_cpu_list(StringRef text) {
  std::vector<std::pair<unsigned, unsigned>> ranges;
  llvm::SmallVector<StringRef, 8> parts;
  text.split(parts, ',');
  for (const StringRef part : parts) {
    const auto [low_text, high_text] = part.split('-');
    unsigned low = 0;
    if (low_text.getAsInteger(10, low)) return std::nullopt;
    unsigned high = low;
    if (part.contains('-') && high_text.getAsInteger(10, high)) return std::nullopt;
    constexpr unsigned kMaxCpu = 8191;  // CONFIG_NR_CPUS of the largest kernels
    if (high < low || high > kMaxCpu) return std::nullopt;
    ranges.emplace_back(low, high);
  }
  std::sort(ranges.begin(), ranges.end());
  std::string canonical;
  for (std::size_t index = 0; index < ranges.size();) {
    auto [low, high] = ranges[index++];
    while (index < ranges.size() && ranges[index].first <= high + 1)
      high = std::max(high, ranges[index++].second);
    if (!canonical.empty()) canonical += ',';
    canonical += low == high ? fmt::format("{}", low) : fmt::format("{}-{}", low, high);
  }
  return canonical;
}

bool is_plain_path(StringRef path) {
  if (!path.starts_with("/") || path.contains('\0') || path.contains("//")) return false;
  llvm::SmallVector<StringRef, 16> components;
  path.split(components, '/');
  return llvm::none_of(components, [](StringRef component) { return component == "." || component == ".."; });
}

bool is_date(StringRef text) {
  unsigned year = 0, month = 0, day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (text.substr(0, 4).getAsInteger(10, year) || text.substr(5, 2).getAsInteger(10, month) ||
      text.substr(8, 2).getAsInteger(10, day)) {
    return false;
  }
  static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

std::optional<std::int64_t> resolve_integer(const ScalarText& text, std::int64_t low, std::int64_t high,
                                            Diagnostics& diagnostics) {
  std::int64_t value = 0;
  if (text.decoded().getAsInteger(10, value)) {
    diagnostics.report<DiagnosticKind::BadNumber>(text.range(), text.decoded());
    return std::nullopt;
  }
  if (value < low || value > high) {
    diagnostics.report<DiagnosticKind::NumberOutOfRange>(text.range(), text.decoded(), low, high);
    return std::nullopt;
  }
  return value;
}

std::optional<bool> resolve_boolean(const ScalarText& text, Diagnostics& diagnostics) {
  if (text.decoded() == "true") return true;
  if (text.decoded() == "false") return false;
  auto draft = diagnostics.report<DiagnosticKind::BadBoolean>(text.range(), text.decoded());
  const int meant = llvm::StringSwitch<int>(text.decoded().lower())
                        .Cases("yes", "on", "y", "1", "true", 1)
                        .Cases("no", "off", "n", "0", "false", 0)
                        .Default(-1);
  if (meant >= 0) draft.suggest(text.range(), meant == 1 ? "true" : "false");
  return std::nullopt;
}

std::optional<std::uint32_t> resolve_mode_bits(const ScalarText& text, Diagnostics& diagnostics) {
  std::uint32_t bits = 0;
  StringRef digits = text.decoded();
  digits.consume_front("0o");
  if (digits.size() > 5 || digits.getAsInteger(8, bits) || bits > 0777) {
    diagnostics.report<DiagnosticKind::BadModeBits>(text.range(), text.decoded());
    return std::nullopt;
  }
  return bits;
}

}  // namespace isola::resolve
