// A set of paths as a deterministic automaton: whether two rules overlap, whether one covers the other, and a
// concrete path that shows why not.
//
// Only paths that the kernel hands to a security module are in the universe: absolute, no empty, `.` or `..`
// component, no NUL; a directory ends in `/` (fs/d_path.c; security/apparmor/path.c). So `/a/../b` is an
// empty language, and a witness is always a path that can exist.
//
// Own automaton rather than libfa (Debian: augeas): libfa has no bound on states, takes milliseconds to
// compile and minimise an expression, and its examples are any shortest string. Paths need ranges of bytes, a
// state budget, and witnesses that a person reads. States are numbered in breadth-first order from sorted
// ranges, so the same patterns give the same automaton everywhere.
//
// Not done here: the automata (path_automaton.h), and the comparison of two patterns, which rarely needs one
// (pattern_comparer.h).

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <optional>
#include <string>

#include "compiler/ir/path_automaton.h"
#include "compiler/ir/path_pattern.h"

namespace isola::ir {

class PathLanguage {
 public:
  PathLanguage();  // no path
  static PathLanguage everything();
  static PathLanguage of(const PathPattern& pattern);

  // The union of `patterns`; nothing when it is beyond the budget.
  static std::optional<PathLanguage> of(llvm::ArrayRef<PathPattern> patterns);

  // Nothing when the result is beyond the budget.
  std::optional<PathLanguage> unite(const PathLanguage& other) const;
  std::optional<PathLanguage> intersect(const PathLanguage& other) const;
  std::optional<PathLanguage> subtract(const PathLanguage& other) const;

  // Every other path that can exist.
  PathLanguage complement() const;

  bool is_empty() const;
  bool contains(llvm::StringRef path) const;
  bool contains(const PathLanguage& other) const;
  bool overlaps(const PathLanguage& other) const;
  bool equals(const PathLanguage& other) const;

  // Minimal; state 0 refuses everything.
  const Automaton& automaton() const { return automaton_; }

 private:
  explicit PathLanguage(Automaton automaton);

  Automaton automaton_;
};

// The shortest path of the language, and of the shortest the one that reads best: letters before digits
// before punctuation. Nothing when there is none.
std::optional<std::string> witness(const PathLanguage& language);

// A path that is in `language` and not in `other`.
std::optional<std::string> witness_of_difference(const PathLanguage& language, const PathLanguage& other);

// A path that is in both.
std::optional<std::string> witness_of_overlap(const PathLanguage& first, const PathLanguage& second);

}  // namespace isola::ir
