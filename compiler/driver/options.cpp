// What the options of the command line mean: names looked up, with the nearest one for a misspelt one.

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/frequency_file.h"
#include "compiler/kernel/nearest.h"

namespace isola::driver {

static std::vector<const backends::Backend*> read_targets(const Arguments& arguments,
                                                          Diagnostics& diagnostics) {
  const llvm::ArrayRef<const backends::Backend*> all = backends::all_backends();
  if (arguments.targets.empty()) return all.vec();
  std::vector<const backends::Backend*> chosen;
  for (const std::string& name : arguments.targets) {
    if (backends::find_backend(name)) continue;
    DiagnosticDraft draft = diagnostics.report<DiagnosticKind::UnknownTarget>({}, name);
    kernel::NearestName nearest(name);
    for (const backends::Backend* backend : all) nearest.consider(backend->name);
    if (nearest.found()) draft.help(fmt::format("did you mean `{}`?", nearest.found()->str()));
  }
  for (const backends::Backend* backend : all) {
    if (std::find(arguments.targets.begin(), arguments.targets.end(), backend->name) !=
        arguments.targets.end()) {
      chosen.push_back(backend);
    }
  }
  return chosen;
}

static std::optional<kernel::ArchSet> read_arches(const Arguments& arguments, Diagnostics& diagnostics) {
  if (arguments.arches.empty()) return std::nullopt;
  kernel::ArchSet arches;
  for (const std::string& name : arguments.arches) {
    if (const std::optional<kernel::Arch> arch = kernel::find_arch(name)) {
      arches.insert(*arch);
      continue;
    }
    DiagnosticDraft draft = diagnostics.report<DiagnosticKind::UnknownArchOption>({}, name);
    if (const auto nearest = kernel::nearest_arch(name))
      draft.help(fmt::format("did you mean `{}`?", nearest->str()));
  }
  return arches;
}

static std::optional<kernel::KernelVersion> read_kernel(const Arguments& arguments,
                                                        Diagnostics& diagnostics) {
  if (arguments.kernel.empty()) return std::nullopt;
  const std::optional<kernel::KernelVersion> found = kernel::parse_kernel_version(arguments.kernel);
  if (!found) diagnostics.report<DiagnosticKind::BadKernelOption>({}, arguments.kernel);
  return found;
}

// What was read stays empty after an error, which has been reported.
static kernel::CallFrequencies read_call_frequencies(Session& session, const Arguments& arguments) {
  if (arguments.frequencies.empty()) return {};
  if (arguments.optimize != backends::FilterGoal::Frequency) {
    session.diagnostics.report<DiagnosticKind::FrequenciesUnused>({});
    return {};
  }
  const std::optional<FileId> file = read_source(session, arguments.frequencies);
  if (!file) return {};
  return read_frequencies(session.sources, *file, session.diagnostics).value_or(kernel::CallFrequencies{});
}

static backends::Options backend_options(Session& session, const Arguments& arguments) {
  backends::Options options;
  options.lsm = arguments.host_lsm;
  options.emit_c = arguments.emit_c;
  options.filter_goal = arguments.optimize;
  options.call_frequencies = read_call_frequencies(session, arguments);
  return options;
}

std::optional<CompileOptions> read_options(Session& session, const Arguments& arguments) {
  Diagnostics& diagnostics = session.diagnostics;
  CompileOptions options{.targets = read_targets(arguments, diagnostics),
                         .target = {.arches = read_arches(arguments, diagnostics),
                                    .kernel = read_kernel(arguments, diagnostics),
                                    .lsm = arguments.host_lsm,
                                    .engine = arguments.engine,
                                    .features = {arguments.features.begin(), arguments.features.end()}},
                         .backend_options = backend_options(session, arguments),
                         .today = session.today};
  if (diagnostics.has_errors()) return std::nullopt;
  return options;
}

}  // namespace isola::driver
