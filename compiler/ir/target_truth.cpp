// What a `when` clause answers for a target.

#include <algorithm>

#include "compiler/base/check.h"
#include "compiler/ir/flatten.h"

namespace isola::ir {

namespace {

Truth negate(Truth truth) {
  switch (truth) {
    case Truth::False:
      return Truth::True;
    case Truth::Unknown:
      return Truth::Unknown;
    case Truth::True:
      return Truth::False;
  }
  ISOLA_CHECK(false, "a truth value");
  return Truth::Unknown;
}

Truth from_bool(bool value) {
  return value ? Truth::True : Truth::False;
}

// What was not said about the target cannot be decided.
Truth compare_name(const std::string& said, const std::string& asked) {
  return said.empty() ? Truth::Unknown : from_bool(said == asked);
}

// Granted without a `when` of its own: conditions on conditional grants would go in circles.
bool grants_always(const Policy& policy, kernel::Capability capability) {
  return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const PolicyRule& candidate) {
    const auto* use = std::get_if<CapabilityUse>(&candidate.rule.permission);
    return use != nullptr && use->capability == capability && candidate.rule.effect == Effect::Allow &&
           candidate.when.kind == TargetCondition::Kind::Always;
  });
}

}  // namespace

Truth evaluate(const TargetCondition& condition, const Policy& policy, const Target& target,
               kernel::Arch arch) {
  const auto operand = [&](const TargetCondition& inner) { return evaluate(inner, policy, target, arch); };
  switch (condition.kind) {
    case TargetCondition::Kind::Always:
      return Truth::True;
    case TargetCondition::Kind::Arch:
      return from_bool(condition.arches.contains(arch));
    case TargetCondition::Kind::Kernel: {
      const kernel::KernelVersion version = target.kernel.value_or(policy.syscalls.vocabulary);
      return from_bool(condition.from <= version && version <= condition.to);
    }
    case TargetCondition::Kind::Lsm:
      return compare_name(target.lsm, condition.name);
    case TargetCondition::Kind::Engine:
      return compare_name(target.engine, condition.name);
    case TargetCondition::Kind::Capability:
      return from_bool(grants_always(policy, condition.capability));
    case TargetCondition::Kind::Feature:
      return from_bool(target.features.count(condition.name) > 0);
    case TargetCondition::Kind::Not:
      return negate(operand(condition.operands.front()));
    case TargetCondition::Kind::All: {
      Truth truth = Truth::True;
      for (const TargetCondition& inner : condition.operands) truth = std::min(truth, operand(inner));
      return truth;
    }
    case TargetCondition::Kind::Any: {
      Truth truth = Truth::False;
      for (const TargetCondition& inner : condition.operands) truth = std::max(truth, operand(inner));
      return truth;
    }
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return Truth::Unknown;
}

}  // namespace isola::ir
