// Conditions on arguments: evaluation, normal order, negation. No diagrams here (decision_diagram.cpp).

#include "compiler/ir/argument_condition.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/check.h"

namespace isola::ir {

bool ArgumentTest::holds(const Arguments& arguments) const {
  const std::uint64_t value = arguments[index] & all_ones() & mask;
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const ValueRange& range) { return range.low <= value && value <= range.high; });
}

bool ArgumentCondition::holds(const Arguments& arguments) const {
  const auto operand_holds = [&](const ArgumentCondition& operand) { return operand.holds(arguments); };
  switch (kind) {
    case Kind::Always:
      return true;
    case Kind::Test:
      return test.holds(arguments);
    case Kind::All:
      return std::all_of(operands.begin(), operands.end(), operand_holds);
    case Kind::Any:
      return std::any_of(operands.begin(), operands.end(), operand_holds);
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return false;
}

std::vector<ValueRange> normalise(std::vector<ValueRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<ValueRange> merged;
  for (const ValueRange& range : ranges) {
    const bool touches =
        !merged.empty() && (merged.back().high == ~std::uint64_t{0} || range.low <= merged.back().high + 1);
    if (touches) {
      merged.back().high = std::max(merged.back().high, range.high);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::vector<ValueRange> complement(const std::vector<ValueRange>& ranges, std::uint64_t all_ones) {
  std::vector<ValueRange> outside;
  std::uint64_t next = 0;
  for (const ValueRange& range : ranges) {
    if (range.low > next) outside.push_back({next, range.low - 1});
    if (range.high >= all_ones) return outside;
    next = range.high + 1;
  }
  outside.push_back({next, all_ones});
  return outside;
}

static std::vector<ValueRange> intersect(const std::vector<ValueRange>& a, const std::vector<ValueRange>& b) {
  std::vector<ValueRange> common;
  for (const ValueRange& left : a) {
    for (const ValueRange& right : b) {
      const ValueRange range{std::max(left.low, right.low), std::min(left.high, right.high)};
      if (range.low <= range.high) common.push_back(range);
    }
  }
  return normalise(std::move(common));
}

ArgumentCondition ArgumentCondition::of(ArgumentTest test) {
  test.mask &= test.all_ones();
  test.ranges = intersect(normalise(std::move(test.ranges)), {{0, test.mask}});
  if (test.ranges.empty()) return never();
  if (test.ranges.size() == 1 && test.ranges[0] == ValueRange{0, test.mask}) return always();
  return {.kind = Kind::Test, .test = std::move(test), .operands = {}};
}

namespace {

using Kind = ArgumentCondition::Kind;

bool is_never(const ArgumentCondition& condition) {
  return condition.kind == Kind::Any && condition.operands.empty();
}

bool same_word(const ArgumentTest& a, const ArgumentTest& b) {
  return a.index == b.index && a.bits == b.bits && a.mask == b.mask;
}

// Takes apart nested conditions of the same kind, and joins tests of the same masked argument into one.
std::vector<ArgumentCondition> gather(std::vector<ArgumentCondition> operands, Kind kind) {
  std::vector<ArgumentCondition> gathered;
  for (ArgumentCondition& operand : operands) {
    if (operand.kind == kind && !is_never(operand)) {
      for (ArgumentCondition& inner : operand.operands) gathered.push_back(std::move(inner));
    } else {
      gathered.push_back(std::move(operand));
    }
  }
  std::vector<ArgumentCondition> joined;
  for (ArgumentCondition& operand : gathered) {
    const auto partner = std::find_if(joined.begin(), joined.end(), [&](const ArgumentCondition& other) {
      return operand.kind == Kind::Test && other.kind == Kind::Test && same_word(operand.test, other.test);
    });
    if (partner == joined.end()) {
      joined.push_back(std::move(operand));
      continue;
    }
    std::vector<ValueRange> ranges = partner->test.ranges;
    if (kind == Kind::All) {
      ranges = intersect(ranges, operand.test.ranges);
    } else {
      ranges.insert(ranges.end(), operand.test.ranges.begin(), operand.test.ranges.end());
    }
    ArgumentTest test = partner->test;
    test.ranges = std::move(ranges);
    *partner = ArgumentCondition::of(std::move(test));
  }
  std::sort(joined.begin(), joined.end());
  joined.erase(std::unique(joined.begin(), joined.end()), joined.end());
  return joined;
}

}  // namespace

ArgumentCondition ArgumentCondition::all(std::vector<ArgumentCondition> operands) {
  std::vector<ArgumentCondition> gathered = gather(std::move(operands), Kind::All);
  if (std::any_of(gathered.begin(), gathered.end(), is_never)) return never();
  std::erase_if(gathered, [](const ArgumentCondition& operand) { return operand.is_always(); });
  if (gathered.empty()) return always();
  if (gathered.size() == 1) return std::move(gathered.front());
  return {.kind = Kind::All, .test = {}, .operands = std::move(gathered)};
}

ArgumentCondition ArgumentCondition::any(std::vector<ArgumentCondition> operands) {
  std::vector<ArgumentCondition> gathered = gather(std::move(operands), Kind::Any);
  const auto is_always = [](const ArgumentCondition& operand) { return operand.is_always(); };
  if (std::any_of(gathered.begin(), gathered.end(), is_always)) return always();
  std::erase_if(gathered, is_never);
  if (gathered.size() == 1) return std::move(gathered.front());
  return {.kind = Kind::Any, .test = {}, .operands = std::move(gathered)};
}

ArgumentCondition ArgumentCondition::negation(const ArgumentCondition& condition) {
  std::vector<ArgumentCondition> negated;
  for (const ArgumentCondition& operand : condition.operands) negated.push_back(negation(operand));
  switch (condition.kind) {
    case Kind::Always:
      return never();
    case Kind::Test: {
      ArgumentTest test = condition.test;
      test.ranges = complement(test.ranges, test.mask);
      return of(std::move(test));
    }
    case Kind::All:
      return any(std::move(negated));
    case Kind::Any:
      return all(std::move(negated));
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return never();
}

std::strong_ordering operator<=>(const ArgumentCondition& a, const ArgumentCondition& b) {
  if (const auto order = a.kind <=> b.kind; order != 0) return order;
  if (a.kind == Kind::Test) return a.test <=> b.test;
  return std::lexicographical_compare_three_way(a.operands.begin(), a.operands.end(), b.operands.begin(),
                                                b.operands.end());
}

static std::string number_text(std::uint64_t value) {
  return value < 4096 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

static std::string test_text(const ArgumentTest& test, llvm::ArrayRef<std::string> names) {
  std::string subject = test.index < names.size() ? names[test.index] : fmt::format("arg{}", test.index);
  if (test.mask != test.all_ones()) subject = fmt::format("({} & {:#x})", subject, test.mask);
  if (test.ranges.size() == 1) {
    const ValueRange range = test.ranges.front();
    if (range.low == range.high) return fmt::format("{} == {}", subject, number_text(range.low));
    if (range.low == 0) return fmt::format("{} <= {}", subject, number_text(range.high));
    if (range.high == test.mask) return fmt::format("{} >= {}", subject, number_text(range.low));
  }
  const std::vector<ValueRange> outside = complement(test.ranges, test.mask);
  if (outside.size() == 1 && outside[0].low == outside[0].high) {
    return fmt::format("{} != {}", subject, number_text(outside[0].low));
  }
  std::string listed;
  for (const ValueRange& range : test.ranges) {
    if (!listed.empty()) listed += ", ";
    listed += number_text(range.low);
    if (range.high != range.low) listed += ".." + number_text(range.high);
  }
  return fmt::format("{} in {{{}}}", subject, listed);
}

std::string to_text(const ArgumentCondition& condition, llvm::ArrayRef<std::string> names) {
  if (condition.is_always()) return "always";
  if (condition.kind == Kind::Test) return test_text(condition.test, names);
  if (condition.operands.empty()) return "never";
  std::string text;
  for (const ArgumentCondition& operand : condition.operands) {
    if (!text.empty()) text += condition.kind == Kind::All ? " && " : " || ";
    const bool is_nested = operand.kind == Kind::All || operand.kind == Kind::Any;
    text += is_nested ? "(" + to_text(operand, names) + ")" : to_text(operand, names);
  }
  return text;
}

}  // namespace isola::ir
