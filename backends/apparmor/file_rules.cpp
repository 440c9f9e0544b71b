#include "backends/apparmor/file_rules.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/Sequence.h>

#include <optional>
#include <tuple>

#include "compiler/ir/path_language.h"

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
bool transitions_conflict(const FileRule& a, const FileRule& b) {
  if (!allows_execution(a) || !allows_execution(b) || a.transition == b.transition) return false;
  return a.path.is_literal() == b.path.is_literal() && ir::patterns_overlap(a.path, b.path);
}

// Everything that `inner` says, `outer` says. Rules that execute are left alone: they also choose a profile.
bool includes(const FileRule& outer, const FileRule& inner) {
  if (outer.verdict != inner.verdict || (outer.owner_only && !inner.owner_only)) return false;
  const Accesses given =
      outer.accesses.contains(Access::Write) ? outer.accesses | Accesses{Access::Append} : outer.accesses;
  if (allows_execution(inner) || !given.contains(inner.accesses)) return false;
  return ir::pattern_contains(outer.path, inner.path);
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
  for (std::size_t later = 0; later < entries_.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const FileRule& first = entries_[earlier].rule;
      const FileRule& second = entries_[later].rule;
      if (!transitions_conflict(first, second)) continue;
      const auto both =
          ir::witness_of_overlap(ir::PathLanguage::of(first.path), ir::PathLanguage::of(second.path));
      diagnostics.report<DiagnosticKind::ApparmorTwoTransitions>(entries_[later].origin, both.value_or(""))
          .label(entries_[earlier].origin, "the other rule that executes it");
    }
  }
}

// `deny write` beside `create`, or the other way round, on a common path.
void FileRules::report_half_denies(Diagnostics& diagnostics) const {
  for (const Entry& deny : entries_) {
    const bool is_half = deny.meaning.writes != deny.meaning.creates;
    if (deny.rule.verdict != Verdict::Deny || !is_half) continue;
    for (const Entry& allow : entries_) {
      const bool other_half = deny.meaning.writes ? allow.meaning.creates : allow.meaning.writes;
      if (allow.rule.verdict != Verdict::Allow || !other_half) continue;
      if (!ir::patterns_overlap(deny.rule.path, allow.rule.path)) continue;
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
  std::vector<bool> is_dropped(entries_.size(), false);
  std::vector<FileRule> rules;
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    is_dropped[index] = llvm::any_of(llvm::seq<std::size_t>(0, entries_.size()), [&](std::size_t other) {
      return other != index && !is_dropped[other] && includes(entries_[other].rule, entries_[index].rule);
    });
    if (!is_dropped[index]) rules.push_back(entries_[index].rule);
  }
  entries_.clear();
  return rules;
}

}  // namespace isola::backends::apparmor
