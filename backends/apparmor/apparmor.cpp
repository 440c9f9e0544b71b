// AppArmor: one profile per policy, `NAME.apparmor`, for apparmor_parser of 3.0 and later.

#include "backends/apparmor/capabilities.h"
#include "backends/apparmor/emit.h"
#include "backends/apparmor/lower.h"
#include "backends/apparmor/readback.h"
#include "backends/backend.h"

namespace isola::backends::apparmor {

static llvm::SmallVector<Artifact, 2> compile(const ir::Profile& profile, const Options&,
                                              Diagnostics& diagnostics) {
  return {{.name = profile.name + ".apparmor", .bytes = emit(lower(profile, diagnostics))}};
}

extern const Backend kBackend;
const Backend kBackend = {
    .name = "apparmor",
    .summary = "an AppArmor profile: files, capabilities, network families, signals, ptrace, D-Bus",
    .claim = claim,
    .claim_setting = claim_setting,
    .compile = compile,
    .readback = readback,
};

}  // namespace isola::backends::apparmor
