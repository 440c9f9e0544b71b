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
  DecisionDiagrams::Node node{};
  std::size_t wider_cases = 0;  // how many cases of the same effect contain this one
};

class CallFlattener {
 public:
  CallFlattener(llvm::ArrayRef<Rule> written, std::vector<RedundantCall>& redundant, Diagnostics& diagnostics)
      : written_(written), redundant_(redundant), diagnostics_(diagnostics) {}

  std::vector<Rule> run() {
    if (written_.size() == 1) return {written_.front()};
    for (const Rule& rule : written_) add(rule);
    for (CallCase& one : cases_) one.node = diagrams_.condition(use_of(one.rule).condition);
    check_contradictions();
    check_swallowed_calls();
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
      cases_.push_back({.rule = rule});
      return;
    }
    check_redundant(same->rule, rule);
    SyscallUse joined = use_of(same->rule);
    joined.condition = ArgumentCondition::any({joined.condition, use_of(rule).condition});
    absorb(same->rule, rule);
    same->rule.permission = std::move(joined);
  }

  // Of the written rules of a case, one that another contains.
  void check_redundant(const Rule& earlier_case, const Rule& added) {
    const auto added_node = diagrams_.condition(use_of(added).condition);
    for (const Rule& other : written_rules(earlier_case)) {
      const auto node = diagrams_.condition(use_of(other).condition);
      if (diagrams_.contains(node, added_node)) {
        redundant_.push_back({added, other});
        return;
      }
      if (diagrams_.contains(added_node, node)) redundant_.push_back({other, added});
    }
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
    const auto where = diagrams_.witness(diagrams_.both(a.node, b.node), 1);
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
        for (const Rule& part : written_rules(allow.rule)) {
          if (!diagrams_.contains(deny.node, diagrams_.condition(use_of(part).condition))) continue;
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
  DecisionDiagrams diagrams_;
  std::vector<CallCase> cases_;
};

}  // namespace

std::vector<Rule> flatten_one_call(llvm::ArrayRef<Rule> written, std::vector<RedundantCall>& redundant,
                                   Diagnostics& diagnostics) {
  return CallFlattener(written, redundant, diagnostics).run();
}

}  // namespace isola::ir
