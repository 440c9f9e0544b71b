// Runs a filter as the kernel does. Source: bpf_convert_filter, net/core/filter.c, and seccomp_check_filter,
// kernel/seccomp.c, Linux 6.12: the instructions that seccomp takes, and what they do.

#include <array>

#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

namespace {

struct Machine {
  std::uint32_t accumulator = 0;
  std::uint32_t index = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory{};
};

// The 32-bit words of the data at the offsets that the program's machine would use.
std::optional<std::uint32_t> load_data(std::uint32_t offset, const seccomp_data& data, ByteOrder byte_order) {
  if (offset % 4 != 0 || offset >= sizeof(seccomp_data)) return std::nullopt;
  if (offset == offsetof(seccomp_data, nr)) return static_cast<std::uint32_t>(data.nr);
  if (offset == offsetof(seccomp_data, arch)) return data.arch;
  const bool is_pointer = offset < offsetof(seccomp_data, args);
  const std::uint64_t value =
      is_pointer ? data.instruction_pointer : data.args[(offset - offsetof(seccomp_data, args)) / 8];
  const bool is_second = offset % 8 == 4;
  const bool is_upper = is_second == (byte_order == ByteOrder::Little);
  return static_cast<std::uint32_t>(is_upper ? value >> 32 : value);
}

// Shift counts are taken modulo 32, as the extended instruction does that a shift by the register becomes;
// counts beyond that never pass as constants.
std::optional<std::uint32_t> compute(std::uint16_t operation, std::uint32_t left, std::uint32_t right) {
  switch (operation) {
    case BPF_ADD:
      return left + right;
    case BPF_SUB:
      return left - right;
    case BPF_MUL:
      return left * right;
    case BPF_DIV:
      return right == 0 ? std::nullopt : std::optional(left / right);
    case BPF_AND:
      return left & right;
    case BPF_OR:
      return left | right;
    case BPF_XOR:
      return left ^ right;
    case BPF_LSH:
      return left << (right % 32);
    case BPF_RSH:
      return left >> (right % 32);
    case BPF_NEG:
      return ~left + 1;
  }
  return std::nullopt;
}

std::optional<bool> compare(std::uint16_t operation, std::uint32_t left, std::uint32_t right) {
  switch (operation) {
    case BPF_JEQ:
      return left == right;
    case BPF_JGT:
      return left > right;
    case BPF_JGE:
      return left >= right;
    case BPF_JSET:
      return (left & right) != 0;
  }
  return std::nullopt;
}

class Interpreter {
 public:
  Interpreter(const Program& program, const seccomp_data& data) : program_(program), data_(data) {}

  std::optional<std::uint32_t> run() {
    for (std::size_t at = 0; at < program_.instructions.size(); ++at) {
      const sock_filter& instruction = program_.instructions[at];
      ++executed_;
      if (BPF_CLASS(instruction.code) == BPF_RET) return answer(instruction);
      // The kernel ends a program that divides by a register of zero, and the answer is 0.
      if (instruction.code == (BPF_ALU | BPF_DIV | BPF_X) && machine_.index == 0) return 0;
      std::size_t skipped = 0;
      if (!step(instruction, skipped)) return std::nullopt;
      at += skipped;
    }
    return std::nullopt;
  }

  std::size_t executed() const { return executed_; }

 private:
  std::optional<std::uint32_t> answer(const sock_filter& instruction) const {
    if (BPF_RVAL(instruction.code) == BPF_A) return machine_.accumulator;
    return BPF_RVAL(instruction.code) == BPF_K ? std::optional(instruction.k) : std::nullopt;
  }

  // False when the kernel would not have taken the instruction.
  bool step(const sock_filter& instruction, std::size_t& skipped) {
    switch (BPF_CLASS(instruction.code)) {
      case BPF_LD:
        return load(instruction, machine_.accumulator);
      case BPF_LDX:
        return load(instruction, machine_.index);
      case BPF_ST:
        return store(instruction.k, machine_.accumulator);
      case BPF_STX:
        return store(instruction.k, machine_.index);
      case BPF_ALU:
        return calculate(instruction);
      case BPF_JMP:
        return jump(instruction, skipped);
      case BPF_MISC:
        if (BPF_MISCOP(instruction.code) == BPF_TAX) {
          machine_.index = machine_.accumulator;
        } else {
          machine_.accumulator = machine_.index;
        }
        return true;
    }
    return false;
  }

  bool load(const sock_filter& instruction, std::uint32_t& target) {
    std::optional<std::uint32_t> value;
    switch (BPF_MODE(instruction.code)) {
      case BPF_ABS:
        if (BPF_CLASS(instruction.code) == BPF_LD && BPF_SIZE(instruction.code) == BPF_W) {
          value = load_data(instruction.k, data_, program_.byte_order);
        }
        break;
      case BPF_IMM:
        value = instruction.k;
        break;
      case BPF_LEN:
        value = static_cast<std::uint32_t>(sizeof(seccomp_data));
        break;
      case BPF_MEM:
        if (instruction.k < BPF_MEMWORDS) value = machine_.memory[instruction.k];
        break;
    }
    if (value) target = *value;
    return value.has_value();
  }

  bool store(std::uint32_t where, std::uint32_t value) {
    if (where >= BPF_MEMWORDS) return false;
    machine_.memory[where] = value;
    return true;
  }

  std::uint32_t operand(const sock_filter& instruction) const {
    return BPF_SRC(instruction.code) == BPF_X ? machine_.index : instruction.k;
  }

  bool calculate(const sock_filter& instruction) {
    const auto value = compute(BPF_OP(instruction.code), machine_.accumulator, operand(instruction));
    if (value) machine_.accumulator = *value;
    return value.has_value();
  }

  bool jump(const sock_filter& instruction, std::size_t& skipped) const {
    if (BPF_OP(instruction.code) == BPF_JA) {
      skipped = instruction.k;
      return true;
    }
    const auto holds = compare(BPF_OP(instruction.code), machine_.accumulator, operand(instruction));
    if (!holds) return false;
    skipped = *holds ? instruction.jt : instruction.jf;
    return true;
  }

  const Program& program_;
  const seccomp_data& data_;
  Machine machine_;
  std::size_t executed_ = 0;
};

}  // namespace

std::optional<std::uint32_t> run(const Program& program, const seccomp_data& data, std::size_t* executed) {
  Interpreter interpreter(program, data);
  const auto answer = interpreter.run();
  if (executed != nullptr) *executed = interpreter.executed();
  return answer;
}

}  // namespace isola::backends::seccomp
