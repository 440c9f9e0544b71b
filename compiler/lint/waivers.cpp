// A waiver's place is a section (`files`) or one rule of it (`files/3`: the third that the policy itself
// writes there, counted from 1). Findings carry the range of the rule that they are about, and that is
// compared.

#include "compiler/lint/waivers.h"

#include <algorithm>

namespace isola::lint {

namespace {

// Ranges of the rules of a section in the order of writing; those that bundles brought in are not the
// policy's own.
std::vector<SourceRange> own_rules(const ir::Policy& policy, llvm::StringRef section) {
  std::vector<SourceRange> ranges;
  for (const ir::PolicyRule& entry : policy.rules) {
    const ir::Rule& rule = entry.rule;
    if (ir::to_text(ir::section_of(ir::kind_of(rule.permission))) != std::string_view(section)) continue;
    if (rule.brought_by.is_known() || std::find(ranges.begin(), ranges.end(), rule.origin) != ranges.end())
      continue;
    ranges.push_back(rule.origin);
  }
  return ranges;
}

// The rules that a waiver's `at` speaks of. Empty when there are none.
std::vector<SourceRange> places_of(const ir::Policy& policy, const ir::Waiver& waiver) {
  const auto [section, number] = llvm::StringRef(waiver.at).split('/');
  std::vector<SourceRange> ranges = own_rules(policy, section);
  if (number.empty()) return ranges;
  std::size_t position = 0;
  if (number.getAsInteger(10, position) || position < 1 || position > ranges.size()) return {};
  return {ranges[position - 1]};
}

bool covers(const ir::Waiver& waiver, llvm::ArrayRef<SourceRange> places, const Diagnostic& finding) {
  const std::optional<DiagnosticKind> kind = find_diagnostic(waiver.lint);
  return kind == finding.kind && std::find(places.begin(), places.end(), finding.range) != places.end();
}

// Days are compared as text: YYYY-MM-DD sorts by time. The last day itself still counts.
bool has_ended(const ir::Waiver& waiver, const Settings& settings) {
  return waiver.until < settings.today;
}

void report_state(const ir::Waiver& waiver, const Settings& settings, bool has_places, bool is_used,
                  Diagnostics& diagnostics) {
  if (!has_places) {
    diagnostics.report<DiagnosticKind::WaiverWithoutPlace>(waiver.origin, waiver.at);
  } else if (has_ended(waiver, settings)) {
    diagnostics.report<DiagnosticKind::WaiverEnded>(waiver.origin, waiver.lint, waiver.until);
  } else if (!is_used) {
    diagnostics.report<DiagnosticKind::WaiverUnused>(waiver.origin, waiver.lint, waiver.at);
  }
}

}  // namespace

void apply_waivers(const ir::Policy& policy, const Settings& settings, const Diagnostics& found,
                   Diagnostics& diagnostics) {
  std::vector<bool> is_waived(found.all().size(), false);
  for (const ir::Waiver& waiver : policy.waivers) {
    const std::vector<SourceRange> places = places_of(policy, waiver);
    bool is_used = false;
    for (std::size_t index = 0; index < found.all().size(); ++index) {
      if (!covers(waiver, places, found.all()[index])) continue;
      is_used = true;
      if (!has_ended(waiver, settings)) is_waived[index] = true;
    }
    report_state(waiver, settings, !places.empty(), is_used, diagnostics);
  }
  for (std::size_t index = 0; index < found.all().size(); ++index) {
    if (!is_waived[index]) diagnostics.add(found.all()[index]);
  }
}

}  // namespace isola::lint
