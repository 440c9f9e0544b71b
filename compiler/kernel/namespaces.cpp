// Look-ups in namespaces.def and sysctls.def.

#include "compiler/kernel/namespaces.h"

#include "compiler/kernel/nearest.h"
#include "compiler/kernel/sysctls.h"

#include <algorithm>
#include <array>
#include <string>

namespace isola::kernel {

static constexpr std::array<NamespaceInfo, kNamespaceCount> kNamespaces = {{
#define ISOLA_NAMESPACE(Name, oci, short_name, flag, release, patchlevel, what) \
  {Namespace::Name, oci, short_name, flag, {release, patchlevel}, what},
#include "compiler/kernel/namespaces.def"
}};

enum class SysctlMatch : std::uint8_t { Exactly, Below, Prefix };

struct SysctlRow {
  SysctlMatch match{};
  std::string_view name;
  std::optional<Namespace> owner;  // nothing: the host's alone
};

static constexpr SysctlRow kSysctls[] = {
#define ISOLA_HOST_SYSCTL(Match, name, what) {SysctlMatch::Match, name, std::nullopt},
#define ISOLA_SYSCTL(Match, name, Owner, what) {SysctlMatch::Match, name, Namespace::Owner},
#include "compiler/kernel/sysctls.def"
};

const NamespaceInfo& info(Namespace kind) {
  return kNamespaces[static_cast<std::size_t>(kind)];
}

llvm::ArrayRef<NamespaceInfo> all_namespaces() {
  return kNamespaces;
}

std::optional<Namespace> find_namespace(llvm::StringRef name) {
  for (const NamespaceInfo& each : kNamespaces) {
    if (name == llvm::StringRef(each.name) || name == llvm::StringRef(each.short_name)) return each.kind;
  }
  return std::nullopt;
}

std::optional<llvm::StringRef> nearest_namespace(llvm::StringRef name) {
  NearestName nearest(name);
  for (const NamespaceInfo& each : kNamespaces) {
    nearest.consider(each.name);
  }
  return nearest.found();
}

static bool matches(const SysctlRow& row, llvm::StringRef name) {
  if (!name.consume_front(row.name)) return false;
  switch (row.match) {
    case SysctlMatch::Exactly:
      return name.empty();
    case SysctlMatch::Below:
      return name.size() > 1 && name.front() == '.';
    case SysctlMatch::Prefix:
      return true;
  }
  return false;
}

std::optional<Namespace> sysctl_namespace(llvm::StringRef name) {
  // sysctl(8): the first separator met tells which character separates; the other one is then part of a name,
  // as in "net/ipv4/conf/eth0.100/forwarding".
  std::string dotted = name.str();
  const std::size_t separator = name.find_first_of("./");
  if (separator != llvm::StringRef::npos && name[separator] == '/') {
    std::ranges::replace(dotted, '/', '.');
  }
  for (const SysctlRow& row : kSysctls) {
    if (matches(row, dotted)) return row.owner;
  }
  return std::nullopt;
}

}  // namespace isola::kernel
