// A waiver's place is a section (`files`) or one rule of it (`files/3`: the third that the policy itself
// writes there, counted from 1). Findings carry the range of the rule that they are about, and that is
// compared.

#include "compiler/lint/waivers.h"

#include <algorithm>
#include <tuple>

namespace isola::lint {

namespace {

// Ranges of the rules of a section in the order of writing; those that bundles brought in are not the
// policy's own.
std::vector<SourceRange> own_rules(const ir::Policy& policy, llvm::StringRef section) {
  std::vector<SourceRange> ranges;
  for (const ir::PolicyRule& entry : policy.rules) {
    const ir::Rule& rule = entry.rule;
    if (ir::to_text(ir::section_of(ir::kind_of(rule.permission))) != std::string_view(section)) continue;
    // What one written rule stands for lies together.
    const bool is_known = !ranges.empty() && ranges.back() == rule.origin;
    if (!rule.brought_by.is_known() && !is_known) ranges.push_back(rule.origin);
  }
  return ranges;
}

bool comes_before(const SourceRange& a, const SourceRange& b) {
  return std::tuple(a.file, a.begin, a.end) < std::tuple(b.file, b.begin, b.end);
}

// The rules that a waiver's `at` speaks of, in the order of their places. Empty when there are none.
std::vector<SourceRange> places_of(const ir::Policy& policy, const ir::Waiver& waiver) {
  const auto [section, number] = llvm::StringRef(waiver.at).split('/');
  std::vector<SourceRange> ranges = own_rules(policy, section);
  if (number.empty()) {
    std::sort(ranges.begin(), ranges.end(), comes_before);
    return ranges;
  }
  std::size_t position = 0;
  if (number.getAsInteger(10, position) || position < 1 || position > ranges.size()) return {};
  return {ranges[position - 1]};
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
    const std::optional<DiagnosticKind> kind = find_diagnostic(waiver.lint);
    bool is_used = false;
    for (std::size_t index = 0; index < found.all().size(); ++index) {
      const Diagnostic& finding = found.all()[index];
      if (kind != finding.kind ||
          !std::binary_search(places.begin(), places.end(), finding.range, comes_before))
        continue;
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
