// The reference meaning of a profile: what happens to one concrete operation, and which rule makes it so.
//
// Slow and obvious on purpose. Backends, read-back, proofs and policy tests are all held against it.

#pragma once

#include <string>
#include <vector>

#include "compiler/ir/profile.h"
#include "compiler/ir/request.h"

namespace isola::ir {

// Who judges. Mounts refuse writes below `ro` and execution below `noexec`.
enum class Judge : std::uint8_t { Syscalls, Files, Devices, Network, Ipc, Capabilities, Mounts };
using Judges = ModeSet<Judge>;
constexpr Judges kAllJudges{Judge::Syscalls, Judge::Files,        Judge::Devices, Judge::Network,
                            Judge::Ipc,      Judge::Capabilities, Judge::Mounts};
std::string_view name_of(Judge judge);  // the section's key

enum class Reason : std::uint8_t {
  RuleAllows,
  RuleDenies,
  NothingGrants,        // deny by default
  CallNotListed,        // known, and no rule names it: `otherwise`
  ConditionsNotMet,     // named, but for other arguments: `otherwise`
  CallNotInVocabulary,  // `newer`
  ForeignArchitecture,  // not among the policy's architectures
  ReadOnlyMount,
  NoExecMount,
};
std::string_view to_text(Reason reason);

struct Decision {
  Effect effect{};
  SyscallAction action;  // what the kernel answers; Errno with EACCES or EPERM outside seccomp
  Judge judge{};         // who decided: the first that refuses, or the last that allows
  Reason reason{};
  const Rule* because = nullptr;  // the rule, when one decided; lives as long as the profile
  SourceRange origin;             // the line that decided; the rule's, the mount's, or unknown
};

// Decides one operation; it is allowed when all judges among `judges` that have a say allow it.
// Of a call with open arguments it is the decision that refuses, if any does. A named child must exist
// (resolve rejects others).
Decision decide(const Profile& profile, const Request& request, Judges judges = kAllJudges);

// All decisions that a call with open arguments can get, each once, with arguments that bring it about.
struct PossibleDecision {
  Decision decision;
  Arguments arguments;
};
std::vector<PossibleDecision> possible_decisions(const Profile& profile, const SyscallRequest& request);

}  // namespace isola::ir
