// Which namespace a sysctl belongs to, and so whether a container may set it.

#pragma once

#include "compiler/kernel/namespaces.h"

#include <llvm/ADT/StringRef.h>

#include <optional>

namespace isola::kernel {

// `name` with dots or slashes ("net.ipv4.ip_forward", "net/ipv4/ip_forward"). Nothing for a sysctl that only
// the host has: setting it from a container changes, or tries to change, the whole machine.
std::optional<Namespace> sysctl_namespace(llvm::StringRef name);

}  // namespace isola::kernel
