// A filter as text: mnemonics, where jumps go, and the names of what is known on the way.
//
//   0003  ld   nr
//   0004  jge  64 semget                        -> 0010
//   0005  jeq  41 socket                        -> 0020 socket | 0031 ERRNO(EPERM)
//   socket:
//   0020  ld   arg0.low family
//   0021  jeq  2 AF_INET                        -> 0030 ALLOW
//
// The second place of a jump is where it goes when the test fails, if that is not the next instruction.
// A label says which calls, or which architecture's, come here and not to the line above. Any program that
// the kernel takes is shown; what no filter of ours contains is shown, too.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/seccomp/program.h"
#include "compiler/kernel/arch.h"

namespace isola::backends::seccomp {

struct Line {
  std::string label;  // `socket`, `x86_64`; empty: the same as above
  std::string text;   // without the number
  bool is_reached = true;
};

// One for each instruction. `assumed`: the architecture of the calls where the program does not ask for it.
std::vector<Line> disassemble_lines(const Program& program,
                                    std::optional<kernel::Arch> assumed = std::nullopt);

// The lines with their numbers and labels.
std::string to_listing(const std::vector<Line>& lines);
std::string disassemble(const Program& program);

// `ALLOW`, `ERRNO(EPERM)`, `KILL_THREAD (data 7)`: a value that a filter returns. Errno names are those of
// the architecture.
std::string answer_text(std::uint32_t value, kernel::Arch arch = kernel::Arch::X86_64);

// `64`, `0x40000000`.
std::string number_text(std::uint64_t value);

// One instruction, not looking at the others; for messages about programs that the kernel refuses.
std::string bare_text(const Program& program, std::size_t at);

}  // namespace isola::backends::seccomp
