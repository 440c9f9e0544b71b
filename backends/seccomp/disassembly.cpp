#include "backends/seccomp/disassembly.h"

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "backends/seccomp/flow.h"
#include "backends/seccomp/value_names.h"
#include "compiler/kernel/constants.h"

namespace isola::backends::seccomp {

namespace {

constexpr std::size_t kOperandWidth = 35;
// Longer names of constants stand behind the instruction.
constexpr std::size_t kLongestInline = 24;

std::string_view test_name(std::uint16_t operation) {
  switch (operation) {
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

std::string_view arithmetic_name(std::uint16_t operation) {
  switch (operation) {
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

std::string word_text(std::uint32_t offset, ByteOrder byte_order) {
  if (const std::optional<Word> word = word_at(offset, byte_order)) {
    if (*word == kNumberWord) return "nr";
    if (*word == kArchWord) return "arch";
    return fmt::format("arg{}.{}", *word / 2, *word % 2 == 0 ? "low" : "high");
  }
  constexpr std::uint32_t kPointer = offsetof(seccomp_data, instruction_pointer);
  if (offset != kPointer && offset != kPointer + 4) return fmt::format("data[{}]", offset);
  const bool is_high = (offset == kPointer) == (byte_order == ByteOrder::Big);
  return is_high ? "ip.high" : "ip.low";
}

// The listing of one program.
class Listing {
 public:
  Listing(const Program& program, std::vector<Knowledge> knowledge)
      : program_(program), knowledge_(std::move(knowledge)) {}

  std::vector<Line> run() {
    std::vector<Line> lines;
    std::string above;
    for (std::size_t at = 0; at < program_.instructions.size(); ++at) {
      const std::string place = label_text(at);
      const std::string text = this->text(at);
      const std::string name = trailing_name(at);
      lines.push_back({place == above ? "" : place, name.empty() ? text : text + "  ; " + name,
                       knowledge_[at].is_reached()});
      if (!place.empty()) above = place;
    }
    return lines;
  }

  std::string text(std::size_t at) {
    const sock_filter& instruction = program_.instructions[at];
    switch (BPF_CLASS(instruction.code)) {
      case BPF_LD:
      case BPF_LDX:
        return load_text(at);
      case BPF_ST:
        return fmt::format("st   memory[{}]", instruction.k);
      case BPF_STX:
        return fmt::format("stx  memory[{}]", instruction.k);
      case BPF_ALU:
        return arithmetic_text(at);
      case BPF_JMP:
        return jump_text(at);
      case BPF_RET:
        return BPF_RVAL(instruction.code) == BPF_A ? "ret  a" : "ret  " + answer(at);
      case BPF_MISC:
        return BPF_MISCOP(instruction.code) == BPF_TAX ? "tax" : "txa";
    }
    return "?";
  }

 private:
  std::string answer(std::size_t at) const {
    return answer_text(program_.instructions[at].k, knowledge_[at].arch().value_or(kernel::Arch::X86_64));
  }

  // Of a load: which calls come to it, or which architecture's; empty where nothing is known.
  std::string place_text(std::size_t at) const {
    const Knowledge& known = knowledge_[at];
    if (program_.instructions[at].code != (BPF_LD | BPF_W | BPF_ABS)) return "";
    std::string names;
    for (const std::string& name : caller_names(known)) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty() || !known.arch()) return names;
    return std::string(kernel::info(*known.arch()).name);
  }

  // Also of a test of the number: whose numbers they are.
  std::string label_text(std::size_t at) const {
    const Knowledge& known = knowledge_[at];
    if (!is_test(program_.instructions[at]) || known.word != kNumberWord || !known.arch()) {
      return place_text(at);
    }
    return std::string(kernel::info(*known.arch()).name);
  }

  static std::vector<std::string> caller_names(const Knowledge& known) {
    std::vector<std::string> names;
    for (const Knowledge::Call& call : known.calls()) {
      std::string name = kernel::name(call.syscall).str();
      if (!llvm::is_contained(names, name)) names.push_back(std::move(name));
    }
    return names;
  }

  // The name that all calls which come here have for their argument; empty when there is none.
  std::string parameter_text(const Knowledge& known, std::size_t argument) const {
    std::string_view name;
    for (const Knowledge::Call& call : known.calls()) {
      const auto parameters = kernel::parameters(call.syscall, call.arch);
      const std::string_view found = argument < parameters.size() ? parameters[argument].name : "";
      if (found.empty() || (!name.empty() && found != name)) return "";
      name = found;
    }
    return std::string(name);
  }

  // The name that a constant has for all calls which come here; empty when there is none.
  std::string value_name(const Knowledge& known, std::uint32_t value, ValueUse use) {
    if (!known.word || *known.word >= kNumberWord || *known.word % 2 == 1) return "";
    std::string name;
    for (const Knowledge::Call& call : known.calls()) {
      const std::string& found = names_.find(call.syscall, call.arch, *known.word / 2, value, use);
      if (found.empty() || (!name.empty() && found != name)) return "";
      name = found;
    }
    return name;
  }

  // The name of an instruction's constant as an argument.
  std::string constant_name(std::size_t at) {
    const sock_filter& instruction = program_.instructions[at];
    switch (instruction.code) {
      // Not for the two tests of order: the ends of a range are no more than numbers.
      case BPF_JMP | BPF_JEQ | BPF_K:
        return value_name(knowledge_[at], instruction.k, ValueUse::Compared);
      case BPF_JMP | BPF_JSET | BPF_K:
      case BPF_ALU | BPF_AND | BPF_K:
        return value_name(knowledge_[at], instruction.k, ValueUse::Mask);
    }
    return "";
  }

  // A space and the name, unless it is long.
  std::string inline_name(std::size_t at) {
    const std::string name = constant_name(at);
    return name.empty() || name.size() > kLongestInline ? "" : " " + name;
  }

  std::string trailing_name(std::size_t at) {
    const std::string name = constant_name(at);
    return name.size() > kLongestInline ? name : "";
  }

  static std::string number_operand(const Knowledge& known, const sock_filter& instruction) {
    const std::uint32_t value = instruction.k;
    const std::optional<kernel::Arch> arch = known.arch();
    if (!arch) return number_text(value);
    const bool is_x32 = arch == kernel::Arch::X86_64 && value >= kernel::kX32Bit;
    const bool is_border = is_x32 && value == kernel::kX32Bit && BPF_OP(instruction.code) == BPF_JGE;
    if (is_border) return number_text(value) + " x32";
    const auto call = kernel::syscall_at(is_x32 ? kernel::Arch::X32 : *arch, value);
    return call ? fmt::format("{} {}", number_text(value), kernel::name(*call).str()) : number_text(value);
  }

  // What a test holds the accumulator against, with the name that it has there.
  std::string operand_text(std::size_t at) {
    const sock_filter& instruction = program_.instructions[at];
    const Knowledge& known = knowledge_[at];
    const std::uint32_t value = instruction.k;
    if (BPF_SRC(instruction.code) == BPF_X) return "x";
    if (BPF_OP(instruction.code) == BPF_JSET) {
      return fmt::format("{:#x}", value) + inline_name(at);
    }
    if (known.word == kArchWord) {
      const auto arch = arch_of(value);
      return arch ? std::string(kernel::info(*arch).name) : number_text(value);
    }
    if (known.word == kNumberWord) return number_operand(known, instruction);
    return number_text(value) + inline_name(at);
  }

  // Loads that seccomp refuses: of bytes, of half words, and behind the index register.
  static bool is_of_packets(const sock_filter& instruction) {
    const auto mode = BPF_MODE(instruction.code);
    return BPF_SIZE(instruction.code) != BPF_W || mode == BPF_IND || mode == BPF_MSH;
  }

  std::string load_text(std::size_t at) const {
    const sock_filter& instruction = program_.instructions[at];
    const std::string_view name = BPF_CLASS(instruction.code) == BPF_LD ? "ld" : "ldx";
    if (is_of_packets(instruction)) return fmt::format("{:4} packet[{}]", name, instruction.k);
    switch (BPF_MODE(instruction.code)) {
      case BPF_ABS: {
        const auto word = word_at(instruction.k, program_.byte_order);
        const bool is_argument = word && *word < kNumberWord;
        const std::string parameter = is_argument ? parameter_text(knowledge_[at], *word / 2) : "";
        return fmt::format("{:4} {}{}{}", name, word_text(instruction.k, program_.byte_order),
                           parameter.empty() ? "" : " ", parameter);
      }
      case BPF_IMM:
        return fmt::format("{:4} #{}", name, number_text(instruction.k));
      case BPF_MEM:
        return fmt::format("{:4} memory[{}]", name, instruction.k);
      case BPF_LEN:
        return fmt::format("{:4} length", name);
    }
    return fmt::format("{:4} ? {}", name, number_text(instruction.k));
  }

  std::string arithmetic_text(std::size_t at) {
    const sock_filter& instruction = program_.instructions[at];
    const auto operation = static_cast<std::uint16_t>(BPF_OP(instruction.code));
    const std::string_view name = arithmetic_name(operation);
    if (operation == BPF_NEG) return std::string(name);
    if (BPF_SRC(instruction.code) == BPF_X) return fmt::format("{:4} x", name);
    const bool is_shift = operation == BPF_LSH || operation == BPF_RSH;
    if (is_shift) return fmt::format("{:4} {}", name, instruction.k);
    return fmt::format("{:4} {:#x}{}", name, instruction.k, inline_name(at));
  }

  // A place to jump to: its number, and what is there.
  std::string target_text(std::size_t from, std::size_t at) const {
    if (at >= program_.instructions.size()) return fmt::format("{:04}", at);
    if (program_.instructions[at].code == (BPF_RET | BPF_K)) return fmt::format("{:04} {}", at, answer(at));
    const std::string place = place_text(at);
    const bool is_known = place.empty() || knowledge_[at].callers == knowledge_[from].callers;
    return is_known ? fmt::format("{:04}", at) : fmt::format("{:04} {}", at, place);
  }

  std::string jump_text(std::size_t at) {
    const sock_filter& instruction = program_.instructions[at];
    if (!is_test(instruction)) {
      return fmt::format("{:{}} -> {}", "ja", kOperandWidth, target_text(at, at + 1 + instruction.k));
    }
    const std::string_view name = test_name(static_cast<std::uint16_t>(BPF_OP(instruction.code)));
    const std::string test = fmt::format("{:4} {}", name, operand_text(at));
    const std::string text =
        fmt::format("{:{}} -> {}", test, kOperandWidth, target_text(at, at + 1 + instruction.jt));
    return instruction.jf == 0 ? text : text + " | " + target_text(at, at + 1 + instruction.jf);
  }

  const Program& program_;
  std::vector<Knowledge> knowledge_;
  ValueNames names_;
};

std::string errno_text(std::uint16_t value, kernel::Arch arch) {
  const auto name = kernel::errno_name(value, arch);
  return name ? name->str() : fmt::format("{}", value);
}

}  // namespace

std::vector<Line> disassemble_lines(const Program& program, std::optional<kernel::Arch> assumed) {
  return Listing(program, find_knowledge(program, assumed)).run();
}

std::string to_listing(const std::vector<Line>& lines) {
  std::string text;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (!lines[at].label.empty()) text += lines[at].label + ":\n";
    text += fmt::format("{:04}  {}{}\n", at, lines[at].text, lines[at].is_reached ? "" : "  (never reached)");
  }
  return text;
}

std::string disassemble(const Program& program) {
  return to_listing(disassemble_lines(program));
}

std::string answer_text(std::uint32_t value, kernel::Arch arch) {
  const auto data = static_cast<std::uint16_t>(value & SECCOMP_RET_DATA);
  const auto with_data = [&](std::string_view name) {
    return data == 0 ? std::string(name) : fmt::format("{} (data {})", name, data);
  };
  switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return with_data("ALLOW");
    case SECCOMP_RET_LOG:
      return with_data("LOG");
    case SECCOMP_RET_ERRNO:
      return fmt::format("ERRNO({})", errno_text(data, arch));
    case SECCOMP_RET_TRACE:
      return fmt::format("TRACE({})", data);
    case SECCOMP_RET_TRAP:
      return data == 0 ? "TRAP" : fmt::format("TRAP({})", data);
    case SECCOMP_RET_KILL_THREAD:
      return with_data("KILL_THREAD");
    case SECCOMP_RET_KILL_PROCESS:
      return with_data("KILL_PROCESS");
    case SECCOMP_RET_USER_NOTIF:
      return with_data("USER_NOTIF");
  }
  return fmt::format("KILL_PROCESS ({:#x} is no action)", value);
}

std::string number_text(std::uint64_t value) {
  return value < 4096 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string bare_text(const Program& program, std::size_t at) {
  return Listing(program, std::vector<Knowledge>(program.instructions.size())).text(at);
}

}  // namespace isola::backends::seccomp
