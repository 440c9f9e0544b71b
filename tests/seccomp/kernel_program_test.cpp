// Programs of every instruction against the running kernel: whether it takes them, and what they answer.
//
//   seccomp_kernel_program_tests [--seed N] [--count N]
//
// Each program ends by returning its accumulator as an errno, so what the kernel computed can be seen from
// outside: arithmetic, scratch memory, division by zero. Built on x86_64 only; a kernel without seccomp
// filters is a failure.

#include <fmt/format.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/disassembly.h"
#include "backends/seccomp/kernel_check.h"
#include "tests/seccomp/random_profile.h"
#include "tests/seccomp/test_options.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

constexpr std::uint16_t kCodes[] = {BPF_LD | BPF_W | BPF_ABS,
                                    BPF_LD | BPF_W | BPF_ABS,
                                    BPF_LD | BPF_IMM,
                                    BPF_LDX | BPF_IMM,
                                    BPF_LD | BPF_MEM,
                                    BPF_LDX | BPF_MEM,
                                    BPF_LD | BPF_W | BPF_LEN,
                                    BPF_LDX | BPF_W | BPF_LEN,
                                    BPF_ST,
                                    BPF_STX,
                                    BPF_MISC | BPF_TAX,
                                    BPF_MISC | BPF_TXA,
                                    BPF_ALU | BPF_ADD | BPF_K,
                                    BPF_ALU | BPF_ADD | BPF_X,
                                    BPF_ALU | BPF_SUB | BPF_K,
                                    BPF_ALU | BPF_SUB | BPF_X,
                                    BPF_ALU | BPF_MUL | BPF_K,
                                    BPF_ALU | BPF_MUL | BPF_X,
                                    BPF_ALU | BPF_DIV | BPF_K,
                                    BPF_ALU | BPF_DIV | BPF_X,
                                    BPF_ALU | BPF_AND | BPF_K,
                                    BPF_ALU | BPF_AND | BPF_X,
                                    BPF_ALU | BPF_OR | BPF_K,
                                    BPF_ALU | BPF_OR | BPF_X,
                                    BPF_ALU | BPF_XOR | BPF_K,
                                    BPF_ALU | BPF_XOR | BPF_X,
                                    BPF_ALU | BPF_LSH | BPF_K,
                                    BPF_ALU | BPF_LSH | BPF_X,
                                    BPF_ALU | BPF_RSH | BPF_K,
                                    BPF_ALU | BPF_RSH | BPF_X,
                                    BPF_ALU | BPF_NEG,
                                    BPF_ALU | BPF_MOD | BPF_K,
                                    BPF_JMP | BPF_JA,
                                    BPF_JMP | BPF_JEQ | BPF_K,
                                    BPF_JMP | BPF_JEQ | BPF_X,
                                    BPF_JMP | BPF_JGT | BPF_K,
                                    BPF_JMP | BPF_JGT | BPF_X,
                                    BPF_JMP | BPF_JGE | BPF_K,
                                    BPF_JMP | BPF_JGE | BPF_X,
                                    BPF_JMP | BPF_JSET | BPF_K,
                                    BPF_JMP | BPF_JSET | BPF_X,
                                    BPF_LD | BPF_H | BPF_ABS,
                                    BPF_LD | BPF_W | BPF_IND,
                                    BPF_RET | BPF_X};

constexpr std::uint32_t kValues[] = {0,  1,   2,    3,          7,          31,        32,
                                     33, 255, 4095, 0x7fffffff, 0x80000000, 0xffffffff};

sock_filter random_instruction(testing::Random& random) {
  sock_filter instruction{random.pick(kCodes), 0, 0, random.pick(kValues)};
  const std::uint16_t code = instruction.code;
  if (random.chance(1)) instruction.code = static_cast<std::uint16_t>(random.bits());
  if (code == (BPF_LD | BPF_W | BPF_ABS)) {
    instruction.k =
        random.chance(97) ? static_cast<std::uint32_t>(4 * random.below(16)) : random.pick(kValues);
  }
  if (BPF_MODE(code) == BPF_MEM || code == BPF_ST || code == BPF_STX) {
    instruction.k = static_cast<std::uint32_t>(random.chance(97) ? random.below(2) : random.below(20));
  }
  if (BPF_CLASS(code) != BPF_JMP) return instruction;
  instruction.jt = static_cast<std::uint8_t>(random.below(4));
  instruction.jf = static_cast<std::uint8_t>(random.below(4));
  if (BPF_OP(code) == BPF_JA) instruction.k = static_cast<std::uint32_t>(random.below(4));
  return instruction;
}

// The last instructions make an errno of whatever the accumulator holds.
Program random_program(testing::Random& random) {
  Program program{ByteOrder::Little, {}};
  for (std::size_t count = 1 + random.below(10); count > 0; --count) {
    program.instructions.push_back(random_instruction(random));
  }
  program.instructions.push_back({BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x7ff});
  program.instructions.push_back({BPF_ALU | BPF_OR | BPF_K, 0, 0, SECCOMP_RET_ERRNO});
  program.instructions.push_back({BPF_RET | BPF_A, 0, 0, 0});
  return program;
}

// ---- the kernel

struct Report {
  bool is_installed;
  int error;     // of the installation
  bool is_back;  // the call returned
  long result;   // of the call
};
Report* report = nullptr;  // shared with the children

// `getppid`, with registers that the filter looks at.
long call_getppid(const ir::Arguments& arguments) {
  register std::uint64_t fourth asm("r10") = arguments[3];
  register std::uint64_t fifth asm("r8") = arguments[4];
  register std::uint64_t sixth asm("r9") = arguments[5];
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(std::uint64_t{SYS_getppid}), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]),
                 "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}

// Ends by an illegal instruction, which needs no call.
[[noreturn]] void run_child(const Program& program, const ir::Arguments& arguments) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const sock_fprog filter{static_cast<unsigned short>(program.instructions.size()),
                          const_cast<sock_filter*>(program.instructions.data())};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    report->error = errno;
    __builtin_trap();
  }
  report->is_installed = true;
  report->result = call_getppid(arguments);
  report->is_back = true;
  __builtin_trap();
}

Report observe(const Program& program, const ir::Arguments& arguments) {
  *report = {};
  const pid_t child = fork();
  if (child == 0) run_child(program, arguments);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    std::perror("fork");
    std::exit(EXIT_FAILURE);
  }
  return *report;
}

// Without a tracer or a listener the kernel answers ENOSYS; jumps may lead around the last instructions.
bool shows(const Report& seen, std::uint32_t answer) {
  switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ERRNO:
      return seen.is_back && seen.result == -static_cast<long>(answer & SECCOMP_RET_DATA);
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
      return seen.is_back && seen.result == getpid();
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_USER_NOTIF:
      return seen.is_back && seen.result == -ENOSYS;
  }
  return !seen.is_back;
}

// What went wrong; empty when nothing did.
std::string check(const Program& program, const ir::Arguments& arguments, const Report& seen) {
  const std::optional<Refusal> refusal = find_refusal(program);
  if (!seen.is_installed && seen.error != EINVAL) return fmt::format("the kernel says {}", seen.error);
  if (!seen.is_installed) return refusal ? "" : "the kernel refuses it, we do not";
  if (refusal)
    return fmt::format("the kernel takes it, we say: instruction {}: {}", refusal->at, refusal->reason);
  seccomp_data data{.nr = SYS_getppid, .arch = AUDIT_ARCH_X86_64, .instruction_pointer = 0, .args = {}};
  std::copy(arguments.begin(), arguments.end(), data.args);
  const auto answer = run(program, data);
  if (!answer) return "our interpreter has no answer";
  if (shows(seen, effective_answer(*answer))) return "";
  return fmt::format("the call returns {} ({}), we say {:#x}", seen.result, seen.is_back, *answer);
}

bool reads_pointer(const Program& program) {
  const auto reads = [](const sock_filter& instruction) {
    return instruction.code == (BPF_LD | BPF_W | BPF_ABS) && (instruction.k == 8 || instruction.k == 12);
  };
  return std::any_of(program.instructions.begin(), program.instructions.end(), reads);
}

}  // namespace

int main(int count, char** words) {
  const testing::TestOptions options(count, words, {"seed", "count"});
  const std::uint64_t seed = options.seed();
  const std::uint64_t programs = options.number("count", 2000);
  void* shared = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return EXIT_FAILURE;
  report = static_cast<Report*>(shared);
  fmt::print("seed {}, {} programs\n", seed, programs);
  std::fflush(stdout);
  testing::Random random(seed);
  std::size_t taken = 0;
  for (std::uint64_t done = 0; done < programs; ++done) {
    const Program program = random_program(random);
    ir::Arguments arguments;
    for (std::uint64_t& argument : arguments) {
      argument = (std::uint64_t{random.pick(kValues)} << 32) | random.pick(kValues);
    }
    if (reads_pointer(program)) continue;  // which only the child knows
    const Report seen = observe(program, arguments);
    taken += seen.is_installed ? 1 : 0;
    const std::string failure = check(program, arguments, seen);
    if (failure.empty()) continue;
    fmt::print("{}{}\narguments", disassemble(program), failure);
    for (const std::uint64_t argument : arguments) fmt::print(" {:#x}", argument);
    fmt::print("\n");
    return EXIT_FAILURE;
  }
  fmt::print("the kernel agrees on all; it takes {}\n", taken);
  return taken * 10 >= programs ? EXIT_SUCCESS : EXIT_FAILURE;
}
