#include "backends/seccomp/word_condition.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

using Kind = WordCondition::Kind;

// ---- values under a mask

// The lowest bit above which `value` has no bit outside `mask`, as a mask of the bits at and above it.
static std::uint32_t fitting_upper_bits(std::uint32_t value, std::uint32_t mask) {
  const std::uint32_t outside = value & ~mask;
  const unsigned width = static_cast<unsigned>(std::bit_width(outside));
  return width >= 32 ? 0 : kWholeWord << width;
}

// The smallest value within `mask` that is at least `value`.
static std::optional<std::uint32_t> round_up(std::uint32_t value, std::uint32_t mask) {
  if ((value & ~mask) == 0) return value;
  const std::uint32_t free = mask & ~value & fitting_upper_bits(value, mask);
  if (free == 0) return std::nullopt;
  const std::uint32_t lowest = free & (~free + 1);
  return (value & ~(lowest | (lowest - 1))) | lowest;
}

// The largest value within `mask` that is at most `value`.
static std::uint32_t round_down(std::uint32_t value, std::uint32_t mask) {
  const std::uint32_t outside = value & ~mask;
  if (outside == 0) return value;
  const std::uint32_t highest = std::uint32_t{1} << (std::bit_width(outside) - 1);
  return (value & mask & ~(highest | (highest - 1))) | (mask & (highest - 1));
}

static bool keeps_upper_bits_only(std::uint32_t mask) {
  return (~mask & (~mask + 1)) == 0;
}

// Range ends become values within `mask`; ranges without one disappear, neighbouring ones are joined.
static std::vector<WordRange> normalise(std::vector<WordRange> ranges, std::uint32_t mask) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<WordRange> result;
  for (const WordRange& range : ranges) {
    const auto low = round_up(range.low, mask);
    const std::uint32_t high = round_down(range.high, mask);
    if (!low || *low > high) continue;
    const bool joins = !result.empty() &&
                       (*low <= result.back().high || (((result.back().high | ~mask) + 1) & mask) == *low);
    if (joins) {
      result.back().high = std::max(result.back().high, high);
    } else {
      result.push_back({*low, high});
    }
  }
  return result;
}

static std::vector<WordRange> intersect(const std::vector<WordRange>& a, const std::vector<WordRange>& b) {
  std::vector<WordRange> common;
  for (const WordRange& left : a) {
    for (const WordRange& right : b) {
      const WordRange range{std::max(left.low, right.low), std::min(left.high, right.high)};
      if (range.low <= range.high) common.push_back(range);
    }
  }
  return common;
}

bool WordTest::holds_for(std::uint32_t value) const {
  return std::any_of(ranges.begin(), ranges.end(), [&](const WordRange& range) {
    return range.low <= (value & mask) && (value & mask) <= range.high;
  });
}

// ---- interning

WordConditions::WordConditions() {
  const ConditionId never = make({Kind::Never, {}, {}});
  const ConditionId always = make({Kind::Always, {}, {}});
  ISOLA_CHECK(never == kNever && always == kAlways, "the fixed conditions come first");
}

ConditionId WordConditions::make(WordCondition condition) {
  const auto [place, is_new] =
      ids_.try_emplace(std::move(condition), static_cast<ConditionId>(conditions_.size()));
  if (is_new) conditions_.push_back(&place->first);
  return place->second;
}

ConditionId WordConditions::make_test(WordTest test) {
  test.ranges = normalise(std::move(test.ranges), test.mask);
  if (test.ranges.empty()) return kNever;
  if (test.ranges.size() == 1 && test.ranges[0] == WordRange{0, test.mask}) return kAlways;
  if (keeps_upper_bits_only(test.mask)) {
    for (WordRange& range : test.ranges) range.high |= ~test.mask;
    test.mask = kWholeWord;
  }
  return make({Kind::Test, std::move(test), {}});
}

ConditionId WordConditions::combine(Kind kind, std::vector<ConditionId> operands) {
  const ConditionId neutral = kind == Kind::All ? kAlways : kNever;
  const ConditionId absorbing = kind == Kind::All ? kNever : kAlways;
  std::vector<ConditionId> flat;
  std::map<std::pair<Word, std::uint32_t>, WordTest> tests;  // one per masked word
  const auto add = [&](ConditionId id) {
    if (condition(id).kind != Kind::Test) return flat.push_back(id);
    const WordTest& test = condition(id).test;
    const auto [place, is_new] = tests.try_emplace({test.word, test.mask}, test);
    std::vector<WordRange>& ranges = place->second.ranges;
    if (is_new) return;
    if (kind == Kind::All) {
      ranges = intersect(ranges, test.ranges);
    } else {
      ranges.insert(ranges.end(), test.ranges.begin(), test.ranges.end());
    }
  };
  for (const ConditionId id : operands) {
    if (condition(id).kind == kind) {
      for (const ConditionId inner : condition(id).operands) add(inner);
    } else {
      add(id);
    }
  }
  for (auto& [where, test] : tests) flat.push_back(make_test(std::move(test)));
  std::sort(flat.begin(), flat.end());
  flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
  if (std::find(flat.begin(), flat.end(), absorbing) != flat.end()) return absorbing;
  std::erase(flat, neutral);
  if (flat.empty()) return neutral;
  return flat.size() == 1 ? flat.front() : make({kind, {}, std::move(flat)});
}

// ---- from the IR

namespace {

constexpr std::uint32_t upper(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
constexpr std::uint32_t lower(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}

// Where the upper half lies in `upper`, the lower half must lie in one of `lower`.
struct Slice {
  WordRange upper;
  std::vector<WordRange> lower;
};

// INVARIANT: slices are disjoint in their upper halves, as the ranges come sorted and disjoint.
std::vector<Slice> slices_of(const std::vector<ir::ValueRange>& ranges) {
  std::vector<Slice> slices;
  const auto add = [&](WordRange upper_range, WordRange lower_range) {
    if (slices.empty() || slices.back().upper != upper_range) slices.push_back({upper_range, {}});
    slices.back().lower.push_back(lower_range);
  };
  for (const ir::ValueRange& range : ranges) {
    const std::uint32_t first = upper(range.low);
    const std::uint32_t last = upper(range.high);
    if (first == last) {
      add({first, first}, {lower(range.low), lower(range.high)});
      continue;
    }
    add({first, first}, {lower(range.low), kWholeWord});
    if (last - first > 1) add({first + 1, last - 1}, {0, kWholeWord});
    add({last, last}, {0, lower(range.high)});
  }
  return slices;
}

}  // namespace

ConditionId WordConditions::split(const ir::ArgumentTest& test) {
  const std::uint64_t mask = test.mask & test.all_ones();
  std::map<std::vector<WordRange>, std::vector<WordRange>> upper_by_lower;
  for (Slice& slice : slices_of(test.ranges)) upper_by_lower[std::move(slice.lower)].push_back(slice.upper);
  std::vector<ConditionId> alternatives;
  for (const auto& [lower_ranges, upper_ranges] : upper_by_lower) {
    const ConditionId in_upper = make_test({upper_half(test.index), upper(mask), upper_ranges});
    const ConditionId in_lower = make_test({lower_half(test.index), lower(mask), lower_ranges});
    alternatives.push_back(combine(Kind::All, {in_upper, in_lower}));
  }
  return combine(Kind::Any, std::move(alternatives));
}

ConditionId WordConditions::intern(const ir::ArgumentCondition& condition) {
  std::vector<ConditionId> operands;
  for (const ir::ArgumentCondition& operand : condition.operands) operands.push_back(intern(operand));
  switch (condition.kind) {
    case ir::ArgumentCondition::Kind::Always:
      return kAlways;
    case ir::ArgumentCondition::Kind::Test:
      return split(condition.test);
    case ir::ArgumentCondition::Kind::All:
      return combine(Kind::All, std::move(operands));
    case ir::ArgumentCondition::Kind::Any:
      return combine(Kind::Any, std::move(operands));
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return kNever;
}

// ---- what is left to ask

namespace {

enum class Truth : std::uint8_t { False, Open, True };

Truth truth_within(const std::vector<WordRange>& ranges, WordRange values) {
  for (const WordRange& range : ranges) {
    if (range.low <= values.low && values.high <= range.high) return Truth::True;
    if (range.low <= values.high && values.low <= range.high) return Truth::Open;
  }
  return Truth::False;
}

Truth truth_of(const WordTest& test, const Knowledge& knowledge) {
  if (test.word != knowledge.word) return Truth::Open;
  if (test.mask == knowledge.mask) return truth_within(test.ranges, {knowledge.low, knowledge.high});
  // Bits above the highest one in which the ends differ are the same all over the range.
  const unsigned width = static_cast<unsigned>(std::bit_width(knowledge.low ^ knowledge.high));
  const std::uint32_t known = knowledge.mask & (width >= 32 ? 0 : kWholeWord << width);
  if ((test.mask & ~known) != 0) return Truth::Open;
  return test.holds_for(knowledge.low) ? Truth::True : Truth::False;
}

}  // namespace

ConditionId WordConditions::assume(ConditionId id, const Knowledge& knowledge) {
  switch (condition(id).kind) {
    case Kind::Never:
    case Kind::Always:
      return id;
    case Kind::Test: {
      const Truth truth = truth_of(condition(id).test, knowledge);
      return truth == Truth::Open ? id : truth == Truth::True ? kAlways : kNever;
    }
    case Kind::All:
    case Kind::Any: {
      std::vector<ConditionId> operands = condition(id).operands;
      for (ConditionId& operand : operands) operand = assume(operand, knowledge);
      return operands == condition(id).operands ? id : combine(condition(id).kind, std::move(operands));
    }
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return id;
}

}  // namespace isola::backends::seccomp
