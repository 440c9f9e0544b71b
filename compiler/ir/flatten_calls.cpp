// Flattening of the rules about one system call on one architecture: merged by action, contradictions found,
// and put in the order in which they decide.

#include <algorithm>

#include "compiler/base/check.h"
#include "compiler/ir/decision_diagram.h"
#include "compiler/ir/flatten_parts.h"

namespace isola::ir {

// Puts `added` into `rule`, remembering both written rules.
void absorb(Rule& rule, Rule added) {
  if (rule.merged_from.empty()) {
    Rule itself = rule;
    rule.merged_from.push_back(std::move(itself));
  }
  if (added.merged_from.empty()) {
    rule.merged_from.push_back(std::move(added));
  } else {
    std::move(added.merged_from.begin(), added.merged_from.end(), std::back_inserter(rule.merged_from));
  }
}

// Two written rules of the policy's own file; what bundles repeat is nobody's mistake.
void report_redundant(const Rule& redundant, const Rule& other, Diagnostics& diagnostics) {
  if (redundant.brought_by.is_known() || other.brought_by.is_known()) return;
  if (redundant.origin == other.origin) return;
  diagnostics.report<DiagnosticKind::RedundantRule>(redundant.origin)
      .label(other.origin, "this rule already says it")
      .suggest(redundant.origin, "");
}

llvm::ArrayRef<Rule> written_rules(const Rule& rule) {
  return rule.merged_from.empty() ? llvm::ArrayRef<Rule>(rule) : llvm::ArrayRef<Rule>(rule.merged_from);
}

void report_swallowed(const Rule& allow, const Rule& deny, Diagnostics& diagnostics) {
  auto draft = diagnostics.report<DiagnosticKind::SwallowedAllow>(allow.origin);
  draft.label(deny.origin, "this `deny` wins");
  if (allow.brought_by.is_known()) draft.label(allow.brought_by, "the grant comes from here");
}

namespace {

const SyscallUse& use_of(const Rule& rule) {
  return std::get<SyscallUse>(rule.permission);
}

// The rules of one call with one effect and one action, as one rule.
struct CallCase {
  Rule rule;
  std::vector<DecisionDiagrams::Node> parts;  // the written rules' conditions, in the order of written_rules
  DecisionDiagrams::Node node{};
  std::size_t wider_cases = 0;  // how many cases of the same effect contain this one
};

class CallFlattener {
 public:
  CallFlattener(llvm::ArrayRef<Rule> written, std::vector<RedundantCall>& redundant,
                std::size_t& diagram_work, Diagnostics& diagnostics)
      : written_(written),
        redundant_(redundant),
        diagnostics_(diagnostics),
        diagram_work_(diagram_work),
        diagrams_(DecisionDiagrams::kUnlimited, diagram_work) {}

  std::vector<Rule> run() {
    if (written_.size() == 1) return {written_.front()};
    for (const Rule& rule : written_) add(rule);
    for (CallCase& one : cases_) join(one);
    check_contradictions();
    check_swallowed_calls();
    spend();
    std::stable_sort(cases_.begin(), cases_.end(), [](const CallCase& a, const CallCase& b) {
      if (a.rule.effect != b.rule.effect) return a.rule.effect == Effect::Deny;
      if (a.wider_cases != b.wider_cases) return a.wider_cases > b.wider_cases;
      return use_of(a.rule).action > use_of(b.rule).action;
    });
    std::vector<Rule> rules;
    for (CallCase& one : cases_) rules.push_back(std::move(one.rule));
    return rules;
  }

 private:
  void add(const Rule& rule) {
    const auto same = std::find_if(cases_.begin(), cases_.end(), [&](const CallCase& one) {
      return one.rule.effect == rule.effect && use_of(one.rule).action == use_of(rule).action;
    });
    if (same == cases_.end()) {
      cases_.push_back({.rule = rule, .parts = {diagrams_.condition(use_of(rule).condition)}});
      return;
    }
    const auto node = diagrams_.condition(use_of(rule).condition);
    check_redundant(*same, rule, node);
    absorb(same->rule, rule);
    same->parts.push_back(node);
  }

  // Of the written rules of a case, one that another contains.
  void check_redundant(const CallCase& earlier, const Rule& added, DecisionDiagrams::Node added_node) {
    const llvm::ArrayRef<Rule> others = written_rules(earlier.rule);
    for (std::size_t index = 0; index < others.size() && !diagrams_.is_exhausted(); ++index) {
      const ArgumentCondition& condition = use_of(others[index]).condition;
      if (are_apart(condition, use_of(added).condition)) continue;
      const bool is_inside = diagrams_.contains(earlier.parts[index], added_node);
      const bool is_outside = !is_inside && diagrams_.contains(added_node, earlier.parts[index]);
      if (diagrams_.is_exhausted()) return;
      if (is_outside) redundant_.push_back({others[index], added});
      if (!is_inside) continue;
      redundant_.push_back({added, others[index]});
      return;
    }
  }

  // Two lists of values of one argument, one wholly above the other: most pairs of rules on one call.
  static bool are_apart(const ArgumentCondition& a, const ArgumentCondition& b) {
    using Kind = ArgumentCondition::Kind;
    if (a.kind != Kind::Test || b.kind != Kind::Test) return false;
    if (a.test.index != b.test.index || a.test.bits != b.test.bits || a.test.mask != b.test.mask)
      return false;
    return a.test.ranges.back().high < b.test.ranges.front().low ||
           b.test.ranges.back().high < a.test.ranges.front().low;
  }

  // The condition of a case: any of its written rules'.
  void join(CallCase& one) {
    std::vector<ArgumentCondition> conditions;
    for (const Rule& part : written_rules(one.rule)) conditions.push_back(use_of(part).condition);
    SyscallUse joined = use_of(one.rule);
    joined.condition = ArgumentCondition::any(std::move(conditions));
    one.node = diagrams_.condition(joined.condition);
    one.rule.permission = std::move(joined);
  }

  // Reports when the diagrams have grown too large for their answers to be right.
  void spend() {
    if (!diagrams_.is_exhausted()) {
      diagram_work_ -= diagrams_.work();
      return;
    }
    if (diagram_work_ > 0) {
      diagnostics_.report<DiagnosticKind::TooComplex>(
          written_.back().origin, "the conditions on `" +
                                      kernel::name(use_of(written_.back()).syscall).str() +
                                      "` are too many and too different to be compared");
    }
    diagram_work_ = 0;
  }

  void check_contradictions() {
    for (CallCase& narrow : cases_) {
      for (CallCase& wide : cases_) {
        if (&narrow == &wide || narrow.rule.effect != wide.rule.effect) continue;
        if (!diagrams_.overlaps(narrow.node, wide.node)) continue;
        if (diagrams_.contains(wide.node, narrow.node) && narrow.node != wide.node) {
          ++narrow.wider_cases;
        } else if (!diagrams_.contains(narrow.node, wide.node) || narrow.node == wide.node) {
          report_contradiction(narrow, wide);
        }
      }
    }
  }

  // Each pair is met twice: it is reported where the later written rule is looked at.
  void report_contradiction(const CallCase& a, const CallCase& b) {
    if (a.rule.origin.begin < b.rule.origin.begin && a.rule.origin.file == b.rule.origin.file) return;
    const auto both = diagrams_.both(a.node, b.node);
    if (diagrams_.is_exhausted()) return;
    const auto where = diagrams_.witness(both, 1);
    ISOLA_CHECK(where.has_value(), "overlapping conditions have a witness");
    diagnostics_
        .report<DiagnosticKind::ContradictoryActions>(a.rule.origin, kernel::name(use_of(a.rule).syscall))
        .label(b.rule.origin, "the other rule: " + to_text(use_of(b.rule).action))
        .help("both hold for " + call_text(use_of(a.rule), *where));
  }

  static std::string call_text(const SyscallUse& use, const Arguments& arguments) {
    std::string text = kernel::name(use.syscall).str() + "(";
    const std::size_t count = kernel::parameters(use.syscall, use.arch).size();
    for (std::size_t index = 0; index < count; ++index) {
      text += (index > 0 ? ", " : "") + std::to_string(arguments[index]);
    }
    return text + ")";
  }

  void check_swallowed_calls() {
    for (const CallCase& deny : cases_) {
      if (deny.rule.effect != Effect::Deny) continue;
      for (const CallCase& allow : cases_) {
        if (allow.rule.effect != Effect::Allow) continue;
        const llvm::ArrayRef<Rule> parts = written_rules(allow.rule);
        for (std::size_t index = 0; index < parts.size(); ++index) {
          const Rule& part = parts[index];
          if (!diagrams_.contains(deny.node, allow.parts[index]) || diagrams_.is_exhausted()) continue;
          // A bundle or a set minus a few calls is how exceptions are written; a call named by itself is a
          // mistake.
          if (!part.brought_by.is_known() && !part.from_set) report_swallowed(part, deny.rule, diagnostics_);
        }
      }
    }
  }

  llvm::ArrayRef<Rule> written_;
  std::vector<RedundantCall>& redundant_;
  Diagnostics& diagnostics_;
  std::size_t& diagram_work_;
  DecisionDiagrams diagrams_;
  std::vector<CallCase> cases_;
};

}  // namespace

std::vector<Rule> flatten_one_call(llvm::ArrayRef<Rule> written, std::vector<RedundantCall>& redundant,
                                   std::size_t& diagram_work, Diagnostics& diagnostics) {
  return CallFlattener(written, redundant, diagram_work, diagnostics).run();
}

}  // namespace isola::ir
