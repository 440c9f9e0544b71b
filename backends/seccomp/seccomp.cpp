#include "backends/seccomp/seccomp.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "backends/oci_seccomp.h"
#include "backends/seccomp/capabilities.h"
#include "backends/seccomp/emit.h"
#include "backends/seccomp/emit_c.h"
#include "backends/seccomp/lower.h"
#include "backends/seccomp/prove.h"
#include "backends/seccomp/readback.h"
#include "backends/seccomp/report.h"

namespace isola::backends::seccomp {

// How many values a condition speaks of.
static std::size_t count_ranges(const ir::ArgumentCondition& condition) {
  std::size_t count = condition.test.ranges.size();
  for (const ir::ArgumentCondition& operand : condition.operands) count += count_ranges(operand);
  return count;
}

// Shown at the rule with the most values.
static void report_too_long(const ir::Profile& profile, std::size_t length, Diagnostics& diagnostics) {
  const ir::Rule* largest = nullptr;
  std::size_t most = 0;
  for (const ir::Rule* rule : profile.rules_of<ir::SyscallUse>()) {
    const std::size_t count = count_ranges(std::get<ir::SyscallUse>(rule->permission).condition);
    if (largest != nullptr && count <= most) continue;
    largest = rule;
    most = count;
  }
  const SourceRange origin = largest == nullptr ? SourceRange{} : largest->origin;
  diagnostics.report<DiagnosticKind::SeccompFilterTooLong>(origin, length, kMostInstructions);
}

// Nothing, and an error, when the filter is longer than the kernel takes.
static std::optional<Program> compile_filter(const ir::Profile& profile, const Model& model,
                                             Diagnostics& diagnostics) {
  // Each node is one instruction at least, so what is far too long need not be laid out.
  const std::size_t nodes = model.graph.reachable_from(model.root);
  if (nodes > kMostInstructions) {
    report_too_long(profile, nodes, diagnostics);
    return std::nullopt;
  }
  Program program = emit(model);
  if (program.instructions.size() > kMostInstructions) {
    report_too_long(profile, program.instructions.size(), diagnostics);
    return std::nullopt;
  }
  prove_meaning(program, profile, model.arches);
  prove_cacheable(program, model.arches);
  return program;
}

static std::string oci_json(const ir::Profile& profile, Diagnostics& diagnostics) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, 2);
  print_oci_seccomp(lower_oci_seccomp(profile, diagnostics), json);
  stream << '\n';
  return text;
}

static llvm::SmallVector<Artifact, 2> compile(const ir::Profile& profile, const Options& options,
                                              Diagnostics& diagnostics) {
  llvm::SmallVector<Artifact, 2> artifacts;
  std::string text;
  std::vector<FilterOfArches> filters;
  for (const Model& model : lower(profile, options.filter_goal, options.call_frequencies)) {
    const std::optional<Program> program = compile_filter(profile, model, diagnostics);
    if (!program) return {};
    const std::string_view name = model.byte_order == ByteOrder::Little ? kLittleEndianName : kBigEndianName;
    artifacts.push_back({std::string(name), to_bytes(*program)});
    if (!text.empty()) text += "\n";
    text += report(*program, profile, model.arches, options.sources);
    filters.push_back({*program, model.arches});
  }
  artifacts.push_back({"seccomp.txt", std::move(text)});
  artifacts.push_back({"seccomp.json", oci_json(profile, diagnostics)});
  if (options.emit_c && !filters.empty()) {
    artifacts.push_back({std::string(kHeaderName), c_header(profile, filters)});
  }
  return artifacts;
}

const Backend kBackend{
    .name = "seccomp",
    .summary = "a filter on system calls and their arguments, proven against the policy",
    .claim = claim,
    .claim_setting = claim_setting,
    .compile = compile,
    .readback = readback,
};

}  // namespace isola::backends::seccomp
