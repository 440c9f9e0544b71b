#include "backends/seccomp/readback.h"

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

static const Artifact* find(llvm::ArrayRef<Artifact> artifacts, std::string_view name) {
  for (const Artifact& artifact : artifacts) {
    if (artifact.name == name) return &artifact;
  }
  return nullptr;
}

// The filter of a machine of the request's byte order. Where there is none, the other one answers: to it the
// architecture is foreign.
static std::optional<Program> filter_for(llvm::ArrayRef<Artifact> artifacts, kernel::Arch arch) {
  const Artifact* little = find(artifacts, kLittleEndianName);
  const Artifact* big = find(artifacts, kBigEndianName);
  const bool wants_big = big != nullptr && (kernel::info(arch).is_big_endian || little == nullptr);
  if (wants_big) return from_bytes(big->bytes, ByteOrder::Big);
  return little == nullptr ? std::nullopt : from_bytes(little->bytes, ByteOrder::Little);
}

std::optional<ir::Decision> readback(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request) {
  const auto* call = std::get_if<ir::SyscallRequest>(&request.operation);
  if (call == nullptr) return std::nullopt;
  const std::optional<Program> program = filter_for(artifacts, call->arch);
  if (!program) return std::nullopt;
  seccomp_data data{.nr = static_cast<int>(call->number),
                    .arch = kernel::info(call->arch).audit_arch,
                    .instruction_pointer = 0,
                    .args = {}};
  for (std::size_t index = 0; index < ir::kMaxArguments; ++index) data.args[index] = call->arguments[index];
  const auto value = run(*program, data);
  if (!value) return std::nullopt;
  const ir::SyscallAction action = decode_action(*value);
  return ir::Decision{.effect = action.lets_call_run() ? ir::Effect::Allow : ir::Effect::Deny,
                      .action = action,
                      .judge = ir::Judge::Syscalls,
                      .reason = action.lets_call_run() ? ir::Reason::RuleAllows : ir::Reason::RuleDenies,
                      .because = nullptr,
                      .origin = {}};
}

}  // namespace isola::backends::seccomp
