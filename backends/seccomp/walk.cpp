#include "backends/seccomp/walk.h"

#include <algorithm>

#include "compiler/base/check.h"
#include "compiler/kernel/arch.h"

namespace isola::backends::seccomp {

namespace {

// A set of numbers on its way through the program.
struct Traveller {
  std::size_t at = 0;
  std::size_t executed = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0xffffffff;
  enum class Holds : std::uint8_t { Nothing, Arch, Number } holds{};
  std::uint32_t removed = 0;  // Holds::Number: what a mask took off, the same for all of the set
};

class Walk {
 public:
  Walk(const Program& program, std::uint32_t audit_arch) : program_(program), audit_arch_(audit_arch) {}

  std::vector<NumberSegment> run() {
    open_.push_back({});
    while (!open_.empty()) {
      const Traveller traveller = open_.back();
      open_.pop_back();
      follow(traveller);
    }
    std::sort(segments_.begin(), segments_.end(),
              [](const NumberSegment& a, const NumberSegment& b) { return a.first < b.first; });
    return std::move(segments_);
  }

 private:
  void follow(Traveller traveller) {
    while (true) {
      ISOLA_CHECK(traveller.at < program_.instructions.size(), "a filter ends with an answer");
      const sock_filter& instruction = program_.instructions[traveller.at];
      const bool goes_on = BPF_CLASS(instruction.code) == BPF_JMP && BPF_OP(instruction.code) != BPF_JA
                               ? branch(instruction, traveller)
                               : step(instruction, traveller);
      if (!goes_on) return;
      ++traveller.executed;
    }
  }

  // False when the walk is over for this set.
  bool step(const sock_filter& instruction, Traveller& traveller) {
    switch (instruction.code) {
      case BPF_RET | BPF_K:
        return arrive(traveller);
      case BPF_LD | BPF_W | BPF_ABS: {
        const auto word = word_at(instruction.k, program_.byte_order);
        ISOLA_CHECK(word, "a load of a word of seccomp_data");
        if (*word < kNumberWord) return arrive(traveller);
        traveller.holds = *word == kNumberWord ? Traveller::Holds::Number : Traveller::Holds::Arch;
        traveller.removed = 0;
        ++traveller.at;
        return true;
      }
      case BPF_ALU | BPF_AND | BPF_K:
        mask(instruction.k, traveller);
        return true;
      case BPF_JMP | BPF_JA:
        traveller.at += 1 + std::size_t{instruction.k};
        return true;
    }
    ISOLA_CHECK(false, "an instruction that the emitter uses before arguments");
    return false;
  }

  bool arrive(const Traveller& traveller) {
    segments_.push_back({traveller.first, traveller.last, traveller.at, traveller.executed});
    return false;
  }

  // Numbers that lose different bits go on apart.
  void mask(std::uint32_t bits, Traveller& traveller) {
    const std::uint32_t lowest = ~bits & (bits + 1);
    ISOLA_CHECK(
        traveller.holds == Traveller::Holds::Number && traveller.removed == 0 && lowest >= kernel::kX32Bit,
        "a mask that takes off upper bits of the number");
    const std::uint32_t last_alike = traveller.first | (lowest - 1);
    if (last_alike < traveller.last) {
      Traveller rest = traveller;
      rest.first = last_alike + 1;
      open_.push_back(rest);
      traveller.last = last_alike;
    }
    traveller.removed = traveller.first & ~bits;
    ++traveller.at;
  }

  bool branch(const sock_filter& instruction, Traveller& traveller) {
    ISOLA_CHECK(BPF_SRC(instruction.code) == BPF_K, "a comparison with a constant");
    const std::size_t then = traveller.at + 1 + instruction.jt;
    const std::size_t otherwise = traveller.at + 1 + instruction.jf;
    if (traveller.holds == Traveller::Holds::Arch) {
      ISOLA_CHECK(BPF_OP(instruction.code) == BPF_JEQ, "the architecture is tested for equality");
      traveller.at = audit_arch_ == instruction.k ? then : otherwise;
      return true;
    }
    ISOLA_CHECK(traveller.holds == Traveller::Holds::Number, "a test of something loaded");
    const auto [low, high] = values_that_hold(instruction);
    // As numbers again; 64 bits, since the sum may pass the last number.
    send(traveller, std::uint64_t{low} + traveller.removed, std::uint64_t{high} + traveller.removed, then);
    if (low > 0) send(traveller, traveller.removed, std::uint64_t{low} - 1 + traveller.removed, otherwise);
    if (high < 0xffffffff)
      send(traveller, std::uint64_t{high} + 1 + traveller.removed, ~std::uint64_t{0}, otherwise);
    return false;
  }

  // The values, both ends inclusive, for which the test holds; an empty range has its ends crossed.
  static std::pair<std::uint32_t, std::uint32_t> values_that_hold(const sock_filter& instruction) {
    switch (BPF_OP(instruction.code)) {
      case BPF_JEQ:
        return {instruction.k, instruction.k};
      case BPF_JGE:
        return {instruction.k, 0xffffffff};
      case BPF_JGT:
        ISOLA_CHECK(instruction.k != 0xffffffff, "a test that can hold");
        return {instruction.k + 1, 0xffffffff};
    }
    ISOLA_CHECK(false, "a test of the number that the emitter uses");
    return {};
  }

  void send(Traveller traveller, std::uint64_t first, std::uint64_t last, std::size_t where) {
    const std::uint64_t from = std::max<std::uint64_t>(first, traveller.first);
    const std::uint64_t to = std::min<std::uint64_t>(last, traveller.last);
    if (from > to) return;
    traveller.first = static_cast<std::uint32_t>(from);
    traveller.last = static_cast<std::uint32_t>(to);
    traveller.at = where;
    ++traveller.executed;
    open_.push_back(traveller);
  }

  const Program& program_;
  std::uint32_t audit_arch_;
  std::vector<Traveller> open_;
  std::vector<NumberSegment> segments_;
};

}  // namespace

std::vector<NumberSegment> number_segments(const Program& program, std::uint32_t audit_arch) {
  return Walk(program, audit_arch).run();
}

// ---- arguments

using Diagram = ir::DecisionDiagrams::Node;

Diagram ArgumentDiagrams::from(std::size_t at, Accumulator accumulator) {
  const std::pair key{(std::uint64_t{accumulator.word} << 32) | accumulator.mask,
                      static_cast<std::uint32_t>(at)};
  if (const auto found = done_.find(key); found != done_.end()) return found->second;
  const Diagram diagram = step(at, accumulator);
  done_[key] = diagram;
  return diagram;
}

Diagram ArgumentDiagrams::step(std::size_t at, Accumulator accumulator) {
  ISOLA_CHECK(at < program_.instructions.size(), "a filter ends with an answer");
  const sock_filter& instruction = program_.instructions[at];
  switch (instruction.code) {
    case BPF_RET | BPF_K:
      return diagrams_.outcome(instruction.k);
    case BPF_JMP | BPF_JA:
      return from(at + 1 + instruction.k, accumulator);
    case BPF_ALU | BPF_AND | BPF_K:
      return from(at + 1, {accumulator.word, accumulator.mask & instruction.k});
    case BPF_LD | BPF_W | BPF_ABS: {
      const auto word = word_at(instruction.k, program_.byte_order);
      ISOLA_CHECK(word && *word < kNumberWord, "a load of an argument");
      return from(at + 1, {*word, kWholeWord});
    }
  }
  ISOLA_CHECK(BPF_CLASS(instruction.code) == BPF_JMP && BPF_SRC(instruction.code) == BPF_K,
              "an instruction that the emitter uses");
  const Diagram then = from(at + 1 + instruction.jt, accumulator);
  const Diagram otherwise = from(at + 1 + instruction.jf, accumulator);
  return diagrams_.choose(condition(instruction, accumulator), then, otherwise);
}

// (word & mask) compared with a constant, as a test of the whole argument.
Diagram ArgumentDiagrams::condition(const sock_filter& instruction, Accumulator accumulator) {
  ISOLA_CHECK(accumulator.word < kNumberWord, "a test of an argument's word");
  const unsigned shift = accumulator.word % 2 == 1 ? 32 : 0;
  const auto holds = [&](std::uint32_t mask, std::uint32_t low, std::uint32_t high) {
    if (low > high) return ir::ArgumentCondition::never();
    return ir::ArgumentCondition::of(
        {.index = static_cast<std::uint8_t>(accumulator.word / 2),
         .bits = static_cast<std::uint8_t>(shift == 0 ? 32 : 64),
         .mask = std::uint64_t{mask} << shift,
         .ranges = {{std::uint64_t{low} << shift, std::uint64_t{high} << shift}}});
  };
  const std::uint32_t constant = instruction.k;
  const std::uint32_t mask = accumulator.mask;
  switch (BPF_OP(instruction.code)) {
    case BPF_JEQ:
      return diagrams_.condition((constant & ~mask) != 0 ? ir::ArgumentCondition::never()
                                                         : holds(mask, constant, constant));
    case BPF_JGE:
      return diagrams_.condition(holds(mask, constant, mask));
    case BPF_JGT:
      return diagrams_.condition(constant >= mask ? ir::ArgumentCondition::never()
                                                  : holds(mask, constant + 1, mask));
    case BPF_JSET:
      return diagrams_.negate(diagrams_.condition(holds(mask & constant, 0, 0)));
  }
  ISOLA_CHECK(false, "a comparison");
  return diagrams_.outcome(0);
}

}  // namespace isola::backends::seccomp
