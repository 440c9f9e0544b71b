#include "backends/seccomp/action_cache.h"

namespace isola::backends::seccomp {

bool is_cached(const Program& program, std::uint32_t number, std::uint32_t audit_arch) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    const sock_filter& instruction = program.instructions[at];
    const std::uint32_t constant = instruction.k;
    const auto jump = [&](bool holds) { at += holds ? instruction.jt : instruction.jf; };
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (constant != offset_of(kNumberWord, program.byte_order) &&
            constant != offset_of(kArchWord, program.byte_order)) {
          return false;
        }
        accumulator = constant == offset_of(kNumberWord, program.byte_order) ? number : audit_arch;
        break;
      case BPF_RET | BPF_K:
        return constant == SECCOMP_RET_ALLOW;
      case BPF_JMP | BPF_JA:
        at += constant;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(accumulator == constant);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(accumulator >= constant);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(accumulator > constant);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        jump((accumulator & constant) != 0);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= constant;
        break;
      default:
        return false;
    }
  }
  return false;
}

}  // namespace isola::backends::seccomp
