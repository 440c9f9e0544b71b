// The stages of the oci backend: profile to model, model to config.json, config.json to decisions.

#pragma once

#include "backends/backend.h"
#include "backends/oci/model.h"

namespace isola::backends::oci {

Configuration lower(const ir::Profile& profile, const Options& options, Diagnostics& diagnostics);

// The mounts of a container: what the runtime and the granted paths need, then the policy's own, in its
// order.
std::vector<Mount> lower_mounts(const ir::Profile& profile, const Options& options);

// Nodes and controller rules; reports device paths whose numbers are not known.
void lower_devices(const ir::Profile& profile, Configuration& configuration, Diagnostics& diagnostics);

Resources lower_limits(const ir::World& world);

// Whether the pattern reaches a hidden or frozen path below /proc or /sys without naming either directory;
// such paths stay as they are for it.
bool passes_over_kernel_paths(const ir::PathPattern& pattern);

// The paths below /proc and /sys that containers hide or freeze, unless `files` grants them, and those that a
// deny of `files` names.
void lower_kernel_paths(const ir::Profile& profile, Configuration& configuration);

// config.json: keys in the specification's order, two spaces a level, a line break at the end.
std::string emit(const Configuration& configuration);

std::optional<ir::Decision> readback(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request);

Claim claim(const ir::Permission& permission);
Claim claim_setting(ir::Setting setting);

}  // namespace isola::backends::oci
