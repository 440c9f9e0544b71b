// Linux capabilities: numbers, names and first kernels.

#pragma once

#include "compiler/kernel/kernel_version.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>

namespace isola::kernel {

// The value is the kernel's number: the bit in /proc/PID/status and in the capset(2) words.
// Expanded from capabilities.def.
enum class Capability : std::uint8_t {
#define ISOLA_CAPABILITY(Name, NAME, number, release, patchlevel, what) Name = number,
#include "compiler/kernel/capabilities.def"
};

constexpr std::size_t kCapabilityCount = 41;

// "CAP_CHOWN".
llvm::StringRef name(Capability capability);
// What holding it allows, in a few words.
llvm::StringRef summary(Capability capability);
constexpr unsigned number(Capability capability) {
  return static_cast<unsigned>(capability);
}
std::optional<Capability> capability_at(unsigned number);
KernelVersion since(Capability capability);

// With or without CAP_, in any case.
std::optional<Capability> find_capability(llvm::StringRef name);
// The closest canonical name ("CAP_CHOWN") to a misspelt one, which may lack the prefix.
std::optional<llvm::StringRef> nearest_capability(llvm::StringRef name);

// A set of capabilities; iterates by number.
class CapabilitySet {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Capability;
    using difference_type = std::ptrdiff_t;
    using pointer = const Capability*;
    using reference = Capability;

    constexpr Iterator() = default;
    explicit constexpr Iterator(std::uint64_t rest) : rest_(rest) {}
    constexpr Capability operator*() const { return static_cast<Capability>(std::countr_zero(rest_)); }
    constexpr Iterator& operator++() {
      rest_ &= rest_ - 1;
      return *this;
    }
    constexpr Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(Iterator, Iterator) = default;

   private:
    std::uint64_t rest_ = 0;
  };

  constexpr CapabilitySet() = default;
  constexpr CapabilitySet(std::initializer_list<Capability> capabilities) {
    for (const Capability capability : capabilities) {
      insert(capability);
    }
  }
  static constexpr CapabilitySet all() { return CapabilitySet((std::uint64_t{1} << kCapabilityCount) - 1); }

  constexpr void insert(Capability capability) { bits_ |= mask(capability); }
  constexpr void erase(Capability capability) { bits_ &= ~mask(capability); }
  constexpr bool contains(Capability capability) const { return (bits_ & mask(capability)) != 0; }
  constexpr bool contains(CapabilitySet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::size_t size() const { return static_cast<std::size_t>(std::popcount(bits_)); }
  // Bit n is the capability of number n.
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr Iterator begin() const { return Iterator(bits_); }
  constexpr Iterator end() const { return Iterator(); }

  friend constexpr CapabilitySet operator|(CapabilitySet left, CapabilitySet right) {
    return CapabilitySet(left.bits_ | right.bits_);
  }
  friend constexpr CapabilitySet operator&(CapabilitySet left, CapabilitySet right) {
    return CapabilitySet(left.bits_ & right.bits_);
  }
  // The members of `left` that are not in `right`.
  friend constexpr CapabilitySet operator-(CapabilitySet left, CapabilitySet right) {
    return CapabilitySet(left.bits_ & ~right.bits_);
  }
  friend constexpr bool operator==(CapabilitySet, CapabilitySet) = default;

 private:
  explicit constexpr CapabilitySet(std::uint64_t bits) : bits_(bits) {}
  static constexpr std::uint64_t mask(Capability capability) {
    return std::uint64_t{1} << static_cast<unsigned>(capability);
  }

  std::uint64_t bits_ = 0;
};

}  // namespace isola::kernel
