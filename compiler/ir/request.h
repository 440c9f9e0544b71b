// A concrete operation that a workload attempts: what decide, policy tests, witnesses and probes are about.

#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "compiler/ir/permission.h"

namespace isola::ir {

// A call as seccomp sees it. `any_arguments` has bit i set when argument i may be anything (`_`).
struct SyscallRequest {
  kernel::Arch arch{};
  std::uint32_t number = 0;  // x32 calls carry kernel::kX32Bit
  Arguments arguments{};
  std::uint8_t any_arguments = 0;
};

struct FileRequest {
  std::string path;  // absolute, as the kernel resolves it
  FileModes modes;   // all of them at once
  bool is_owner = false;
};

struct DeviceRequest {
  DeviceNumbers numbers;  // both given
  DeviceModes modes;
};

// The endpoint is usually one address and port; a wider one asks whether all of it is allowed.
struct NetworkRequest {
  NetworkOperation operation{};
  Endpoint endpoint;
};

struct CapabilityRequest {
  kernel::Capability capability{};
};

struct SignalRequest {
  Direction direction{};
  int signal = 0;  // number on x86_64
  Peer peer;
};

struct PtraceRequest {
  PtraceMode mode{};
  Direction direction{};
  Peer peer;
};

struct SharedObjectRequest {
  SharedObjectUse::Kind kind{};
  SharedObjectUse::Flavour flavour{};
  SharedObjectMode mode{};
  std::string name;  // Posix: with its leading slash
};

struct DbusRequest {
  DbusUse use;  // one operation, concrete names
};

// mount(2) by the workload itself; nothing in a policy grants it but CAP_SYS_ADMIN with the call.
struct MountRequest {
  std::string source, destination, type;
  std::uint64_t flags = 0;  // MS_*
};

struct UnshareRequest {
  std::uint64_t flags = 0;  // CLONE_NEW*
};

struct Request {
  std::string child;  // the sub-policy that attempts it; empty: the workload itself
  std::variant<SyscallRequest, FileRequest, DeviceRequest, NetworkRequest, CapabilityRequest, SignalRequest,
               PtraceRequest, SharedObjectRequest, DbusRequest, MountRequest, UnshareRequest>
      operation;
};

// As it is written in `tests`: `socket(AF_UNIX, SOCK_STREAM, 0) on SCMP_ARCH_X86_64`, `read /etc/passwd`.
std::string to_text(const Request& request);

}  // namespace isola::ir
