#include "backends/seccomp/value_names.h"

#include <llvm/ADT/SmallVector.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "compiler/kernel/constants.h"

namespace isola::backends::seccomp {

namespace {

using kernel::Arch;
using kernel::ConstantGroup;

enum class Style : std::uint8_t { Value, Bits, Type };

struct Row {
  std::string_view call, parameter;
  ConstantGroup group{};
  Style style{};
  std::string_view prefixes, except;
};

constexpr Row kRows[] = {
#define ISOLA_PARAMETER_CONSTANTS(call, parameter, group, style, prefixes, except) \
  {call, parameter, ConstantGroup::group, Style::style, prefixes, except},
#include "backends/seccomp/parameter_constants.def"
};

const Row* find_row(llvm::StringRef call, llvm::StringRef parameter) {
  for (const Row& row : kRows) {
    if (call == llvm::StringRef(row.call) && parameter == llvm::StringRef(row.parameter)) return &row;
  }
  return nullptr;
}

bool starts_with_one_of(llvm::StringRef name, llvm::StringRef prefixes) {
  llvm::SmallVector<llvm::StringRef, 16> words;
  prefixes.split(words, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  return std::any_of(words.begin(), words.end(),
                     [&](llvm::StringRef prefix) { return name.starts_with(prefix); });
}

// The constants that the row speaks of, shortest name first.
llvm::SmallVector<kernel::Constant, 0> constants_of(const Row& row, Arch arch) {
  llvm::SmallVector<kernel::Constant, 0> kept;
  for (const kernel::Constant& constant : kernel::constants_of(row.group, arch)) {
    const bool counts = row.prefixes.empty() || starts_with_one_of(constant.name, row.prefixes);
    if (counts && !starts_with_one_of(constant.name, row.except)) kept.push_back(constant);
  }
  std::stable_sort(kept.begin(), kept.end(), [](const kernel::Constant& a, const kernel::Constant& b) {
    return a.name.size() < b.name.size();
  });
  return kept;
}

// The name of one value; empty when there is none.
std::string name_of(llvm::ArrayRef<kernel::Constant> constants, std::uint64_t value) {
  for (const kernel::Constant& constant : constants) {
    if (constant.value == value) return std::string(constant.name);
  }
  return "";
}

// All bits of the value by name, lowest first; empty when one has none, and for no bits.
std::string bits_text(llvm::ArrayRef<kernel::Constant> constants, std::uint64_t value) {
  std::string text;
  for (std::uint64_t rest = value; rest != 0; rest &= rest - 1) {
    const std::string name = name_of(constants, rest & ~(rest - 1));
    if (name.empty()) return "";
    text += (text.empty() ? "" : "|") + name;
  }
  return text;
}

// A value, then bits above it: SOCK_STREAM|SOCK_CLOEXEC.
std::string type_text(llvm::ArrayRef<kernel::Constant> constants, std::uint64_t value) {
  constexpr std::uint64_t kLow = 0x3f;
  const std::string first = name_of(constants, value & kLow);
  if (first.empty() && (value & kLow) != 0) return bits_text(constants, value);
  const std::string bits = bits_text(constants, value & ~kLow);
  if (bits.empty() && (value & ~kLow) != 0) return "";
  if ((value & kLow) == 0 && !bits.empty()) return bits;
  return bits.empty() ? first : first + "|" + bits;
}

std::string find_mask_name(kernel::SyscallId call, Arch arch, const kernel::Parameter& parameter,
                           std::uint64_t value) {
  const Row* row = find_row(kernel::name(call), parameter.name);
  return row != nullptr && row->style == Style::Bits ? bits_text(constants_of(*row, arch), value) : "";
}

std::string find_name(kernel::SyscallId call, Arch arch, const kernel::Parameter& parameter,
                      std::uint64_t value) {
  if (parameter.kind == kernel::ParameterKind::Signal) {
    const auto name = kernel::signal_name(static_cast<std::uint32_t>(value), arch);
    return name ? name->str() : "";
  }
  if (parameter.kind == kernel::ParameterKind::FileDescriptor) {
    const auto nowhere = kernel::find_constant("AT_FDCWD", arch);
    return nowhere && static_cast<std::uint32_t>(*nowhere) == value ? "AT_FDCWD" : "";
  }
  const Row* row = find_row(kernel::name(call), parameter.name);
  if (row == nullptr) return "";
  const auto constants = constants_of(*row, arch);
  const std::string whole = name_of(constants, value);
  if (!whole.empty()) return whole;
  switch (row->style) {
    case Style::Value:
      return "";
    case Style::Bits:
      return bits_text(constants, value);
    case Style::Type:
      return type_text(constants, value);
  }
  return "";
}

}  // namespace

const std::string& ValueNames::find(kernel::SyscallId call, Arch arch, std::size_t parameter,
                                    std::uint64_t value, ValueUse use) {
  const auto [found, is_new] = known_.try_emplace({call, arch, parameter, value, use});
  const llvm::ArrayRef<kernel::Parameter> parameters = kernel::parameters(call, arch);
  if (!is_new || parameter >= parameters.size()) return found->second;
  const unsigned bits = parameters[parameter].bits;
  const std::uint64_t cut = bits >= 64 ? value : value & ((std::uint64_t{1} << bits) - 1);
  found->second = use == ValueUse::Mask ? find_mask_name(call, arch, parameters[parameter], cut)
                                        : find_name(call, arch, parameters[parameter], cut);
  return found->second;
}

}  // namespace isola::backends::seccomp
