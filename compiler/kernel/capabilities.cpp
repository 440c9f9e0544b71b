// Look-ups in capabilities.def.

#include "compiler/kernel/capabilities.h"

#include "compiler/kernel/nearest.h"

#include <array>
#include <string>

namespace isola::kernel {

struct CapabilityRow {
  std::string_view name;
  std::string_view summary;
  KernelVersion since;
};

static constexpr std::array<CapabilityRow, kCapabilityCount> kCapabilities = {{
#define ISOLA_CAPABILITY(Name, NAME, number, release, patchlevel, what) {NAME, what, {release, patchlevel}},
#include "compiler/kernel/capabilities.def"
}};

static constexpr llvm::StringLiteral kPrefix = "CAP_";

// The rows stand in the order of their numbers, so a number is an index.
static constexpr std::array<unsigned, kCapabilityCount> kNumbers = {{
#define ISOLA_CAPABILITY(Name, NAME, number, release, patchlevel, what) number,
#include "compiler/kernel/capabilities.def"
}};
static constexpr bool numbers_are_indices() {
  for (std::size_t index = 0; index < kNumbers.size(); ++index) {
    if (kNumbers[index] != index) return false;
  }
  return true;
}
static_assert(numbers_are_indices(), "capabilities.def is sorted by number, without gaps");

llvm::StringRef name(Capability capability) {
  return kCapabilities[number(capability)].name;
}

llvm::StringRef summary(Capability capability) {
  return kCapabilities[number(capability)].summary;
}

KernelVersion since(Capability capability) {
  return kCapabilities[number(capability)].since;
}

std::optional<Capability> capability_at(unsigned number) {
  if (number >= kCapabilityCount) return std::nullopt;
  return static_cast<Capability>(number);
}

std::optional<Capability> find_capability(llvm::StringRef name) {
  name.consume_front_insensitive(kPrefix);
  for (std::size_t index = 0; index < kCapabilityCount; ++index) {
    if (name.equals_insensitive(llvm::StringRef(kCapabilities[index].name).drop_front(kPrefix.size()))) {
      return static_cast<Capability>(index);
    }
  }
  return std::nullopt;
}

std::optional<llvm::StringRef> nearest_capability(llvm::StringRef name) {
  name.consume_front_insensitive(kPrefix);
  const std::string full = kPrefix.str() + name.str();
  NearestName nearest(full);
  for (const CapabilityRow& row : kCapabilities) {
    nearest.consider(row.name);
  }
  return nearest.found();
}

}  // namespace isola::kernel
