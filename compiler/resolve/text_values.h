// Texts to numbers, sizes, times and switches: what the scalars of a policy mean, once somebody asks.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/base/diagnostics.h"
#include "grammar/scalar_text.h"

namespace isola::resolve {

// `12`, `0x1f`, `0o17`, `0b11`; no sign, no white space.
std::optional<std::uint64_t> parse_unsigned(llvm::StringRef text);
// `256M`, `1.5G`, `4096`: bytes; K M G T P are powers of 1024, also written KiB ... PiB. Must come out whole.
std::optional<std::uint64_t> parse_bytes(llvm::StringRef text);
// `50ms`, `2s`, `100us`, `100000`: microseconds. Must come out whole.
std::optional<std::uint64_t> parse_microseconds(llvm::StringRef text);
// `0-3,8` in the kernel's list form, canonical: sorted, merged. Source: cpuset(7), "Formats".
std::optional<std::string> parse_cpu_list(llvm::StringRef text);
// An absolute path as the kernel resolves it: no `//`, no `.` or `..` component. It may end in `/`.
bool is_plain_path(llvm::StringRef path);
// YYYY-MM-DD of the Gregorian calendar.
bool is_date(llvm::StringRef text);

// With a diagnostic when the text is none, or outside low..high (both inclusive).
std::optional<std::int64_t> resolve_integer(const grammar::ScalarText& text, std::int64_t low,
                                            std::int64_t high, Diagnostics& diagnostics);
// `true` or `false`; names the YAML 1.1 trap for `yes`, `on` and the like.
std::optional<bool> resolve_boolean(const grammar::ScalarText& text, Diagnostics& diagnostics);
// Octal mode bits, `0027` or `27`, at most 0777.
std::optional<std::uint32_t> resolve_mode_bits(const grammar::ScalarText& text, Diagnostics& diagnostics);

}  // namespace isola::resolve
