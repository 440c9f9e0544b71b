#include "backends/seccomp/flow.h"

#include <algorithm>

namespace isola::backends::seccomp {

namespace {

using kernel::Arch;

// Ranges kept apart, and calls named together, at most.
constexpr std::size_t kMostRanges = 16;
constexpr std::size_t kMostCalls = 6;

void simplify(std::vector<NumberRange>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const NumberRange& a, const NumberRange& b) { return a.first < b.first; });
  std::vector<NumberRange> joined;
  for (const NumberRange& range : ranges) {
    if (!joined.empty() && range.first <= std::uint64_t{joined.back().last} + 1) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  if (joined.size() > kMostRanges) joined = {{joined.front().first, joined.back().last}};
  ranges = std::move(joined);
}

// The numbers of `ranges` from `first` to `last`; an empty span keeps nothing.
std::vector<NumberRange> within(const std::vector<NumberRange>& ranges, std::uint64_t first,
                                std::uint64_t last) {
  std::vector<NumberRange> kept;
  for (const NumberRange& range : ranges) {
    const std::uint64_t low = std::max<std::uint64_t>(range.first, first);
    const std::uint64_t high = std::min<std::uint64_t>(range.last, last);
    if (low <= high) kept.push_back({static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high)});
  }
  return kept;
}

std::vector<NumberRange> without(const std::vector<NumberRange>& ranges, std::uint32_t number) {
  std::vector<NumberRange> kept;
  if (number > 0) kept = within(ranges, 0, std::uint64_t{number} - 1);
  const std::vector<NumberRange> above = within(ranges, std::uint64_t{number} + 1, kWholeWord);
  kept.insert(kept.end(), above.begin(), above.end());
  if (kept.size() > kMostRanges) return ranges;
  return kept;
}

// Takes in what is known on another way to the same place.
void meet(Knowledge& known, const Knowledge& other) {
  if (!known.is_reached()) {
    known = other;
    return;
  }
  if (known.word != other.word || known.mask != other.mask) known.word.reset();
  for (const Callers& callers : other.callers) {
    const auto same = std::find_if(known.callers.begin(), known.callers.end(),
                                   [&](const Callers& mine) { return mine.arch == callers.arch; });
    if (same == known.callers.end()) {
      known.callers.push_back(callers);
      continue;
    }
    same->numbers.insert(same->numbers.end(), callers.numbers.begin(), callers.numbers.end());
    simplify(same->numbers);
  }
  std::sort(known.callers.begin(), known.callers.end(),
            [](const Callers& a, const Callers& b) { return a.arch < b.arch; });
}

// The numbers for which a test of the number against `k` comes out as `holds`.
std::vector<NumberRange> after_number_test(const std::vector<NumberRange>& numbers, std::uint16_t operation,
                                           std::uint32_t k, bool holds) {
  switch (operation) {
    case BPF_JEQ:
      return holds ? within(numbers, k, k) : without(numbers, k);
    case BPF_JGE:
      if (holds) return within(numbers, k, kWholeWord);
      return k == 0 ? std::vector<NumberRange>{} : within(numbers, 0, k - 1);
    case BPF_JGT:
      return holds ? within(numbers, std::uint64_t{k} + 1, kWholeWord) : within(numbers, 0, k);
  }
  return numbers;
}

// The numbers for which a test of the accumulator, which holds the number cut to `mask`, may come out so.
std::vector<NumberRange> after_masked_test(const std::vector<NumberRange>& numbers,
                                           const sock_filter& instruction, std::uint32_t mask, bool holds) {
  const auto operation = static_cast<std::uint16_t>(BPF_OP(instruction.code));
  if (mask == kWholeWord) return after_number_test(numbers, operation, instruction.k, holds);
  if (mask != ~kernel::kX32Bit || operation != BPF_JEQ || !holds) return numbers;
  std::vector<NumberRange> both = within(numbers, instruction.k, instruction.k);
  const std::uint32_t with_bit = instruction.k | kernel::kX32Bit;
  const std::vector<NumberRange> x32 = within(numbers, with_bit, with_bit);
  both.insert(both.end(), x32.begin(), x32.end());
  simplify(both);
  return both;
}

// An architecture without a name stays unknown.
std::vector<Callers> after_arch_test(const std::vector<Callers>& before, std::uint32_t audit_arch,
                                     bool holds) {
  const std::optional<Arch> asked = arch_of(audit_arch);
  std::vector<Callers> after;
  for (const Callers& callers : before) {
    const bool is_possible = !callers.arch || (callers.arch == asked) == holds;
    if (is_possible) after.push_back({holds ? asked : callers.arch, callers.numbers});
  }
  return after;
}

// What is known behind a test that came out as `holds`.
Knowledge after_test(Knowledge known, const sock_filter& instruction, bool holds) {
  if (BPF_SRC(instruction.code) != BPF_K || !known.word) return known;
  const bool is_whole = known.mask == kWholeWord;
  if (*known.word == kArchWord && BPF_OP(instruction.code) == BPF_JEQ && is_whole) {
    known.callers = after_arch_test(known.callers, instruction.k, holds);
  }
  if (*known.word != kNumberWord) return known;
  std::vector<Callers> after;
  for (const Callers& callers : known.callers) {
    Callers rest{callers.arch, after_masked_test(callers.numbers, instruction, known.mask, holds)};
    if (!rest.numbers.empty()) after.push_back(std::move(rest));
  }
  known.callers = std::move(after);
  return known;
}

// What is known behind an instruction that is neither a jump nor an answer.
void step(Knowledge& known, const sock_filter& instruction, ByteOrder byte_order) {
  switch (instruction.code) {
    case BPF_LD | BPF_W | BPF_ABS:
      known.word = word_at(instruction.k, byte_order);
      known.mask = kWholeWord;
      return;
    case BPF_ALU | BPF_AND | BPF_K:
      known.mask &= instruction.k;
      return;
    case BPF_LDX | BPF_IMM:
    case BPF_LDX | BPF_MEM:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_ST:
    case BPF_STX:
    case BPF_MISC | BPF_TAX:
      return;
  }
  known.word.reset();
}

}  // namespace

std::optional<Arch> arch_of(std::uint32_t audit_arch) {
  for (const kernel::ArchInfo& info : kernel::all_arches()) {
    if (info.audit_arch == audit_arch) return info.arch;
  }
  return std::nullopt;
}

bool is_test(const sock_filter& instruction) {
  return BPF_CLASS(instruction.code) == BPF_JMP && BPF_OP(instruction.code) != BPF_JA;
}

std::vector<std::size_t> successors(const Program& program, std::size_t at) {
  const sock_filter& instruction = program.instructions[at];
  if (BPF_CLASS(instruction.code) == BPF_RET) return {};
  if (BPF_CLASS(instruction.code) != BPF_JMP) return {at + 1};
  if (BPF_OP(instruction.code) == BPF_JA) return {at + 1 + instruction.k};
  return {at + 1 + instruction.jt, at + 1 + instruction.jf};
}

std::size_t longest_path(const Program& program) {
  std::vector<std::size_t> longest(program.instructions.size(), 1);
  for (std::size_t at = program.instructions.size(); at-- > 0;) {
    for (const std::size_t next : successors(program, at)) {
      longest[at] = std::max(longest[at], 1 + longest[next]);
    }
  }
  return longest.front();
}

std::optional<Arch> Knowledge::arch() const {
  return callers.size() == 1 ? callers.front().arch : std::nullopt;
}

std::vector<Knowledge::Call> Knowledge::calls() const {
  std::uint64_t count = 0;
  for (const Callers& one : callers) {
    if (!one.arch) return {};
    for (const NumberRange& range : one.numbers) count += std::uint64_t{range.last} - range.first + 1;
  }
  if (count > kMostCalls) return {};
  std::vector<Call> found;
  for (const Callers& one : callers) {
    for (const NumberRange& range : one.numbers) {
      for (std::uint64_t number = range.first; number <= range.last; ++number) {
        const bool is_x32 = *one.arch == Arch::X86_64 && number >= kernel::kX32Bit;
        const Arch table = is_x32 ? Arch::X32 : *one.arch;
        const auto call = kernel::syscall_at(table, static_cast<std::uint32_t>(number));
        if (call) found.push_back({table, *call});
      }
    }
  }
  return found;
}

std::vector<Knowledge> find_knowledge(const Program& program, std::optional<Arch> assumed) {
  std::vector<Knowledge> known(program.instructions.size());
  known[0].callers = {{.arch = assumed == Arch::X32 ? Arch::X86_64 : assumed}};
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    const sock_filter& instruction = program.instructions[at];
    if (!known[at].is_reached()) continue;
    const std::vector<std::size_t> next = successors(program, at);
    if (is_test(instruction)) {
      const Knowledge holds = after_test(known[at], instruction, true);
      const Knowledge fails = after_test(known[at], instruction, false);
      if (holds.is_reached()) meet(known[next[0]], holds);
      if (fails.is_reached()) meet(known[next[1]], fails);
    } else if (!next.empty()) {
      Knowledge after = known[at];
      if (BPF_CLASS(instruction.code) != BPF_JMP) step(after, instruction, program.byte_order);
      meet(known[next[0]], after);
    }
  }
  return known;
}

}  // namespace isola::backends::seccomp
