// A decision diagram as a list of cubes: what formats without nesting can say of conditions on arguments.

#include "compiler/ir/decision_diagram.h"

namespace isola::ir {

// Adds the cubes below `node`, which is reached by `path`; false when there are too many.
bool DecisionDiagrams::collect_cubes(Node node, std::size_t limit, Cube& path,
                                     std::vector<Cube>& found) const {
  const Entry& entry = entries_[node];
  if (entry.variable == kTerminal) {
    if (found.size() == limit) return false;
    path.outcome = entry.low;
    found.push_back(path);
    return true;
  }
  const std::size_t argument = entry.variable / 64 - kFirstArgumentWord;
  const std::uint64_t bit = std::uint64_t{1} << (63 - entry.variable % 64);
  path.mask[argument] |= bit;
  bool is_within = collect_cubes(entry.low, limit, path, found);
  path.value[argument] |= bit;
  is_within = is_within && collect_cubes(entry.high, limit, path, found);
  path.mask[argument] &= ~bit;
  path.value[argument] &= ~bit;
  return is_within;
}

std::optional<std::vector<DecisionDiagrams::Cube>> DecisionDiagrams::cubes(Node node,
                                                                           std::size_t limit) const {
  std::vector<Cube> found;
  Cube path;
  if (!collect_cubes(node, limit, path, found)) return std::nullopt;
  return found;
}

}  // namespace isola::ir
