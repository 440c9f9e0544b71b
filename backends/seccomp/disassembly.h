// A filter as text: mnemonics, the names of architectures, calls and actions, and where jumps go.
//
//   0003  ld   nr
//   0004  jge  64 semget            -> 0010
//   0005  jeq  41 socket            -> 0020 | 0031       the second place is where it goes when the test
//   fails
//
// Any classic BPF program may be shown; what no filter of ours contains is shown, too.

#pragma once

#include <string>

#include "backends/seccomp/program.h"

namespace isola::backends::seccomp {

std::string disassemble(const Program& program);

}  // namespace isola::backends::seccomp
