// The kinds of namespaces, under the names of the OCI runtime specification.

#pragma once

#include "compiler/kernel/kernel_version.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace isola::kernel {

// Expanded from namespaces.def.
enum class Namespace : std::uint8_t {
#define ISOLA_NAMESPACE(Name, oci, short_name, flag, release, patchlevel, what) Name,
#include "compiler/kernel/namespaces.def"
};

constexpr std::size_t kNamespaceCount = 8;

struct NamespaceInfo {
  Namespace kind{};
  std::string_view name;        // "network"
  std::string_view short_name;  // "net": the file in /proc/PID/ns
  std::uint32_t clone_flag = 0;
  KernelVersion since;
  std::string_view summary;
};

const NamespaceInfo& info(Namespace kind);
// In the order of namespaces.def.
llvm::ArrayRef<NamespaceInfo> all_namespaces();
// Accepts both names.
std::optional<Namespace> find_namespace(llvm::StringRef name);
std::optional<llvm::StringRef> nearest_namespace(llvm::StringRef name);

}  // namespace isola::kernel
