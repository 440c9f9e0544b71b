#include "backends/seccomp/disassembly.h"

#include <fmt/format.h>

#include "backends/seccomp/action_code.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

// What is known on every way to an instruction.
struct Context {
  bool is_reached = false;
  std::optional<Word> word;  // in the accumulator, whole
  std::optional<kernel::Arch> arch;
};

void meet(Context& context, const Context& other) {
  if (!context.is_reached) {
    context = other;
    context.is_reached = true;
    return;
  }
  if (context.word != other.word) context.word.reset();
  if (context.arch != other.arch) context.arch.reset();
}

std::optional<kernel::Arch> arch_of(std::uint32_t audit_arch) {
  for (const kernel::ArchInfo& info : kernel::all_arches()) {
    if (info.audit_arch == audit_arch) return info.arch;
  }
  return std::nullopt;
}

bool is_test(const sock_filter& instruction) {
  return BPF_CLASS(instruction.code) == BPF_JMP && BPF_OP(instruction.code) != BPF_JA;
}

// Jumps go forward only, so one pass from the start knows all ways to an instruction when it gets there.
std::vector<Context> find_contexts(const Program& program) {
  std::vector<Context> contexts(program.instructions.size() + 1);
  contexts[0].is_reached = true;
  const auto send = [&](std::size_t where, const Context& context) {
    if (where < program.instructions.size()) meet(contexts[where], context);
  };
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    const sock_filter& instruction = program.instructions[at];
    Context after = contexts[at];
    if (!after.is_reached || BPF_CLASS(instruction.code) == BPF_RET) continue;
    if (instruction.code == (BPF_JMP | BPF_JA)) {
      send(at + 1 + instruction.k, after);
    } else if (is_test(instruction)) {
      send(at + 1 + instruction.jf, after);
      const bool names_arch = after.word == kArchWord && BPF_OP(instruction.code) == BPF_JEQ;
      if (names_arch) after.arch = arch_of(instruction.k);
      send(at + 1 + instruction.jt, after);
    } else {
      const bool loads = instruction.code == (BPF_LD | BPF_W | BPF_ABS);
      after.word = loads ? word_at(instruction.k, program.byte_order) : std::nullopt;
      send(at + 1, after);
    }
  }
  return contexts;
}

std::string word_text(std::uint32_t offset, ByteOrder byte_order) {
  const std::optional<Word> word = word_at(offset, byte_order);
  if (!word) return fmt::format("data[{}]", offset);
  if (*word == kNumberWord) return "nr";
  if (*word == kArchWord) return "arch";
  return fmt::format("arg{}.{}", *word / 2, *word % 2 == 0 ? "low" : "high");
}

std::string number_text(std::uint32_t value) {
  return value < 4096 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

// The constant of a test, with the name that it has there.
std::string constant_text(std::uint32_t value, const Context& context) {
  if (context.word == kArchWord) {
    const auto arch = arch_of(value);
    return arch ? std::string(kernel::info(*arch).name) : number_text(value);
  }
  if (context.word != kNumberWord || !context.arch) return number_text(value);
  const bool is_x32 = *context.arch == kernel::Arch::X86_64 && value >= kernel::kX32Bit;
  const auto call = kernel::syscall_at(is_x32 ? kernel::Arch::X32 : *context.arch, value);
  return call ? fmt::format("{} {}", number_text(value), kernel::name(*call).str()) : number_text(value);
}

std::string operand_text(const sock_filter& instruction, const Context& context) {
  return BPF_SRC(instruction.code) == BPF_X ? "x" : constant_text(instruction.k, context);
}

std::string_view test_name(const sock_filter& instruction) {
  switch (BPF_OP(instruction.code)) {
    case BPF_JEQ:
      return "jeq";
    case BPF_JGT:
      return "jgt";
    case BPF_JGE:
      return "jge";
    case BPF_JSET:
      return "jset";
  }
  return "jump?";
}

std::string_view arithmetic_name(const sock_filter& instruction) {
  switch (BPF_OP(instruction.code)) {
    case BPF_ADD:
      return "add";
    case BPF_SUB:
      return "sub";
    case BPF_MUL:
      return "mul";
    case BPF_DIV:
      return "div";
    case BPF_OR:
      return "or";
    case BPF_AND:
      return "and";
    case BPF_LSH:
      return "lsh";
    case BPF_RSH:
      return "rsh";
    case BPF_NEG:
      return "neg";
    case BPF_MOD:
      return "mod";
    case BPF_XOR:
      return "xor";
  }
  return "alu?";
}

std::string load_text(const sock_filter& instruction, ByteOrder byte_order) {
  const std::string_view name = BPF_CLASS(instruction.code) == BPF_LD ? "ld" : "ldx";
  switch (BPF_MODE(instruction.code)) {
    case BPF_ABS:
      return fmt::format("{:4} {}", name, word_text(instruction.k, byte_order));
    case BPF_IMM:
      return fmt::format("{:4} #{}", name, number_text(instruction.k));
    case BPF_MEM:
      return fmt::format("{:4} memory[{}]", name, instruction.k);
    case BPF_LEN:
      return fmt::format("{:4} length", name);
  }
  return fmt::format("{:4} ? {}", name, number_text(instruction.k));
}

std::string jump_text(const sock_filter& instruction, std::size_t at, const Context& context) {
  if (BPF_OP(instruction.code) == BPF_JA) return fmt::format("{:27} -> {:04}", "ja", at + 1 + instruction.k);
  const bool is_mask = instruction.code == (BPF_JMP | BPF_JSET | BPF_K);
  const std::string operand =
      is_mask ? fmt::format("{:#x}", instruction.k) : operand_text(instruction, context);
  const std::string test = fmt::format("{:4} {}", test_name(instruction), operand);
  const std::string text = fmt::format("{:27} -> {:04}", test, at + 1 + instruction.jt);
  return instruction.jf == 0 ? text : text + fmt::format(" | {:04}", at + 1 + instruction.jf);
}

std::string instruction_text(const Program& program, std::size_t at, const Context& context) {
  const sock_filter& instruction = program.instructions[at];
  switch (BPF_CLASS(instruction.code)) {
    case BPF_LD:
    case BPF_LDX:
      return load_text(instruction, program.byte_order);
    case BPF_ST:
      return fmt::format("st   memory[{}]", instruction.k);
    case BPF_STX:
      return fmt::format("stx  memory[{}]", instruction.k);
    case BPF_ALU:
      return fmt::format("{:4} {}", arithmetic_name(instruction),
                         BPF_SRC(instruction.code) == BPF_X ? "x" : fmt::format("{:#x}", instruction.k));
    case BPF_JMP:
      return jump_text(instruction, at, context);
    case BPF_RET:
      return BPF_RVAL(instruction.code) == BPF_A
                 ? "ret  a"
                 : fmt::format("ret  {}", ir::to_text(decode_action(instruction.k)));
    case BPF_MISC:
      return BPF_MISCOP(instruction.code) == BPF_TAX ? "tax" : "txa";
  }
  return "?";
}

}  // namespace

std::string disassemble(const Program& program) {
  const std::vector<Context> contexts = find_contexts(program);
  std::string text;
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    text += fmt::format("{:04}  {}\n", at, instruction_text(program, at, contexts[at]));
  }
  return text;
}

}  // namespace isola::backends::seccomp
