// A classic BPF program for seccomp: its bytes, and what it answers.

#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/seccomp/model.h"
#include "compiler/ir/decision_diagram.h"

namespace isola::backends::seccomp {

// Longest filter the kernel takes, in instructions. Source: linux/bpf_common.h, Linux 6.12.
constexpr std::size_t kMostInstructions = BPF_MAXINSNS;

struct Program {
  ByteOrder byte_order{};
  std::vector<sock_filter> instructions;
};

// An array of struct sock_filter as a machine of the program's byte order has it in memory.
std::string to_bytes(const Program& program);
// Nothing when the bytes are no whole number of instructions, none at all or too many.
std::optional<Program> from_bytes(llvm::StringRef bytes, ByteOrder byte_order);

// The byte order in which a file of instructions was written. Operation codes are 16 bits of which the upper
// eight are always zero, so of the first two bytes of an instruction the one that is not zero tells; most
// instructions decide, and little-endian is what is assumed when none does.
ByteOrder guess_byte_order(llvm::StringRef bytes);

// Where a word lies in struct seccomp_data, in bytes, and back.
std::uint32_t offset_of(Word word, ByteOrder byte_order);
std::optional<Word> word_at(std::uint32_t offset, ByteOrder byte_order);

// A call as the kernel hands it to a filter.
seccomp_data data_of(const ir::CallWords& call);

// Runs any program that the kernel would take, scratch memory and arithmetic included. Nothing when it would
// not: an instruction that seccomp refuses, a jump or a load out of bounds, an end without an answer.
// `executed`, when given, receives the number of instructions run.
std::optional<std::uint32_t> run(const Program& program, const seccomp_data& data,
                                 std::size_t* executed = nullptr);

}  // namespace isola::backends::seccomp
