#include "tests/seccomp/z3_terms.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <map>

#include "compiler/kernel/syscalls.h"

namespace isola::testing {

using kernel::Arch;

CallTerms::CallTerms(z3::context& context)
    : arch(context.bv_const("arch", 32)),
      number(context.bv_const("number", 32)),
      pointer(context.bv_const("pointer", 64)) {
  for (std::size_t index = 0; index < ir::kMaxArguments; ++index) {
    arguments.push_back(context.bv_const(fmt::format("argument{}", index).c_str(), 64));
  }
}

// ---- the filter

namespace {

struct Instruction {
  unsigned code, then, otherwise;
  std::uint32_t constant;
};

std::vector<Instruction> read_instructions(const std::string& bytes, bool is_big_endian) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
  };
  const auto number = [&](std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < count; ++index) {
      const std::size_t place = is_big_endian ? count - 1 - index : index;
      value |= byte(at + index) << (8 * place);
    }
    return value;
  };
  std::vector<Instruction> found;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    found.push_back({number(at, 2), byte(at + 2), byte(at + 3), number(at + 4, 4)});
  }
  return found;
}

// Walks the program from an instruction with given registers; what comes after equal registers is one term.
class Walker {
 public:
  Walker(const CallTerms& call, std::vector<Instruction> program, bool is_big_endian)
      : call_(call), program_(std::move(program)), is_big_endian_(is_big_endian) {}

  z3::expr run() { return from(0, {.accumulator = word(0), .index = word(0), .memory = {}}); }

 private:
  struct Registers {
    z3::expr accumulator, index;
    std::map<std::uint32_t, z3::expr> memory;
  };

  z3::context& context() const { return call_.arch.ctx(); }
  z3::expr word(std::uint32_t value) const { return context().bv_val(value, 32); }

  static std::vector<unsigned> key(std::size_t at, const Registers& registers) {
    std::vector<unsigned> key{static_cast<unsigned>(at), registers.accumulator.id(), registers.index.id()};
    for (const auto& [cell, value] : registers.memory) {
      key.push_back(cell);
      key.push_back(value.id());
    }
    return key;
  }

  z3::expr from(std::size_t at, const Registers& registers) {
    const std::vector<unsigned> place = key(at, registers);
    if (const auto found = done_.find(place); found != done_.end()) return found->second;
    const z3::expr answer = step(at, registers);
    done_.emplace(place, answer);
    kept_.push_back(registers);  // so that no other term gets one of the ids
    return answer;
  }

  z3::expr step(std::size_t at, Registers registers) {
    const Instruction& instruction = program_.at(at);
    const unsigned operation = instruction.code & 0xf0;
    const z3::expr operand = (instruction.code & BPF_X) != 0 ? registers.index : word(instruction.constant);
    switch (instruction.code & 0x07) {
      case BPF_RET:
        return (instruction.code & 0x18) == BPF_A ? registers.accumulator : word(instruction.constant);
      case BPF_LD:
        registers.accumulator = loaded(instruction, registers);
        break;
      case BPF_LDX:
        registers.index = loaded(instruction, registers);
        break;
      case BPF_ST:
        registers.memory.insert_or_assign(instruction.constant, registers.accumulator);
        break;
      case BPF_STX:
        registers.memory.insert_or_assign(instruction.constant, registers.index);
        break;
      case BPF_MISC:
        (instruction.code == (BPF_MISC | BPF_TAX) ? registers.index : registers.accumulator) =
            instruction.code == (BPF_MISC | BPF_TAX) ? registers.accumulator : registers.index;
        break;
      case BPF_JMP:
        if (operation == BPF_JA) return from(at + 1 + instruction.constant, registers);
        return branch(at, instruction, registers, compared(operation, registers.accumulator, operand));
      case BPF_ALU: {
        const z3::expr left = registers.accumulator;
        registers.accumulator = computed(operation, left, operand).simplify();
        if (operation != BPF_DIV) break;
        return z3::ite(operand == word(0), word(0), from(at + 1, registers)).simplify();
      }
    }
    return from(at + 1, registers);
  }

  z3::expr branch(std::size_t at, const Instruction& instruction, const Registers& registers,
                  const z3::expr& holds) {
    const z3::expr known = holds.simplify();
    if (known.is_true()) return from(at + 1 + instruction.then, registers);
    if (known.is_false()) return from(at + 1 + instruction.otherwise, registers);
    return z3::ite(known, from(at + 1 + instruction.then, registers),
                   from(at + 1 + instruction.otherwise, registers));
  }

  z3::expr loaded(const Instruction& instruction, const Registers& registers) const {
    switch (instruction.code & 0xe0) {
      case BPF_IMM:
        return word(instruction.constant);
      case BPF_LEN:
        return word(64);
      case BPF_MEM:
        return registers.memory.at(instruction.constant);
    }
    const std::uint32_t offset = instruction.constant;
    if (offset == 0) return call_.number;
    if (offset == 4) return call_.arch;
    const z3::expr& whole = offset < 16 ? call_.pointer : call_.arguments.at((offset - 16) / 8);
    const bool is_upper = (offset % 8 == 4) != is_big_endian_;
    return is_upper ? whole.extract(63, 32) : whole.extract(31, 0);
  }

  static z3::expr compared(unsigned operation, const z3::expr& left, const z3::expr& right) {
    switch (operation) {
      case BPF_JEQ:
        return left == right;
      case BPF_JGT:
        return z3::ugt(left, right);
      case BPF_JGE:
        return z3::uge(left, right);
    }
    return (left & right) != left.ctx().bv_val(0, 32);
  }

  static z3::expr computed(unsigned operation, const z3::expr& left, const z3::expr& right) {
    const z3::expr count = right & right.ctx().bv_val(31, 32);
    switch (operation) {
      case BPF_ADD:
        return left + right;
      case BPF_SUB:
        return left - right;
      case BPF_MUL:
        return left * right;
      case BPF_DIV:
        return z3::udiv(left, right);
      case BPF_OR:
        return left | right;
      case BPF_AND:
        return left & right;
      case BPF_XOR:
        return left ^ right;
      case BPF_LSH:
        return z3::shl(left, count);
      case BPF_RSH:
        return z3::lshr(left, count);
    }
    return -left;
  }

  const CallTerms& call_;
  std::vector<Instruction> program_;
  bool is_big_endian_;
  std::map<std::vector<unsigned>, z3::expr> done_;
  std::vector<Registers> kept_;
};

}  // namespace

z3::expr filter_term(const CallTerms& call, const std::string& bytes, bool is_big_endian) {
  return Walker(call, read_instructions(bytes, is_big_endian), is_big_endian).run();
}

// ---- the policy

namespace {

std::uint32_t answer_of(ir::SyscallAction action) {
  using Kind = ir::SyscallAction::Kind;
  switch (action.kind) {
    case Kind::Allow:
      return 0x7fff0000;
    case Kind::Log:
      return 0x7ffc0000;
    case Kind::Trace:
      return 0x7ff00000 + action.value;
    case Kind::Notify:
      return 0x7fc00000;
    case Kind::Errno:
      return 0x00050000 + action.value;
    case Kind::Trap:
      return 0x00030000;
    case Kind::KillThread:
      return 0x00000000;
    case Kind::KillProcess:
      return 0x80000000;
  }
  return 0x80000000;
}

class PolicyTerms {
 public:
  PolicyTerms(const CallTerms& call, const ir::Profile& profile) : call_(call), profile_(profile) {}

  z3::expr run(bool is_big_endian) {
    z3::expr answer = word(answer_of(profile_.syscalls.foreign));
    for (const Arch arch : profile_.syscalls.arches) {
      const kernel::ArchInfo& info = kernel::info(arch);
      if (info.is_big_endian != is_big_endian) continue;
      const z3::expr is_arch = call_.arch == word(info.audit_arch) && belongs_to(arch);
      answer = z3::ite(is_arch, table(arch), answer);
    }
    return answer;
  }

 private:
  z3::context& context() const { return call_.arch.ctx(); }
  z3::expr word(std::uint32_t value) const { return context().bv_val(value, 32); }

  // x86_64 and x32 share an architecture; bit 30 and above say which it is, and -1 is no call of either.
  z3::expr belongs_to(Arch arch) const {
    const z3::expr is_none = call_.number == word(0xffffffff);
    if (arch == Arch::X86_64) return is_none || z3::ult(call_.number, word(0x40000000));
    if (arch == Arch::X32) return is_none || z3::uge(call_.number, word(0x40000000));
    return context().bool_val(true);
  }

  z3::expr table(Arch arch) const {
    z3::expr answer = word(answer_of(profile_.syscalls.newer));
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      const auto call = static_cast<kernel::SyscallId>(index);
      const auto number = kernel::number(call, arch);
      if (!number || kernel::syscall_at(arch, *number) != call) continue;
      answer = z3::ite(call_.number == word(*number), fate(arch, call), answer);
    }
    return answer;
  }

  // The first rule that holds decides, so the last one is innermost.
  z3::expr fate(Arch arch, kernel::SyscallId call) const {
    std::vector<const ir::SyscallUse*> rules;
    for (const ir::Rule& rule : profile_.rules) {
      const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
      if (use != nullptr && use->arch == arch && use->syscall == call) rules.push_back(use);
    }
    const bool is_known = !rules.empty() || kernel::since(call, arch) <= profile_.syscalls.vocabulary;
    z3::expr answer = word(answer_of(is_known ? profile_.syscalls.otherwise : profile_.syscalls.newer));
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
      answer = z3::ite(holds((*rule)->condition), word(answer_of((*rule)->action)), answer);
    }
    return answer;
  }

  z3::expr holds(const ir::ArgumentCondition& condition) const {
    switch (condition.kind) {
      case ir::ArgumentCondition::Kind::Always:
        return context().bool_val(true);
      case ir::ArgumentCondition::Kind::Test:
        return holds(condition.test);
      case ir::ArgumentCondition::Kind::All:
      case ir::ArgumentCondition::Kind::Any:
        break;
    }
    const bool is_all = condition.kind == ir::ArgumentCondition::Kind::All;
    z3::expr whole = context().bool_val(is_all);
    for (const ir::ArgumentCondition& operand : condition.operands) {
      whole = is_all ? whole && holds(operand) : whole || holds(operand);
    }
    return whole;
  }

  z3::expr holds(const ir::ArgumentTest& test) const {
    const z3::expr read = call_.arguments.at(test.index).extract(test.bits - 1U, 0);
    const auto value = [&](std::uint64_t number) {
      return context().bv_val(std::uint64_t{number}, 64).extract(test.bits - 1U, 0);
    };
    const z3::expr masked = read & value(test.mask);
    z3::expr within = context().bool_val(false);
    for (const ir::ValueRange& range : test.ranges) {
      within = within || (z3::uge(masked, value(range.low)) && z3::ule(masked, value(range.high)));
    }
    return within;
  }

  const CallTerms& call_;
  const ir::Profile& profile_;
};

}  // namespace

z3::expr policy_term(const CallTerms& call, const ir::Profile& profile, bool is_big_endian) {
  return PolicyTerms(call, profile).run(is_big_endian);
}

// ---- the kernel

z3::expr effect_of(const z3::expr& answer) {
  z3::context& context = answer.ctx();
  const auto word = [&](std::uint32_t value) { return context.bv_val(value, 32); };
  const z3::expr action = answer & word(0xffff0000);
  const z3::expr data = answer & word(0xffff);
  const z3::expr error = action | z3::ite(z3::ugt(data, word(4095)), word(4095), data);
  const auto is_any_of = [&](std::initializer_list<std::uint32_t> actions) {
    z3::expr found = context.bool_val(false);
    for (const std::uint32_t each : actions) found = found || action == word(each);
    return found;
  };
  const z3::expr plain =
      z3::ite(is_any_of({0x7fff0000, 0x7ffc0000, 0x7fc00000, 0}), action, word(0x80000000));
  return z3::ite(is_any_of({0x00050000}), error, z3::ite(is_any_of({0x7ff00000, 0x00030000}), answer, plain));
}

z3::expr is_possible(const CallTerms& call, bool is_big_endian) {
  z3::context& context = call.arch.ctx();
  z3::expr possible = context.bool_val(true);
  z3::expr has_upper_half = call.pointer.extract(63, 32) != context.bv_val(0, 32);
  for (const z3::expr& argument : call.arguments) {
    has_upper_half = has_upper_half || argument.extract(63, 32) != context.bv_val(0, 32);
  }
  for (const kernel::ArchInfo& info : kernel::all_arches()) {
    const z3::expr is_arch = call.arch == context.bv_val(info.audit_arch, 32);
    if (info.is_big_endian != is_big_endian) possible = possible && !is_arch;
    if (!info.is_64_bit) possible = possible && !(is_arch && has_upper_half);
  }
  return possible;
}

// ---- the question

std::optional<Counterexample> find_difference(const CallTerms& call, const z3::expr& left,
                                              const z3::expr& right, const z3::expr& where) {
  z3::solver solver(left.ctx(), "QF_BV");
  solver.add(where);
  solver.add(left != right);
  const z3::check_result result = solver.check();
  if (result == z3::unsat) return std::nullopt;
  if (result == z3::unknown) {
    fmt::print("Z3 gives up: {}\n", solver.reason_unknown());
    std::exit(EXIT_FAILURE);
  }
  const z3::model model = solver.get_model();
  const auto value = [&](const z3::expr& term) { return model.eval(term, true).get_numeral_uint64(); };
  Counterexample found{.arch = static_cast<std::uint32_t>(value(call.arch)),
                       .number = static_cast<std::uint32_t>(value(call.number)),
                       .pointer = value(call.pointer),
                       .left = static_cast<std::uint32_t>(value(left)),
                       .right = static_cast<std::uint32_t>(value(right))};
  for (std::size_t index = 0; index < ir::kMaxArguments; ++index)
    found.arguments[index] = value(call.arguments[index]);
  return found;
}

}  // namespace isola::testing
