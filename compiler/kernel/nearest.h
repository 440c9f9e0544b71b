// The closest of many names to a misspelt one, for "did you mean".
//
// "Close" grows with the length of the word (one edit in a word of three letters, two in one of six, three
// from nine on), because any three-letter word is two edits away from another. Two neighbouring letters that
// have changed places are one edit. Ties go to the name met
// first, so tables are walked in their written order and the answer never depends on hashing.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <algorithm>
#include <optional>

namespace isola::kernel {

class NearestName {
 public:
  // Keeps a view of `wanted`, which must outlive this object.
  explicit NearestName(llvm::StringRef wanted)
      : wanted_(wanted), limit_(static_cast<unsigned>(std::clamp<std::size_t>(wanted.size() / 3, 1, 3))) {}

  void consider(llvm::StringRef candidate) {
    const std::size_t longer = std::max(candidate.size(), wanted_.size());
    const std::size_t shorter = std::min(candidate.size(), wanted_.size());
    if (longer - shorter > limit_) return;
    const unsigned distance = is_swapped(candidate)
                                  ? 1
                                  : wanted_.edit_distance_insensitive(candidate, /*AllowReplacements=*/true,
                                                                      /*MaxEditDistance=*/limit_);
    if (distance > limit_) return;
    if (found_ && distance >= best_) return;
    found_ = candidate;
    best_ = distance;
  }

  // A word shorter than three letters has no useful neighbour.
  std::optional<llvm::StringRef> found() const {
    if (wanted_.size() < 3) return std::nullopt;
    return found_;
  }

 private:
  // `raed` for `read`.
  bool is_swapped(llvm::StringRef candidate) const {
    if (candidate.size() != wanted_.size()) return false;
    const auto [first, other] = std::mismatch(wanted_.begin(), wanted_.end(), candidate.begin());
    if (wanted_.end() - first < 2 || first[0] != other[1] || first[1] != other[0]) return false;
    return std::equal(first + 2, wanted_.end(), other + 2);
  }

  llvm::StringRef wanted_;
  unsigned limit_;
  unsigned best_ = 0;
  std::optional<llvm::StringRef> found_;
};

}  // namespace isola::kernel
