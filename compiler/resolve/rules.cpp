// What all kinds of rules share: effect, origin, clauses that do not belong.

#include <algorithm>

#include "compiler/base/match.h"
#include "compiler/resolve/context.h"

namespace isola::resolve {

void reject_clauses(const grammar::RuleSyntax& rule, std::initializer_list<Clause> allowed,
                    llvm::StringRef section, Diagnostics& diagnostics) {
  const auto is_allowed = [&](Clause clause) {
    return std::find(allowed.begin(), allowed.end(), clause) != allowed.end();
  };
  const auto reject = [&](Clause clause, bool is_present, SourceRange range, llvm::StringRef spelling) {
    if (is_present && !is_allowed(clause)) {
      diagnostics.report<DiagnosticKind::ClauseNotForSection>(range, spelling, section);
    }
  };
  reject(Clause::Condition, rule.condition.has_value(),
         rule.condition ? rule.condition->range : SourceRange{}, "if");
  reject(Clause::Peer, rule.peer.has_value(), rule.peer ? rule.peer->range : SourceRange{}, "to` or `from");
  reject(Clause::Child, rule.child.has_value(), rule.child ? rule.child->range() : SourceRange{}, "as");
  reject(Clause::Action, rule.action.has_value(), rule.action ? rule.action->range : SourceRange{}, "->");
}

std::optional<ir::PolicyRule> start_rule(const grammar::RuleSyntax& rule, const Context& context) {
  ir::PolicyRule started;
  started.rule.effect = rule.deny ? ir::Effect::Deny : ir::Effect::Allow;
  started.rule.origin = rule.range;
  started.rule.brought_by = context.brought_by;
  if (rule.because) started.rule.because = rule.because->str();
  if (!rule.when) return started;
  auto when = resolve_target_condition(*rule.when, context);
  if (!when) return std::nullopt;
  started.when = std::move(*when);
  return started;
}

// Numbers and ranges that a condition holds, and its parts.
static std::size_t size_of(const ir::ArgumentCondition& condition) {
  std::size_t size = 1 + condition.test.ranges.size();
  for (const ir::ArgumentCondition& operand : condition.operands) size += size_of(operand);
  return size;
}

bool Budget::take_rule(const ir::PolicyRule& rule, SourceRange place, Diagnostics& diagnostics) {
  // A condition and a reason are copied into each rule.
  constexpr std::size_t kConditionPartsPerRule = 8;
  constexpr std::size_t kBytesPerRule = 512;
  const auto* use = std::get_if<ir::SyscallUse>(&rule.rule.permission);
  const std::size_t cost = 1 + (use == nullptr ? 0 : size_of(use->condition) / kConditionPartsPerRule) +
                           rule.rule.because.size() / kBytesPerRule;
  if (is_spent_) return false;
  is_spent_ = cost > rules_;
  if (is_spent_) {
    diagnostics.report<DiagnosticKind::TooComplex>(
        place, "the policy is more than 100000 rules when its sets and lists are written out");
    return false;
  }
  rules_ -= cost;
  return true;
}

SourceRange range_of(const grammar::ObjectSyntax& object) {
  return std::visit(Match{[](const ScalarText& word) { return word.range(); },
                          [](const grammar::SetSyntax& set) { return set.range; }},
                    object);
}

std::optional<ScalarText> word_of(const grammar::ObjectSyntax& object, const Context& context) {
  if (const auto* word = std::get_if<ScalarText>(&object)) return context.expand(*word);
  context.diagnostics.report<DiagnosticKind::SetNotExpected>(range_of(object));
  return std::nullopt;
}

std::vector<ir::PolicyRule> resolve_capability_rule(const grammar::RuleSyntax& rule, const Context& context) {
  reject_clauses(rule, {}, "capabilities", context.diagnostics);
  const auto started = start_rule(rule, context);
  std::vector<ir::PolicyRule> resolved;
  for (const grammar::ObjectSyntax& object : rule.objects) {
    const auto word = word_of(object, context);
    const auto capability = word ? resolve_capability(*word, context.diagnostics) : std::nullopt;
    if (!capability || !started) continue;
    resolved.push_back(*started);
    resolved.back().rule.permission = ir::CapabilityUse{*capability};
  }
  return resolved;
}

}  // namespace isola::resolve
