// isola prove FILE [--filter seccomp.bpf]: that a filter answers every call as the policy does, or calls for
// which it does not.
//
//   policy.yaml: seccomp.bpf answers every call as the policy does
//     191 instructions, 53 different functions of the arguments
//     x86_64      373 calls, 253 always let run, 253 of them from the kernel's cache
//     proven for every number of these, all arguments, and every other architecture
//
// Without --filter it is about what compile makes of the policy. Exit status: 0 equal, 1 different, 2 no
// filter.

#include <fmt/format.h>

#include "backends/seccomp/kernel_check.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/filter_file.h"
#include "compiler/driver/library.h"
#include "compiler/driver/proof_text.h"

namespace isola::driver {

using backends::seccomp::ByteOrder;
using backends::seccomp::CheckedProgram;
using backends::seccomp::Program;

namespace {

std::string_view name_of(ByteOrder byte_order) {
  switch (byte_order) {
    case ByteOrder::Little:
      return "little-endian";
    case ByteOrder::Big:
      return "big-endian";
  }
  return "";
}

kernel::ArchSet arches_of(const ir::Profile& profile, ByteOrder byte_order) {
  kernel::ArchSet arches;
  for (const kernel::Arch arch : profile.syscalls.arches) {
    if (kernel::info(arch).is_big_endian == (byte_order == ByteOrder::Big)) arches.insert(arch);
  }
  return arches;
}

// A program of either byte order; hardly any bytes are one of both.
std::optional<Program> read_filter(const std::string& name, llvm::StringRef bytes, const ir::Profile& profile,
                                   Diagnostics& diagnostics) {
  const CheckedProgram little = backends::seccomp::read_program(bytes, ByteOrder::Little);
  const CheckedProgram big = backends::seccomp::read_program(bytes, ByteOrder::Big);
  const bool prefers_big = arches_of(profile, ByteOrder::Little).empty();
  const CheckedProgram& preferred = prefers_big ? big : little;
  const CheckedProgram& other = prefers_big ? little : big;
  if (!preferred.program && !other.program) {
    report_bad_filter(name, bytes, prefers_big ? ByteOrder::Big : ByteOrder::Little, preferred.refusal,
                      diagnostics);
    return std::nullopt;
  }
  const Program& program = preferred.program ? *preferred.program : *other.program;
  if (!arches_of(profile, program.byte_order).empty()) return program;
  diagnostics.report<DiagnosticKind::FilterByteOrder>({}, name, name_of(program.byte_order));
  return std::nullopt;
}

std::optional<Proof> prove(const std::string& name, const Program& program, const ir::Profile& profile,
                           Diagnostics& diagnostics) {
  backends::seccomp::Comparison comparison =
      backends::seccomp::compare(program, profile, arches_of(profile, program.byte_order));
  if (!comparison.is_complete && comparison.differences.empty()) {
    diagnostics.report<DiagnosticKind::FilterTooComplex>({}, name);
    return std::nullopt;
  }
  if (!comparison.differences.empty()) {
    diagnostics.report<DiagnosticKind::FilterDiffers>({}, name, count_cases(comparison));
  }
  return Proof{.policy = "",
               .filter = name,
               .instructions = program.instructions.size(),
               .comparison = std::move(comparison)};
}

struct NamedFilter {
  std::string name, bytes;
};

std::vector<NamedFilter> given_filter(const std::string& path, Diagnostics& diagnostics) {
  FileBytes read = read_bytes(path);
  if (read.bytes) return {{path, std::move(*read.bytes)}};
  diagnostics.report<DiagnosticKind::CannotReadFile>({}, path, read.error);
  return {};
}

// The programs among the artifacts of the seccomp backend.
std::vector<NamedFilter> own_filters(const ir::Profile& profile, const CompileOptions& options,
                                     Diagnostics& diagnostics) {
  std::vector<NamedFilter> filters;
  const backends::Backend* backend = backends::find_backend("seccomp");
  for (backends::Artifact& artifact : backend->compile(profile, options.backend_options, diagnostics)) {
    if (llvm::StringRef(artifact.name).ends_with(".bpf")) {
      filters.push_back({artifact.name, std::move(artifact.bytes)});
    }
  }
  return filters;
}

}  // namespace

void run_prove(Session& session, const Arguments& arguments) {
  const std::optional<CompileOptions> options = read_options(session, arguments);
  if (!options) return;
  const std::optional<FileId> file = read_source(session, arguments.files.front());
  if (!file) return;
  FileSystemLibrary library(session);
  const auto resolved =
      compile_to_profile(session.sources, *file, library, options->target, session.diagnostics);
  if (!resolved) return;
  const ir::Profile& profile = resolved->profile;
  const std::vector<NamedFilter> filters = arguments.filter.empty()
                                               ? own_filters(profile, *options, session.diagnostics)
                                               : given_filter(arguments.filter, session.diagnostics);
  std::vector<Proof> proofs;
  for (const NamedFilter& filter : filters) {
    const auto program = read_filter(filter.name, filter.bytes, profile, session.diagnostics);
    if (!program) return;
    auto proof = prove(filter.name, *program, profile, session.diagnostics);
    if (!proof) return;
    proof->policy = session.sources.name(*file).str();
    proofs.push_back(std::move(*proof));
  }
  if (arguments.quiet || proofs.empty()) return;
  if (arguments.json) {
    print(proofs_json(session.sources, profile, proofs));
    return;
  }
  for (const Proof& proof : proofs) print(proof_text(session.sources, profile, proof));
}

}  // namespace isola::driver
