// The labels that processes of a workload run under, and the patterns that name a peer.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <string>

#include "compiler/ir/profile.h"

namespace isola::backends::apparmor {

// Label of the workload's own processes: `labels.apparmor`, or the policy's name.
std::string profile_name(const ir::Profile& profile);

// What a process runs under after executing a program of the sub-policy `child`; the operand of `px ->`.
//
// With no_new_privs the kernel lets a process change to a label only if the new one still holds the old one
// (security/apparmor/domain.c, "no new privs"): the child is stacked on its parent, and both have a say.
// The label is written whole, `web//&web//archive`. `px -> &web//archive` is something else: the kernel
// stacks that on whatever profile attaches to the program, and fails where none does. Source: tests in a
// guest, Linux 6.1.
std::string child_label(const ir::Profile& profile, llvm::StringRef child);

// `own` is the label of the processes that the rule is for. Empty: any peer.
std::string peer_pattern(const ir::Profile& profile, const std::string& own, const ir::Peer& peer);

// `name` with a backslash before each byte that is special in a pattern.
std::string escape(llvm::StringRef name);

}  // namespace isola::backends::apparmor
