#include "backends/apparmor/file_rules.h"

#include <llvm/ADT/STLExtras.h>

#include <optional>
#include <tuple>

#include "compiler/ir/pattern_comparer.h"

namespace isola::backends::apparmor {

namespace {

bool allows_execution(const FileRule& rule) {
  return rule.verdict == Verdict::Allow && rule.accesses.contains(Access::Execute);
}

bool have_same_subject(const FileRule& a, const FileRule& b) {
  return a.verdict == b.verdict && a.owner_only == b.owner_only && a.path == b.path;
}

// Two ways to execute a path that the parser does not weigh: a path beats a pattern, but of two patterns
// neither does ("conflicting x modifiers").
bool transitions_conflict(const FileRule& a, const FileRule& b, ir::PatternComparer& paths) {
  if (!allows_execution(a) || !allows_execution(b) || a.transition == b.transition) return false;
  return a.path.is_literal() == b.path.is_literal() && paths.overlap(a.path, b.path);
}

// Everything that `inner` says, `outer` says. Rules that execute are left alone: they also choose a profile.
bool includes(const FileRule& outer, const FileRule& inner, ir::PatternComparer& paths) {
  if (outer.verdict != inner.verdict || (outer.owner_only && !inner.owner_only)) return false;
  const Accesses given =
      outer.accesses.contains(Access::Write) ? outer.accesses | Accesses{Access::Append} : outer.accesses;
  if (allows_execution(inner) || !given.contains(inner.accesses)) return false;
  return paths.contains(outer.path, inner.path);
}

// A conflict or a half deny may then be one that is none.
void report_spent(const ir::PatternComparer& paths, SourceRange place, Diagnostics& diagnostics) {
  if (paths.is_spent()) {
    diagnostics.report<DiagnosticKind::TooComplex>(
        place, "the paths are too many and too different for an AppArmor profile");
  }
}

}  // namespace

void FileRules::add(FileRule rule, SourceRange origin, WriteMeaning meaning) {
  // `/usr/bin/{cp,mv}` as two paths: paths come before patterns, so fewer rules are in each other's way.
  const bool changes_profile = !rule.transition.empty() && !rule.path.is_literal();
  const auto paths = changes_profile ? rule.path.expand_alternations() : std::nullopt;
  if (!paths || !llvm::all_of(*paths, [](const ir::PathPattern& path) { return path.is_literal(); })) {
    entries_.push_back({std::move(rule), origin, meaning});
    return;
  }
  for (const ir::PathPattern& path : *paths) {
    FileRule one = rule;
    one.path = path;
    entries_.push_back({std::move(one), origin, meaning});
  }
}

void FileRules::report_transitions(Diagnostics& diagnostics) const {
  ir::PatternComparer paths;
  for (std::size_t later = 0; later < entries_.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const FileRule& first = entries_[earlier].rule;
      const FileRule& second = entries_[later].rule;
      if (!transitions_conflict(first, second, paths)) continue;
      report_spent(paths, entries_[later].origin, diagnostics);
      if (paths.is_spent()) return;
      const auto both =
          ir::witness_of_overlap(ir::PathLanguage::of(first.path), ir::PathLanguage::of(second.path));
      diagnostics.report<DiagnosticKind::ApparmorTwoTransitions>(entries_[later].origin, both.value_or(""))
          .label(entries_[earlier].origin, "the other rule that executes it");
    }
  }
}

// `deny write` beside `create`, or the other way round, on a common path.
void FileRules::report_half_denies(Diagnostics& diagnostics) const {
  ir::PatternComparer paths;
  for (const Entry& deny : entries_) {
    const bool is_half = deny.meaning.writes != deny.meaning.creates;
    if (deny.rule.verdict != Verdict::Deny || !is_half) continue;
    for (const Entry& allow : entries_) {
      const bool other_half = deny.meaning.writes ? allow.meaning.creates : allow.meaning.writes;
      if (allow.rule.verdict != Verdict::Allow || !other_half) continue;
      if (!paths.overlap(deny.rule.path, allow.rule.path)) continue;
      report_spent(paths, deny.origin, diagnostics);
      if (paths.is_spent()) return;
      diagnostics
          .report<DiagnosticKind::ApparmorDeniesMore>(deny.origin, deny.meaning.writes ? "write" : "create",
                                                      deny.meaning.writes ? "create" : "write")
          .label(allow.origin, "granted here");
      break;
    }
  }
}

void FileRules::merge_equal_paths() {
  llvm::sort(entries_, [](const Entry& a, const Entry& b) { return a.rule < b.rule; });
  std::vector<Entry> merged;
  for (Entry& entry : entries_) {
    FileRule* partner = nullptr;
    for (Entry& candidate : llvm::reverse(merged)) {
      if (candidate.rule.path != entry.rule.path) break;
      if (have_same_subject(candidate.rule, entry.rule)) partner = &candidate.rule;
    }
    if (partner == nullptr) {
      merged.push_back(std::move(entry));
      continue;
    }
    partner->accesses = partner->accesses | entry.rule.accesses;
    if (partner->accesses.contains(Access::Write))
      partner->accesses = partner->accesses - Accesses{Access::Append};
    if (partner->transition.empty()) partner->transition = std::move(entry.rule.transition);
  }
  entries_ = std::move(merged);
}

std::vector<FileRule> FileRules::settle(Diagnostics& diagnostics) {
  report_transitions(diagnostics);
  report_half_denies(diagnostics);
  merge_equal_paths();
  ir::PatternIndex index;
  for (std::size_t item = 0; item < entries_.size(); ++item) index.add(entries_[item].rule.path, item);
  ir::PatternComparer paths;  // beyond its budget a rule stays that another includes
  std::vector<bool> is_dropped(entries_.size(), false);
  std::vector<FileRule> rules;
  for (std::size_t item = 0; item < entries_.size(); ++item) {
    const FileRule& rule = entries_[item].rule;
    is_dropped[item] =
        !paths.is_spent() && llvm::any_of(index.possible_containers(rule.path), [&](std::size_t other) {
          return other != item && !is_dropped[other] && includes(entries_[other].rule, rule, paths);
        });
    if (!is_dropped[item]) rules.push_back(rule);
  }
  entries_.clear();
  return rules;
}

}  // namespace isola::backends::apparmor
