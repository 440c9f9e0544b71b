// Decisions in words: the verdict, and why. Used by `decide` and by the policy's tests.

#pragma once

#include <string>
#include <vector>

#include "compiler/ir/decide.h"

namespace isola::driver {

// One possible answer to a request. A call with open arguments (`_`) has one per decision it can get.
struct Answer {
  std::string request;  // as written in `tests`; open arguments filled in when the answer depends on them
  ir::Decision decision;
};
std::vector<Answer> answers(const ir::Profile& profile, const ir::Request& request);

// `allow`, `allow (logged)`, `deny EACCES`, `kill`, `trap`, `trace 7`, `notify`.
std::string verdict_text(const ir::Decision& decision);

// Why, without the place: `this rule allows it`, `mount /usr is read-only`, `files: nothing grants it`.
std::string reason_text(const ir::Profile& profile, const ir::Decision& decision);

// The place that decided and what stands there: `policy.yaml:51: mount /usr is read-only`,
// `policy.yaml:20: deny clone3`. The reason alone when no line decided.
std::string deciding_line(const SourceManager& sources, const ir::Profile& profile,
                          const ir::Decision& decision);

}  // namespace isola::driver
