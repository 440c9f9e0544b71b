// Look-ups in the generated table of constants.
//
// A row has the most common value and a bit per architecture that has it; the few other values stand in a
// second table. So the table of 3,500 names on ten architectures stays near 3,500 rows.

#include "compiler/kernel/constants.h"

#include "compiler/kernel/nearest.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>
#include <array>

namespace isola::kernel {

struct ConstantRow {
  std::string_view name;
  ConstantGroup group{};
  std::uint64_t value = 0;
  std::uint16_t arches = 0;  // bit n: the architecture n of the enumeration has `value`
  std::uint16_t exceptions_begin = 0;
  std::uint16_t exceptions_length = 0;
};

struct ExceptionRow {
  std::uint16_t arches = 0;
  std::uint64_t value = 0;
};

#include "compiler/kernel/constants.generated.inc"

struct GroupRow {
  std::string_view name;
  std::string_view summary;
};

static constexpr GroupRow kGroups[] = {
#define ISOLA_CONSTANT_GROUP(Group, what) {#Group, what},
#include "compiler/kernel/constant_groups.def"
};

// Second names of a number, which would win by their spelling.
static constexpr std::string_view kSecondNames[] = {"AF_LOCAL", "ENOTSUP", "O_NDELAY"};

static bool has(std::uint16_t arches, Arch arch) {
  return (arches >> static_cast<unsigned>(arch) & 1) != 0;
}

static std::optional<std::uint64_t> value_on(const ConstantRow& row, Arch arch) {
  if (has(row.arches, arch)) return row.value;
  const auto rest = llvm::ArrayRef(kExceptions).slice(row.exceptions_begin, row.exceptions_length);
  for (const ExceptionRow& exception : rest) {
    if (has(exception.arches, arch)) return exception.value;
  }
  return std::nullopt;
}

static const ConstantRow* find_row(llvm::StringRef name) {
  const auto* found = std::lower_bound(
      kConstants.begin(), kConstants.end(), name,
      [](const ConstantRow& row, llvm::StringRef wanted) { return llvm::StringRef(row.name) < wanted; });
  if (found == kConstants.end() || llvm::StringRef(found->name) != name) return nullptr;
  return found;
}

llvm::StringRef name(ConstantGroup group) {
  return kGroups[static_cast<std::size_t>(group)].name;
}

llvm::StringRef summary(ConstantGroup group) {
  return kGroups[static_cast<std::size_t>(group)].summary;
}

std::optional<std::uint64_t> find_constant(llvm::StringRef name, Arch arch) {
  const ConstantRow* row = find_row(name);
  if (row == nullptr) return std::nullopt;
  return value_on(*row, arch);
}

std::optional<ConstantGroup> constant_group(llvm::StringRef name) {
  const ConstantRow* row = find_row(name);
  if (row == nullptr) return std::nullopt;
  return row->group;
}

std::optional<llvm::StringRef> nearest_constant(llvm::StringRef name) {
  NearestName nearest(name);
  for (const ConstantRow& row : kConstants) {
    nearest.consider(row.name);
  }
  return nearest.found();
}

std::optional<llvm::StringRef> nearest_constant(llvm::StringRef name, ConstantGroup group) {
  NearestName nearest(name);
  for (const ConstantRow& row : kConstants) {
    if (row.group == group) nearest.consider(row.name);
  }
  return nearest.found();
}

llvm::SmallVector<Constant, 0> constants_of(ConstantGroup group, Arch arch) {
  llvm::SmallVector<Constant, 0> found;
  for (const ConstantRow& row : kConstants) {
    if (row.group != group) continue;
    if (const std::optional<std::uint64_t> value = value_on(row, arch)) found.push_back({row.name, *value});
  }
  return found;
}

std::optional<llvm::StringRef> constant_name(ConstantGroup group, std::uint64_t value, Arch arch) {
  std::optional<llvm::StringRef> second;
  for (const ConstantRow& row : kConstants) {
    if (row.group != group || value_on(row, arch) != value) continue;
    if (!llvm::is_contained(kSecondNames, row.name)) return llvm::StringRef(row.name);
    second = row.name;
  }
  return second;
}

// The value of `name` when it belongs to `group`, as the number that errno and signals are.
static std::optional<std::uint32_t> small_number(llvm::StringRef name, ConstantGroup group, Arch arch) {
  const ConstantRow* row = find_row(name);
  if (row == nullptr || row->group != group) return std::nullopt;
  const std::optional<std::uint64_t> value = value_on(*row, arch);
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint32_t> errno_number(llvm::StringRef name, Arch arch) {
  return small_number(name, ConstantGroup::Errno, arch);
}

std::optional<llvm::StringRef> errno_name(std::uint32_t number, Arch arch) {
  return constant_name(ConstantGroup::Errno, number, arch);
}

std::optional<std::uint32_t> signal_number(llvm::StringRef name, Arch arch) {
  return small_number(name, ConstantGroup::Signal, arch);
}

std::optional<llvm::StringRef> signal_name(std::uint32_t number, Arch arch) {
  return constant_name(ConstantGroup::Signal, number, arch);
}

}  // namespace isola::kernel
