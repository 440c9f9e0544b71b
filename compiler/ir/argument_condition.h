// Conditions on system call arguments: exact sets, at the width at which the kernel reads each parameter.
//
// Signedness, sets, ranges and negation are resolved away before this: a test says which unsigned values the
// masked argument may have. An `int` is tested on its low 32 bits; what the register holds above them is not
// part of the argument. Exact questions about whole conditions (empty? contained? a witness?) are in
// decision_diagram.h.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace isola::ir {

constexpr std::size_t kMaxArguments = 6;
using Arguments = std::array<std::uint64_t, kMaxArguments>;  // registers as seccomp sees them

// Unsigned values low..high, both inclusive.
struct ValueRange {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend auto operator<=>(const ValueRange&, const ValueRange&) = default;
};

// (argument & mask), read as an unsigned number of `bits` bits, lies in one of `ranges`.
struct ArgumentTest {
  std::uint8_t index = 0;                  // 0..5
  std::uint8_t bits = 64;                  // 8, 16, 32 or 64: the low bits that the kernel reads
  std::uint64_t mask = ~std::uint64_t{0};  // within `bits`
  std::vector<ValueRange> ranges;  // INVARIANT: sorted, disjoint, not touching, within the mask's reach

  bool holds(const Arguments& arguments) const;
  // The largest value of `bits` bits.
  std::uint64_t all_ones() const { return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }
  friend auto operator<=>(const ArgumentTest&, const ArgumentTest&) = default;
  friend bool operator==(const ArgumentTest&, const ArgumentTest&) = default;
};

// A tree without negation: a test, all of some conditions, or any of some. The default holds always.
struct ArgumentCondition {
  enum class Kind : std::uint8_t { Always, Test, All, Any };  // Any of nothing never holds

  Kind kind = Kind::Always;
  ArgumentTest test;                        // Kind::Test
  std::vector<ArgumentCondition> operands;  // Kind::All, Kind::Any

  bool is_always() const { return kind == Kind::Always; }
  bool holds(const Arguments& arguments) const;

  static ArgumentCondition always() { return {}; }
  static ArgumentCondition never() { return {.kind = Kind::Any, .test = {}, .operands = {}}; }
  static ArgumentCondition of(ArgumentTest test);
  static ArgumentCondition all(std::vector<ArgumentCondition> operands);
  static ArgumentCondition any(std::vector<ArgumentCondition> operands);
  // Holds exactly when `condition` does not.
  static ArgumentCondition negation(const ArgumentCondition& condition);

  friend std::strong_ordering operator<=>(const ArgumentCondition& a, const ArgumentCondition& b);
  friend bool operator==(const ArgumentCondition& a, const ArgumentCondition& b) { return (a <=> b) == 0; }
};

// Sorts, joins what touches, and returns the values of 0..`all_ones` outside `ranges`.
std::vector<ValueRange> normalise(std::vector<ValueRange> ranges);
std::vector<ValueRange> complement(const std::vector<ValueRange>& ranges, std::uint64_t all_ones);

// `(arg0 & 0x10000000) == 0 && arg1 in {1, 3..5}`; `name_of` may supply parameter names.
std::string to_text(const ArgumentCondition& condition, llvm::ArrayRef<std::string> parameter_names = {});

}  // namespace isola::ir
