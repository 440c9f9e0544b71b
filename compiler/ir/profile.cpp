#include "compiler/ir/profile.h"

namespace isola::ir {

kernel::CapabilitySet Profile::bounding_set() const {
  kernel::CapabilitySet granted;
  for (const Rule& rule : rules) {
    const auto* use = std::get_if<CapabilityUse>(&rule.permission);
    if (use != nullptr && rule.effect == Effect::Allow) granted.insert(use->capability);
  }
  return granted;
}

const ChildProfile* Profile::find_child(std::string_view child) const {
  for (const ChildProfile& candidate : children) {
    if (candidate.name == child) return &candidate;
  }
  return nullptr;
}

}  // namespace isola::ir
