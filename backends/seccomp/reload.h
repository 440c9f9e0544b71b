// Takes out loads of a word that the accumulator holds already.

#pragma once

#include "backends/seccomp/model.h"

namespace isola::backends::seccomp {

// The graph from `root` without needless loads; the old nodes stay, unreachable.
NodeId drop_reloads(DecisionGraph& graph, NodeId root);

}  // namespace isola::backends::seccomp
