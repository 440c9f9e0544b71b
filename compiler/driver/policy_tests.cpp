#include "compiler/driver/policy_tests.h"

#include <fmt/format.h>

#include "compiler/driver/decision_text.h"
#include "compiler/ir/decide.h"
#include "compiler/ir/flatten.h"

namespace isola::driver {

static bool meets(const ir::PolicyTest& test, const ir::Decision& decision) {
  using Kind = ir::SyscallAction::Kind;
  switch (test.expectation) {
    case ir::PolicyTest::Expectation::Allow:
      return decision.effect == ir::Effect::Allow;
    case ir::PolicyTest::Expectation::Deny:
      return decision.effect == ir::Effect::Deny;
    case ir::PolicyTest::Expectation::Kill:
      return decision.action.kind == Kind::KillProcess || decision.action.kind == Kind::KillThread;
    case ir::PolicyTest::Expectation::Errno:
      return decision.action.kind == Kind::Errno && decision.action.value == test.error;
  }
  return false;
}

static std::string expected_text(const ir::PolicyTest& test) {
  switch (test.expectation) {
    case ir::PolicyTest::Expectation::Allow:
      return "allow";
    case ir::PolicyTest::Expectation::Deny:
      return "deny";
    case ir::PolicyTest::Expectation::Kill:
      return "kill";
    case ir::PolicyTest::Expectation::Errno:
      return verdict_text({.effect = ir::Effect::Deny,
                           .action = {.kind = ir::SyscallAction::Kind::Errno, .value = test.error},
                           .judge = {},
                           .reason = {},
                           .because = nullptr,
                           .origin = {}});
  }
  return "";
}

static void run_one(const ir::PolicyTest& test, const ir::Profile& profile, Diagnostics& diagnostics) {
  for (const Answer& answer : answers(profile, test.request)) {
    if (meets(test, answer.decision)) continue;
    DiagnosticDraft draft = diagnostics.report<DiagnosticKind::PolicyTestFails>(
        test.origin, answer.request, expected_text(test), verdict_text(answer.decision));
    const std::string reason = reason_text(profile, answer.decision);
    if (answer.decision.origin.is_known()) {
      draft.label(answer.decision.origin, reason);
    } else {
      draft.help(reason);
    }
    return;  // one counterexample is enough
  }
}

static void run_all(const ir::Policy& policy, const ir::Profile& profile, Diagnostics& diagnostics) {
  for (const ir::PolicyTest& test : policy.tests) run_one(test, profile, diagnostics);
}

void run_policy_tests(const ir::Policy& policy, const ir::Profile& profile, const ir::Target& target,
                      Diagnostics& diagnostics) {
  if (policy.tests.empty()) return;
  if (!target.arches) {
    run_all(policy, profile, diagnostics);
    return;
  }
  ir::Target whole = target;
  whole.arches.reset();
  Diagnostics already_reported;  // what flatten finds on the other architectures is for the run that compiles
                                 // for them
  run_all(policy, ir::flatten(policy, whole, already_reported), diagnostics);
}

}  // namespace isola::driver
