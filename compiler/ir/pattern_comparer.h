// Whether one pattern contains another, and whether they overlap: most pairs are settled at sight.
//
// Policies compare every rule with many others, and an automaton costs as much as hundreds of looks at
// prefixes, endings and one sample path. What is left is answered by automata, each made once.
//
// All of it is bounded, so that no policy keeps the compiler busy: beyond the budget a pattern counts as not
// contained and as overlapping, and the caller asks is_spent() where that is not good enough.

#pragma once

#include <llvm/ADT/StringMap.h>

#include <map>
#include <string>
#include <vector>

#include "compiler/ir/path_language.h"

namespace isola::ir {

class PatternComparer {
 public:
  // Every path of `inner` that can exist is one of `outer`. False beyond the budget.
  bool contains(const PathPattern& outer, const PathPattern& inner);
  // Some path that can exist is one of both. True beyond the budget.
  bool overlap(const PathPattern& first, const PathPattern& second);

  bool is_spent() const;

  // The pattern of this text; nothing when it is none. Read once.
  const std::optional<PathPattern>& parse(const std::string& text);

 private:
  const PathLanguage& language_of(const PathPattern& pattern);

  // By the text of the pattern; looked up only, never walked.
  llvm::StringMap<PathLanguage> languages_;
  llvm::StringMap<std::optional<PathPattern>> parsed_;
  std::size_t work_ = 0;
};

// Which of many patterns may contain a given one: those whose literal beginning is one of its own. A pattern
// of one path contains no other.
class PatternIndex {
 public:
  void add(const PathPattern& pattern, std::size_t item);
  // In the order of beginnings, shortest first, and then in which they were added.
  std::vector<std::size_t> possible_containers(const PathPattern& inner) const;

 private:
  std::map<std::size_t, std::map<std::string, std::vector<std::size_t>>> by_prefix_;  // by its length first
  std::map<std::string, std::vector<std::size_t>> literals_;
};

// The same as a comparer's, always answered.
bool patterns_overlap(const PathPattern& first, const PathPattern& second);
bool pattern_contains(const PathPattern& outer, const PathPattern& inner);

}  // namespace isola::ir
