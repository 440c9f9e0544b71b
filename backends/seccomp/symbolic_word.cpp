// NOTE: bits are combined from the least significant one up. Variables are ordered the other way round, so
// each step puts one variable on top of what is there and costs a node, not a walk.

#include "backends/seccomp/symbolic_word.h"

#include <linux/filter.h>

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

using Node = SymbolicArithmetic::Node;

SymbolicWord SymbolicArithmetic::constant(std::uint32_t value) {
  SymbolicWord word;
  for (unsigned bit = 0; bit < word.size(); ++bit) word[bit] = ((value >> bit) & 1) != 0 ? one() : zero();
  return word;
}

SymbolicWord SymbolicArithmetic::half_of(std::size_t call_word, bool is_upper) {
  SymbolicWord word;
  for (unsigned bit = 0; bit < word.size(); ++bit) {
    word[bit] = diagrams_.bit(call_word, is_upper ? 32 + bit : bit);
  }
  return word;
}

SymbolicWord SymbolicArithmetic::choose(Node condition, const SymbolicWord& then,
                                        const SymbolicWord& otherwise) {
  SymbolicWord word;
  for (unsigned bit = 0; bit < word.size(); ++bit) {
    word[bit] = diagrams_.choose(condition, then[bit], otherwise[bit]);
  }
  return word;
}

SymbolicWord SymbolicArithmetic::invert(const SymbolicWord& word) {
  SymbolicWord inverted = word;
  for (Node& bit : inverted) bit = diagrams_.negate(bit);
  return inverted;
}

SymbolicWord SymbolicArithmetic::add(const SymbolicWord& left, const SymbolicWord& right, Node carry) {
  SymbolicWord sum;
  for (unsigned bit = 0; bit < sum.size(); ++bit) {
    const Node either_one = differ(left[bit], right[bit]);
    sum[bit] = differ(either_one, carry);
    carry = diagrams_.choose(either_one, carry, left[bit]);
  }
  return sum;
}

// A constant factor as powers of two to add or subtract, few of them: -1 is one subtraction, not 32
// additions. Source: the non-adjacent form of Reitwiesner, "Binary Arithmetic", Advances in Computers 1,
// 1960.
SymbolicWord SymbolicArithmetic::multiply_by(const SymbolicWord& left, std::uint32_t factor) {
  SymbolicWord product = constant(0);
  auto rest = static_cast<std::int64_t>(static_cast<std::int32_t>(factor));
  for (unsigned place = 0; rest != 0; ++place, rest /= 2) {
    if (rest % 2 == 0) continue;
    const bool adds = (rest & 3) == 1;
    const SymbolicWord addend = shift(left, constant(place), true);
    product = adds ? add(product, addend, zero()) : add(product, invert(addend), one());
    rest -= adds ? 1 : -1;
  }
  return product;
}

std::optional<std::uint32_t> SymbolicArithmetic::value_of(const SymbolicWord& word) {
  std::uint32_t value = 0;
  for (unsigned bit = 0; bit < word.size(); ++bit) {
    if (word[bit] != zero() && word[bit] != one()) return std::nullopt;
    if (word[bit] == one()) value |= std::uint32_t{1} << bit;
  }
  return value;
}

SymbolicWord SymbolicArithmetic::multiply(const SymbolicWord& left, const SymbolicWord& right) {
  if (const auto factor = value_of(right)) return multiply_by(left, *factor);
  if (const auto factor = value_of(left)) return multiply_by(right, *factor);
  SymbolicWord product = constant(0);
  for (unsigned place = 0; place < right.size(); ++place) {
    SymbolicWord addend = constant(0);
    for (unsigned bit = place; bit < addend.size(); ++bit) {
      addend[bit] = diagrams_.both(left[bit - place], right[place]);
    }
    product = add(product, addend, zero());
  }
  return product;
}

// As on paper: bits of `left` move into the remainder one by one, and the divisor is taken off when it fits.
SymbolicWord SymbolicArithmetic::divide(const SymbolicWord& left, const SymbolicWord& right) {
  SymbolicWord quotient = constant(0);
  SymbolicWord remainder = constant(0);
  for (unsigned bit = left.size(); bit-- > 0;) {
    const Node overflow = remainder.back();  // the 33rd bit: certainly not below the divisor
    for (unsigned place = remainder.size() - 1; place > 0; --place) remainder[place] = remainder[place - 1];
    remainder[0] = left[bit];
    const Node fits = diagrams_.either(overflow, compare_greater(remainder, right, one()));
    quotient[bit] = fits;
    remainder = choose(fits, add(remainder, invert(right), one()), remainder);
  }
  return quotient;
}

// Source: BPF_ALU | BPF_LSH | BPF_X becomes the shift of extended BPF, which takes its count modulo 32;
// net/core/filter.c and kernel/bpf/core.c, Linux 6.12.
SymbolicWord SymbolicArithmetic::shift(const SymbolicWord& left, const SymbolicWord& right, bool is_left) {
  SymbolicWord word = left;
  for (unsigned stage = 0; stage < 5; ++stage) {
    const unsigned distance = 1U << stage;
    SymbolicWord moved = constant(0);
    for (unsigned bit = distance; bit < word.size(); ++bit) {
      if (is_left) {
        moved[bit] = word[bit - distance];
      } else {
        moved[bit - distance] = word[bit];
      }
    }
    word = choose(right[stage], moved, word);
  }
  return word;
}

SymbolicWord SymbolicArithmetic::compute(std::uint16_t operation, const SymbolicWord& left,
                                         const SymbolicWord& right) {
  const auto bitwise = [&](const auto& combine) {
    SymbolicWord word;
    for (unsigned bit = 0; bit < word.size(); ++bit) word[bit] = combine(left[bit], right[bit]);
    return word;
  };
  switch (operation) {
    case BPF_ADD:
      return add(left, right, zero());
    case BPF_SUB:
      return add(left, invert(right), one());
    case BPF_MUL:
      return multiply(left, right);
    case BPF_DIV:
      return divide(left, right);
    case BPF_AND:
      return bitwise([&](Node a, Node b) { return diagrams_.both(a, b); });
    case BPF_OR:
      return bitwise([&](Node a, Node b) { return diagrams_.either(a, b); });
    case BPF_XOR:
      return bitwise([&](Node a, Node b) { return differ(a, b); });
    case BPF_LSH:
      return shift(left, right, true);
    case BPF_RSH:
      return shift(left, right, false);
    case BPF_NEG:
      return add(constant(0), invert(left), one());
  }
  ISOLA_CHECK(false, "arithmetic that seccomp has");
  return left;
}

Node SymbolicArithmetic::compare_equal(const SymbolicWord& left, const SymbolicWord& right) {
  Node equal = one();
  for (unsigned bit = 0; bit < left.size(); ++bit) {
    equal = diagrams_.choose(differ(left[bit], right[bit]), zero(), equal);
  }
  return equal;
}

Node SymbolicArithmetic::compare_greater(const SymbolicWord& left, const SymbolicWord& right,
                                         Node when_equal) {
  Node greater = when_equal;
  for (unsigned bit = 0; bit < left.size(); ++bit) {
    greater = diagrams_.choose(differ(left[bit], right[bit]), left[bit], greater);
  }
  return greater;
}

Node SymbolicArithmetic::compare(std::uint16_t operation, const SymbolicWord& left,
                                 const SymbolicWord& right) {
  switch (operation) {
    case BPF_JEQ:
      return compare_equal(left, right);
    case BPF_JGT:
      return compare_greater(left, right, zero());
    case BPF_JGE:
      return compare_greater(left, right, one());
    case BPF_JSET:
      return diagrams_.negate(is_zero(compute(BPF_AND, left, right)));
  }
  ISOLA_CHECK(false, "a comparison");
  return zero();
}

}  // namespace isola::backends::seccomp
