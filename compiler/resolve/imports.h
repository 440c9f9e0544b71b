// The files a policy stands on: its `extends` tree, flattened, each file with the values it is given.

#pragma once

#include <memory>
#include <vector>

#include "compiler/resolve/context.h"
#include "compiler/resolve/resolve.h"

namespace isola::resolve {

// One file's contribution. Files come before those that extend them; the policy itself is last.
struct Layer {
  const grammar::PolicySyntax* syntax = nullptr;  // owned by the ImportLibrary, or the policy's caller
  std::unique_ptr<Scope> scope;
  SourceRange brought_by;           // the policy's own `extends` entry; unknown for the policy
  std::size_t first_inherited = 0;  // index of the first layer that this one extends, itself if none
};

// Reports missing files, cycles with their chain, and wrong arguments. A file extended twice with the same
// arguments comes once.
std::vector<Layer> collect_layers(const grammar::PolicySyntax& policy, ImportLibrary& imports,
                                  Diagnostics& diagnostics);

}  // namespace isola::resolve
