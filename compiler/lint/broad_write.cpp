// W734 BroadWrite: a workload may write everywhere below a directory of its root file system.
// Why it matters: a bug in the program then becomes a change to any file there, the program's own among them.
// Quiet below a mount of the workload's own, which is what a directory for data looks like, and for rules of
// bundles.

#include "compiler/lint/lint.h"

namespace isola::lint {

// Is the place below a mount other than that of the root?
static bool is_on_a_mount(const ir::Policy& policy, llvm::StringRef place) {
  for (const ir::Mount& mount : policy.world.mounts) {
    if (mount.destination != "/" && (place.str() + "/").starts_with(mount.destination + "/")) return true;
  }
  return false;
}

void broad_write(const ir::Policy& policy, Diagnostics& diagnostics) {
  constexpr ir::FileModes kWriting{ir::FileMode::Write, ir::FileMode::Create};
  for (const ir::PolicyRule& entry : policy.rules) {
    const auto* file = std::get_if<ir::FileAccess>(&entry.rule.permission);
    if (!file || entry.rule.effect == ir::Effect::Deny || entry.rule.brought_by.is_known()) continue;
    if (!file->modes.intersects(kWriting) || !file->path.is_recursive()) continue;
    if (is_on_a_mount(policy, file->path.literal_prefix().rtrim('/'))) continue;
    diagnostics.report<DiagnosticKind::BroadWrite>(entry.rule.origin, file->path.text());
  }
}

}  // namespace isola::lint
