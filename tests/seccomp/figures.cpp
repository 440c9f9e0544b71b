#include "tests/seccomp/figures.h"

#include <algorithm>

#include "backends/seccomp/walk.h"

namespace isola::testing {

using backends::seccomp::Program;

static std::size_t executed(const Program& program, std::uint32_t number, kernel::Arch arch) {
  const seccomp_data data{.nr = static_cast<int>(number),
                          .arch = kernel::info(arch).audit_arch,
                          .instruction_pointer = 0,
                          .args = {}};
  std::size_t steps = 0;
  backends::seccomp::run(program, data, &steps);
  return steps;
}

std::vector<CountedCall> calls_of(kernel::ArchSet arches, const kernel::CallFrequencies& frequencies) {
  std::vector<CountedCall> calls;
  for (const kernel::Arch arch : arches) {
    for (const std::uint16_t index : kernel::calls_by_number(arch)) {
      const kernel::SyscallId call{index};
      const double share = arch == *arches.begin() ? frequencies.share(call) : 0;
      calls.push_back({*kernel::number(call, arch), arch, share});
    }
  }
  return calls;
}

ExecutedFigures executed_figures(const Program& program, llvm::ArrayRef<CountedCall> calls) {
  ExecutedFigures figures;
  std::size_t first_count = 0;
  double share_sum = 0;
  for (const CountedCall& call : calls) {
    const std::size_t steps = executed(program, call.number, call.arch);
    const auto cost = static_cast<double>(steps);
    figures.mean_all_arches += cost;
    figures.most = std::max(figures.most, steps);
    figures.weighted += call.share * cost;
    share_sum += call.share;
    if (call.arch != calls.front().arch) continue;
    figures.mean += cost;
    ++first_count;
  }
  figures.mean /= static_cast<double>(first_count);
  figures.mean_all_arches /= static_cast<double>(calls.size());
  figures.weighted /= share_sum;
  return figures;
}

// From each instruction on, over all ways.
static std::vector<std::size_t> longest_rest(const Program& program) {
  const std::size_t count = program.instructions.size();
  std::vector<std::size_t> longest(count, 1);
  for (std::size_t at = count; at-- > 0;) {
    const sock_filter& instruction = program.instructions[at];
    if (BPF_CLASS(instruction.code) == BPF_RET) continue;
    const bool jumps = BPF_CLASS(instruction.code) == BPF_JMP;
    const bool is_plain = jumps && BPF_OP(instruction.code) == BPF_JA;
    const std::size_t then = at + 1 + (is_plain ? instruction.k : jumps ? instruction.jt : 0);
    const std::size_t otherwise = jumps && !is_plain ? at + 1 + instruction.jf : then;
    longest[at] = 1 + std::max(longest[then], longest[otherwise]);
  }
  return longest;
}

std::size_t longest_path(const Program& program, kernel::ArchSet arches) {
  const std::vector<std::size_t> rest = longest_rest(program);
  std::size_t longest = 0;
  for (const kernel::Arch arch : arches) {
    for (const auto& segment : number_segments(program, kernel::info(arch).audit_arch)) {
      longest = std::max(longest, segment.executed + rest[segment.at]);
    }
  }
  return longest;
}

}  // namespace isola::testing
