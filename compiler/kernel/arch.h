// The architectures a policy can name, and the facts about them that every backend needs.
//
// The order is that of messages and artifacts: the machine most people have first, each compat mode after
// the mode it belongs to. ArchSet is a value, so "the architectures of this rule" costs two bytes.
//
// Not here: the system calls of an architecture (syscalls.h).

#pragma once

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

enum class Arch : std::uint8_t {
  X86_64,
  X86,
  X32,
  AArch64,
  Arm,
  RiscV64,
  Ppc64Le,
  S390X,
  Mips64El,
  LoongArch64
};

constexpr std::size_t kArchCount = 10;

// Set in the number of every x32 call; its AUDIT_ARCH is that of x86_64.
// Source: __X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h, Linux 6.12.
constexpr std::uint32_t kX32Bit = 0x40000000;

struct ArchInfo {
  Arch arch{};
  std::string_view name;       // ours: x86_64, x86, x32, aarch64, arm, ...
  std::string_view scmp_name;  // libseccomp's and OCI's: SCMP_ARCH_X86_64, ...
  std::uint32_t audit_arch = 0;
  bool is_64_bit = false;  // registers, not pointers: true for x32
  bool is_big_endian = false;
};

const ArchInfo& info(Arch arch);

// Every architecture, in the order of the enumeration.
llvm::ArrayRef<ArchInfo> all_arches();

// Accepts our name, libseccomp's name and the usual other spellings (amd64, i386, arm64, ppc64el, ...).
std::optional<Arch> find_arch(llvm::StringRef name);

// The closest of our names, for a message; nothing when none is close.
std::optional<llvm::StringRef> nearest_arch(llvm::StringRef name);

// A set of architectures; iterates in the order of the enumeration.
class ArchSet {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Arch;
    using difference_type = std::ptrdiff_t;
    using pointer = const Arch*;
    using reference = Arch;

    constexpr Iterator() = default;
    explicit constexpr Iterator(std::uint16_t rest) : rest_(rest) {}
    constexpr Arch operator*() const { return static_cast<Arch>(std::countr_zero(rest_)); }
    constexpr Iterator& operator++() {
      rest_ = static_cast<std::uint16_t>(rest_ & (rest_ - 1));
      return *this;
    }
    constexpr Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(Iterator, Iterator) = default;

   private:
    std::uint16_t rest_ = 0;
  };

  constexpr ArchSet() = default;
  constexpr ArchSet(std::initializer_list<Arch> arches) {
    for (const Arch arch : arches) {
      insert(arch);
    }
  }
  static constexpr ArchSet all() { return ArchSet((1U << kArchCount) - 1); }

  constexpr void insert(Arch arch) { bits_ = static_cast<std::uint16_t>(bits_ | mask(arch)); }
  constexpr void erase(Arch arch) { bits_ = static_cast<std::uint16_t>(bits_ & ~mask(arch)); }
  constexpr bool contains(Arch arch) const { return (bits_ & mask(arch)) != 0; }
  constexpr bool contains(ArchSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::size_t size() const { return static_cast<std::size_t>(std::popcount(bits_)); }
  constexpr Iterator begin() const { return Iterator(bits_); }
  constexpr Iterator end() const { return Iterator(); }

  friend constexpr ArchSet operator|(ArchSet left, ArchSet right) {
    return ArchSet(left.bits_ | right.bits_);
  }
  friend constexpr ArchSet operator&(ArchSet left, ArchSet right) {
    return ArchSet(left.bits_ & right.bits_);
  }
  // The members of `left` that are not in `right`.
  friend constexpr ArchSet operator-(ArchSet left, ArchSet right) {
    return ArchSet(left.bits_ & ~right.bits_);
  }
  friend constexpr bool operator==(ArchSet, ArchSet) = default;

 private:
  explicit constexpr ArchSet(unsigned bits) : bits_(static_cast<std::uint16_t>(bits)) {}
  static constexpr std::uint16_t mask(Arch arch) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(arch));
  }

  std::uint16_t bits_ = 0;
};

}  // namespace isola::kernel
