// What flatten.cpp and flatten_calls.cpp share. Private to flattening.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <vector>

#include "compiler/base/diagnostics.h"
#include "compiler/ir/rule.h"

namespace isola::ir {

// Puts `added` into `rule`, remembering both written rules. The caller joins the permissions.
void absorb(Rule& rule, Rule added);

// The written rules behind a merged one; the rule itself when none was merged.
llvm::ArrayRef<Rule> written_rules(const Rule& rule);

// Two written rules of the policy's own file; what bundles repeat is nobody's mistake.
void report_redundant(const Rule& redundant, const Rule& other, Diagnostics& diagnostics);
void report_swallowed(const Rule& allow, const Rule& deny, Diagnostics& diagnostics);

// A call of a written rule that another written rule covers.
struct RedundantCall {
  Rule rule, other;
};

// The rules of one call on one architecture, in the order in which they decide. `diagram_work` counts down;
// when it is used up, that is reported.
std::vector<Rule> flatten_one_call(llvm::ArrayRef<Rule> written, std::vector<RedundantCall>& redundant,
                                   std::size_t& diagram_work, Diagnostics& diagnostics);

}  // namespace isola::ir
