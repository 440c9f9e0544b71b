// Whether the kernel takes a program, and why not.
//
// Everything else that reads programs stands on this: what passes here ends with an answer on every way,
// stays within the data and its scratch memory, and holds known instructions only. Held against the running
// kernel by tests/seccomp.
//
// Source: bpf_check_classic, check_load_and_stores and chk_code_allowed, net/core/filter.c;
// seccomp_check_filter, kernel/seccomp.c; Linux 6.12.

#pragma once

#include <optional>
#include <string>

#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

struct Refusal {
  std::size_t at = 0;  // the instruction, from 0; 0 when it is about the whole
  std::string reason;  // `a load at 6 bytes, which is no multiple of 4`
};

// What the kernel would refuse first, in program order; nothing when it takes the program.
std::optional<Refusal> find_refusal(const Program& program);

// Bytes to a program that the kernel takes, or why it does not. `byte_order` is that of the machine.
struct CheckedProgram {
  std::optional<Program> program;
  Refusal refusal;  // when there is no program
};
CheckedProgram read_program(llvm::StringRef bytes, ByteOrder byte_order);

}  // namespace isola::backends::seccomp
