// A policy with every name, number and unit resolved, still as its author arranged it: one rule per written
// rule and object, `when` clauses kept. flatten.h turns it into the canonical profile for one target.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/ir/request.h"
#include "compiler/ir/rule.h"
#include "compiler/ir/world.h"
#include "compiler/kernel/filter_flags.h"
#include "compiler/kernel/kernel_version.h"

namespace isola::ir {

// What a policy is compiled for. `when` clauses are asked of it.
struct Target {
  std::optional<kernel::ArchSet> arches;        // none: those of the policy
  std::optional<kernel::KernelVersion> kernel;  // none: the policy's vocabulary
  std::string lsm;                              // `apparmor`, `selinux`; empty: not said
  std::string engine;                           // `docker`, `runc`, ...; empty: not said
  std::set<std::string> features;
};

// A `when` clause. What the target leaves unsaid (LSM, engine) is undecided.
struct TargetCondition {
  enum class Kind : std::uint8_t { Always, Arch, Kernel, Lsm, Engine, Capability, Feature, Not, All, Any };

  Kind kind = Kind::Always;
  kernel::ArchSet arches;                 // Arch: one of them
  kernel::KernelVersion from, to;         // Kernel: from <= version <= to
  std::string name;                       // Lsm, Engine, Feature
  kernel::Capability capability{};        // Capability: in the bounding set
  std::vector<TargetCondition> operands;  // Not: one; All, Any
  SourceRange origin;
};

struct PolicyRule {
  Rule rule;
  TargetCondition when;
};

using FilterFlags = ModeSet<kernel::FilterFlag>;

// The parts of `syscalls` that are not rules.
struct SyscallDefaults {
  kernel::ArchSet arches;
  kernel::KernelVersion vocabulary{6, 12};                                  // `known: linux 6.12`
  SyscallAction otherwise{.kind = SyscallAction::Kind::Errno, .value = 1};  // EPERM: known and not listed
  SyscallAction newer{.kind = SyscallAction::Kind::Errno, .value = 38};     // ENOSYS: outside the vocabulary
  // Calls of an architecture that the policy does not list, x32 numbers among them.
  SyscallAction foreign{.kind = SyscallAction::Kind::KillProcess, .value = 0};
  FilterFlags flags;  // with which the filter is to be installed; they change no answer
  friend bool operator==(const SyscallDefaults&, const SyscallDefaults&) = default;
};

enum class Fidelity : std::uint8_t { None, Wider, Narrower, Exact };

struct Requirement {
  std::string section;
  Fidelity fidelity{};
  SourceRange origin;
};

struct Waiver {
  std::string lint, at, because;
  std::string until;  // YYYY-MM-DD
  SourceRange origin;
};

// An expectation of the policy's own `tests`.
struct PolicyTest {
  enum class Expectation : std::uint8_t { Allow, Deny, Kill, Errno };
  Expectation expectation{};
  std::uint16_t error = 0;  // Expectation::Errno
  Request request;
  SourceRange origin;
};

struct ChildPolicy {
  std::string name;
  std::vector<PolicyRule> rules;  // complete: a section it leaves out is the parent's
  SourceRange origin;
};

struct Policy {
  std::string name, about;
  SourceRange origin;  // of the name
  World world;
  SyscallDefaults syscalls;
  std::vector<PolicyRule> rules;
  std::vector<ChildPolicy> children;
  std::vector<Requirement> requirements;
  std::vector<Waiver> waivers;
  std::vector<PolicyTest> tests;
};

}  // namespace isola::ir
