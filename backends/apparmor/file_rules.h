// Gathers the file rules of one profile and settles what concerns several of them: merging, rules that
// another one includes, programs with two profiles to change to, and denies of half of what `w` is.

#pragma once

#include <vector>

#include "backends/apparmor/model.h"
#include "compiler/base/diagnostics.h"

namespace isola::backends::apparmor {

// What a rule with `w` was to allow or deny.
struct WriteMeaning {
  bool writes = false, creates = false;
};

class FileRules {
 public:
  void add(FileRule rule, SourceRange origin, WriteMeaning meaning);

  // The rules sorted and without those that others include. Leaves the collection empty.
  std::vector<FileRule> settle(Diagnostics& diagnostics);

 private:
  struct Entry {
    FileRule rule;
    SourceRange origin;
    WriteMeaning meaning;
  };

  void report_transitions(Diagnostics& diagnostics) const;
  void report_half_denies(Diagnostics& diagnostics) const;
  void merge_equal_paths();

  std::vector<Entry> entries_;
};

}  // namespace isola::backends::apparmor
