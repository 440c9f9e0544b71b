// A permission granted or forbidden, and where that was written.

#pragma once

#include <string>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/ir/permission.h"

namespace isola::ir {

struct Rule {
  Effect effect{};
  Permission permission;
  SourceRange origin;  // the rule in its file; for messages only
  SourceRange
      brought_by;         // the `extends` entry that brought it in; unknown when written in the policy itself
  std::string because;    // the author's reason, may be empty
  bool from_set = false;  // named through a set (`@file-system`), not by itself
  // The written rules that flatten merged into this one, so that a decision can name the line it rests on;
  // empty when this is itself a written rule.
  std::vector<Rule> merged_from;

  // Two rules that differ only in where and why they were written are equal in meaning.
  friend bool operator==(const Rule& a, const Rule& b) {
    return a.effect == b.effect && a.permission == b.permission;
  }
  friend std::strong_ordering operator<=>(const Rule& a, const Rule& b) {
    if (const auto order = a.permission.index() <=> b.permission.index(); order != 0) return order;
    if (const auto order = a.permission <=> b.permission; order != 0) return order;
    return a.effect <=> b.effect;
  }
};

}  // namespace isola::ir
