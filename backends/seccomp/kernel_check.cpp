#include "backends/seccomp/kernel_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace isola::backends::seccomp {

namespace {

constexpr std::uint16_t kAllCells = 0xffff;  // one bit for each of the BPF_MEMWORDS words of scratch memory

// The instructions that both checks let through. The code is compared whole: stray bits make another one.
// NOTE: BPF_MOD is classic BPF, and seccomp refuses it all the same.
bool is_known(std::uint16_t code) {
  switch (code) {
    case BPF_LD | BPF_W | BPF_ABS:
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
    case BPF_ALU | BPF_NEG:
    case BPF_JMP | BPF_JA:
      return true;
  }
  const auto operation = static_cast<std::uint16_t>(code & ~BPF_X);
  switch (operation) {
    case BPF_ALU | BPF_ADD:
    case BPF_ALU | BPF_SUB:
    case BPF_ALU | BPF_MUL:
    case BPF_ALU | BPF_DIV:
    case BPF_ALU | BPF_AND:
    case BPF_ALU | BPF_OR:
    case BPF_ALU | BPF_XOR:
    case BPF_ALU | BPF_LSH:
    case BPF_ALU | BPF_RSH:
    case BPF_JMP | BPF_JEQ:
    case BPF_JMP | BPF_JGT:
    case BPF_JMP | BPF_JGE:
    case BPF_JMP | BPF_JSET:
      return true;
  }
  return false;
}

bool is_conditional(const sock_filter& instruction) {
  return BPF_CLASS(instruction.code) == BPF_JMP && BPF_OP(instruction.code) != BPF_JA;
}

// Why the operand cannot be; empty when it can.
std::string find_bad_operand(const sock_filter& instruction) {
  const std::uint32_t constant = instruction.k;
  switch (instruction.code) {
    case BPF_LD | BPF_W | BPF_ABS:
      if (constant % 4 != 0) return fmt::format("a load at {} bytes, which is no multiple of 4", constant);
      if (constant < sizeof(seccomp_data)) return "";
      return fmt::format("a load at {} bytes, behind the {} that a call has", constant, sizeof(seccomp_data));
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
      if (constant < BPF_MEMWORDS) return "";
      return fmt::format("memory[{}], where there are {} words", constant, BPF_MEMWORDS);
    case BPF_ALU | BPF_DIV | BPF_K:
      return constant == 0 ? "a division by zero" : "";
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
      return constant >= 32 ? fmt::format("a shift of 32 bits by {}", constant) : "";
  }
  return "";
}

std::string find_bad_jump(const Program& program, std::size_t at) {
  const sock_filter& instruction = program.instructions[at];
  const std::size_t behind = program.instructions.size() - at - 1;
  std::size_t distance = 0;
  if (instruction.code == (BPF_JMP | BPF_JA)) {
    distance = instruction.k;
  } else if (is_conditional(instruction)) {
    distance = std::max(instruction.jt, instruction.jf);
  } else {
    return "";
  }
  return distance >= behind ? fmt::format("a jump over {}, where {} follow", distance, behind) : "";
}

std::optional<Refusal> find_bad_instruction(const Program& program) {
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    const sock_filter& instruction = program.instructions[at];
    if (!is_known(instruction.code)) {
      return Refusal{at, fmt::format("code {:#x} is no instruction of seccomp filters", instruction.code)};
    }
    if (std::string reason = find_bad_operand(instruction); !reason.empty()) return Refusal{at, reason};
    if (std::string reason = find_bad_jump(program, at); !reason.empty()) return Refusal{at, reason};
  }
  const std::uint16_t last = program.instructions.back().code;
  if (last == (BPF_RET | BPF_K) || last == (BPF_RET | BPF_A)) return std::nullopt;
  return Refusal{program.instructions.size() - 1, "the last instruction is no `ret`"};
}

// Words of scratch memory must have been written on every way that leads to where they are read. Code behind
// a jump that no way leads to has all of them, as in the kernel.
std::optional<Refusal> find_unwritten_read(const Program& program) {
  std::vector<std::uint16_t> written(program.instructions.size(), kAllCells);
  std::uint16_t now = 0;
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    const sock_filter& instruction = program.instructions[at];
    now &= written[at];
    const auto cell = static_cast<std::uint16_t>(1U << (instruction.k % BPF_MEMWORDS));
    switch (instruction.code) {
      case BPF_ST:
      case BPF_STX:
        now |= cell;
        continue;
      case BPF_LD | BPF_MEM:
      case BPF_LDX | BPF_MEM:
        if ((now & cell) == 0)
          return Refusal{at, fmt::format("memory[{}] may be read before it is written", instruction.k)};
        continue;
      case BPF_JMP | BPF_JA:
        written[at + 1 + instruction.k] &= now;
        now = kAllCells;
        continue;
    }
    if (!is_conditional(instruction)) continue;
    written[at + 1 + instruction.jt] &= now;
    written[at + 1 + instruction.jf] &= now;
    now = kAllCells;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> find_refusal(const Program& program) {
  const std::size_t count = program.instructions.size();
  if (count == 0) return Refusal{0, "there is no instruction"};
  if (count > kMostInstructions) {
    return Refusal{0, fmt::format("{} instructions, where {} is the most", count, kMostInstructions)};
  }
  if (auto refusal = find_bad_instruction(program)) return refusal;
  return find_unwritten_read(program);
}

CheckedProgram read_program(llvm::StringRef bytes, ByteOrder byte_order) {
  if (bytes.empty()) return {std::nullopt, {0, "the file is empty"}};
  if (bytes.size() % sizeof(sock_filter) != 0) {
    return {std::nullopt,
            {0, fmt::format("{} bytes are no whole number of instructions of {} bytes", bytes.size(),
                            sizeof(sock_filter))}};
  }
  if (bytes.size() / sizeof(sock_filter) > kMostInstructions) {
    return {std::nullopt,
            {0, fmt::format("{} instructions, where {} is the most", bytes.size() / sizeof(sock_filter),
                            kMostInstructions)}};
  }
  std::optional<Program> program = from_bytes(bytes, byte_order);
  if (const auto refusal = find_refusal(*program)) return {std::nullopt, *refusal};
  return {std::move(program), {}};
}

}  // namespace isola::backends::seccomp
