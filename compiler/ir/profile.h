// The canonical form of a policy for one target: what every backend lowers and what decide gives a meaning
// to.
//
// INVARIANT: rules are sorted and none is implied by another of the same effect. A deny wins over every
// allow. For system calls, the rules of one call on one architecture stand in the order in which they decide:
// the first whose condition holds (denies, then the more specific condition first); no two of them contradict
// each other.

#pragma once

#include <string>
#include <vector>

#include "compiler/ir/policy.h"

namespace isola::ir {

struct ChildProfile {
  std::string name;
  std::vector<Rule> rules;  // without SyscallUse: a filter cannot be changed by execve
  friend bool operator==(const ChildProfile&, const ChildProfile&) = default;
};

struct Profile {
  std::string name, about;
  World world;
  SyscallDefaults syscalls;
  std::vector<Rule> rules;
  std::vector<ChildProfile> children;  // by name

  kernel::CapabilitySet bounding_set() const;
  // The rules of one kind, in order; of a child when it is named (it must exist).
  template <typename Kind>
  std::vector<const Rule*> rules_of() const {
    std::vector<const Rule*> found;
    for (const Rule& rule : rules) {
      if (std::holds_alternative<Kind>(rule.permission)) found.push_back(&rule);
    }
    return found;
  }
  const ChildProfile* find_child(std::string_view child) const;
  friend bool operator==(const Profile&, const Profile&) = default;
};

}  // namespace isola::ir
