// The contract of a backend, whole. A backend is a constant; backends.def is the only list of them.
//
// A backend turns a profile into artifacts and says, per kind of permission and setting, how well the target
// enforces it. Those claims are tested: Exact means that read-back equals decide, Wider that it allows at
// least as much, Narrower at most as much.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/diagnostics.h"
#include "compiler/base/source.h"
#include "compiler/ir/decide.h"
#include "compiler/ir/profile.h"
#include "compiler/kernel/call_frequencies.h"

namespace isola::backends {

struct Artifact {
  std::string name;  // file name inside the policy's folder
  std::string bytes;
};

// What filters on system calls are made cheap for.
enum class FilterGoal : std::uint8_t {
  Size,       // as few instructions as possible; among those, few on the way of every call
  Balanced,   // few instructions on the way of every call, all calls alike, and not many in all
  Frequency,  // few instructions on the way of frequent calls
  Fast,       // little work for the compiler
};

struct Options {
  const SourceManager* sources =
      nullptr;  // for artifacts that name the policy's lines; outlives the compilation
  std::string install_prefix = "/etc/isola";  // where artifacts that name each other are installed
  std::string root_directory = "rootfs";      // oci: the root file system, relative to the bundle or absolute
  std::string volume_directory =
      "volumes";        // oci: where named volumes are, relative to the bundle or absolute
  std::string lsm;      // whose label to attach: `apparmor`, `selinux`, `none`; empty: not said
  bool emit_c = false;  // seccomp: a C header, too
  FilterGoal filter_goal = FilterGoal::Balanced;
  kernel::CallFrequencies call_frequencies;  // for FilterGoal::Frequency; empty: those that ship with us
};

struct Claim {
  ir::Fidelity fidelity;
  std::string_view why;  // what is odd or lost; empty for a plain Exact
};

struct Backend {
  std::string_view name;
  std::string_view summary;  // one line, for `isola targets`
  // How well the target enforces this very permission. A std::visit: a new kind does not compile until
  // claimed.
  Claim (*claim)(const ir::Permission& permission);
  Claim (*claim_setting)(ir::Setting setting);
  // Reports what it cannot carry; artifacts come in a fixed order.
  llvm::SmallVector<Artifact, 2> (*compile)(const ir::Profile& profile, const Options& options,
                                            Diagnostics& diagnostics);
  // What the artifacts themselves say of a request; nothing when they have no say in it.
  std::optional<ir::Decision> (*readback)(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request);
};

// All backends, in the order of backends.def.
llvm::ArrayRef<const Backend*> all_backends();
const Backend* find_backend(llvm::StringRef name);

}  // namespace isola::backends
