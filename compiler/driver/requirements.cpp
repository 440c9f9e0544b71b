#include "compiler/driver/requirements.h"

#include <fmt/format.h>

#include <set>

namespace isola::driver {

std::string_view fidelity_text(ir::Fidelity fidelity) {
  switch (fidelity) {
    case ir::Fidelity::None:
      return "none";
    case ir::Fidelity::Wider:
      return "wider";
    case ir::Fidelity::Narrower:
      return "narrower";
    case ir::Fidelity::Exact:
      return "exact";
  }
  return "none";
}

struct BestClaim {
  const backends::Backend* backend = nullptr;
  backends::Claim claim{ir::Fidelity::None, ""};
};

static BestClaim best_claim(const ir::Permission& permission,
                            llvm::ArrayRef<const backends::Backend*> targets) {
  BestClaim best;
  for (const backends::Backend* backend : targets) {
    const backends::Claim claim = backend->claim(permission);
    if (!best.backend || claim.fidelity > best.claim.fidelity) best = {backend, claim};
  }
  return best;
}

// One finding per requirement: the first rule that falls short is shown, the others are counted.
static void check_requirement(const ir::Requirement& requirement, const ir::Profile& profile,
                              llvm::ArrayRef<const backends::Backend*> targets, Diagnostics& diagnostics) {
  const ir::Rule* example = nullptr;
  BestClaim worst;
  std::set<std::pair<FileId, std::uint32_t>> lines;
  for (const ir::Rule& rule : profile.rules) {
    if (ir::to_text(ir::section_of(ir::kind_of(rule.permission))) != requirement.section) continue;
    const BestClaim best = best_claim(rule.permission, targets);
    if (best.claim.fidelity >= requirement.fidelity) continue;
    lines.insert({rule.origin.file, rule.origin.begin});
    if (example && best.claim.fidelity >= worst.claim.fidelity) continue;
    example = &rule;
    worst = best;
  }
  if (!example) return;
  DiagnosticDraft draft = diagnostics.report<DiagnosticKind::RequirementNotMet>(
      requirement.origin, requirement.section, fidelity_text(requirement.fidelity),
      fidelity_text(worst.claim.fidelity));
  const std::size_t others = lines.size() - 1;
  draft.label(example->origin,
              others == 0 ? "for this rule" : fmt::format("for this rule and {} more", others));
  if (worst.backend && !worst.claim.why.empty())
    draft.help(fmt::format("{}: {}", worst.backend->name, worst.claim.why));
}

void check_requirements(const ir::Policy& policy, const ir::Profile& profile,
                        llvm::ArrayRef<const backends::Backend*> targets, Diagnostics& diagnostics) {
  for (const ir::Requirement& requirement : policy.requirements) {
    check_requirement(requirement, profile, targets, diagnostics);
  }
}

}  // namespace isola::driver
