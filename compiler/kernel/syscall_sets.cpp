// Expands syscall_sets.def, wholly while this file is compiled.
//
// So the program starts with finished tables, and a name that does not exist does not compile.

#include "compiler/kernel/syscall_sets.h"

#include "compiler/kernel/nearest.h"
#include "compiler/kernel/syscall_names.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace isola::kernel {

struct SetSource {
  std::string_view name;
  std::string_view summary;
  std::string_view members;
};

static constexpr SetSource kSources[] = {
#define ISOLA_SYSCALL_SET(name, summary, members) {name, summary, members},
#include "compiler/kernel/syscall_sets.def"
};

static constexpr std::size_t kSetCount = std::size(kSources);
static constexpr std::size_t kCallCount = kSyscallNames.size();

using Membership = std::array<bool, kCallCount>;

// Not constexpr, so that meeting one of these while a set is expanded stops the compiler at its name.
static void no_such_system_call() {}
static void no_such_set_above_this_one() {}

static consteval std::size_t index_of(std::string_view name) {
  std::size_t low = 0;
  std::size_t high = kCallCount;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (kSyscallNames[middle] < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == kCallCount || kSyscallNames[low] != name) no_such_system_call();
  return low;
}

// The index of a set that stands before `self`.
static consteval std::size_t earlier_set(std::string_view name, std::size_t self) {
  for (std::size_t set = 0; set < self; ++set) {
    if (kSources[set].name == name) return set;
  }
  no_such_set_above_this_one();
  return self;
}

static consteval void add_word(std::string_view word, std::array<Membership, kSetCount>& sets,
                               std::size_t self) {
  if (word == "*") {
    sets[self].fill(true);
    return;
  }
  if (!word.starts_with('@')) {
    sets[self][index_of(word)] = true;
    return;
  }
  const Membership& members = sets[earlier_set(word, self)];
  for (std::size_t call = 0; call < kCallCount; ++call) {
    sets[self][call] = sets[self][call] || members[call];
  }
}

static consteval std::array<Membership, kSetCount> expand() {
  std::array<Membership, kSetCount> sets{};
  for (std::size_t self = 0; self < kSetCount; ++self) {
    std::string_view rest = kSources[self].members;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      add_word(rest.substr(0, end), sets, self);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  return sets;
}

static constexpr std::array<Membership, kSetCount> kMembership = expand();

static consteval std::size_t count(const Membership& members) {
  std::size_t found = 0;
  for (const bool member : members) {
    found += member ? 1 : 0;
  }
  return found;
}

static consteval std::size_t total() {
  std::size_t sum = 0;
  for (const Membership& members : kMembership) {
    sum += count(members);
  }
  return sum;
}

// The members of all sets one after the other, and where each set ends.
struct Flat {
  std::array<SyscallId, total()> members{};
  std::array<std::size_t, kSetCount + 1> ends{};
};

static consteval Flat flatten() {
  Flat flat;
  std::size_t next = 0;
  for (std::size_t set = 0; set < kSetCount; ++set) {
    for (std::size_t call = 0; call < kCallCount; ++call) {
      if (kMembership[set][call]) flat.members[next++] = static_cast<SyscallId>(call);
    }
    flat.ends[set + 1] = next;
  }
  return flat;
}

static constexpr Flat kFlat = flatten();

static consteval std::array<SyscallSet, kSetCount> describe() {
  std::array<SyscallSet, kSetCount> sets{};
  for (std::size_t set = 0; set < kSetCount; ++set) {
    sets[set] = {kSources[set].name, kSources[set].summary};
  }
  return sets;
}

static constexpr std::array<SyscallSet, kSetCount> kSets = describe();

llvm::ArrayRef<SyscallSet> all_sets() {
  return kSets;
}

std::optional<llvm::ArrayRef<SyscallId>> find_set(llvm::StringRef name) {
  for (std::size_t set = 0; set < kSetCount; ++set) {
    if (name != llvm::StringRef(kSets[set].name)) continue;
    return llvm::ArrayRef(kFlat.members).slice(kFlat.ends[set], kFlat.ends[set + 1] - kFlat.ends[set]);
  }
  return std::nullopt;
}

std::optional<llvm::StringRef> nearest_set(llvm::StringRef name) {
  NearestName nearest(name);
  for (const SyscallSet& set : kSets) {
    nearest.consider(set.name);
  }
  return nearest.found();
}

}  // namespace isola::kernel
