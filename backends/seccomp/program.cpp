#include "backends/seccomp/program.h"

#include <llvm/Support/Endian.h>

#include <array>
#include <cstddef>

namespace isola::backends::seccomp {

namespace {

constexpr std::size_t kInstructionSize = 8;  // code 16 bits, jt 8, jf 8, k 32

llvm::endianness endianness_of(ByteOrder byte_order) {
  return byte_order == ByteOrder::Little ? llvm::endianness::little : llvm::endianness::big;
}

// Upper halves come second in little-endian words and first in big-endian ones.
std::uint32_t half_offset(bool is_upper, ByteOrder byte_order) {
  return is_upper == (byte_order == ByteOrder::Little) ? 4 : 0;
}

}  // namespace

std::string to_bytes(const Program& program) {
  std::string bytes(program.instructions.size() * kInstructionSize, '\0');
  char* at = bytes.data();
  const llvm::endianness order = endianness_of(program.byte_order);
  for (const sock_filter& instruction : program.instructions) {
    llvm::support::endian::write16(at, instruction.code, order);
    at[2] = static_cast<char>(instruction.jt);
    at[3] = static_cast<char>(instruction.jf);
    llvm::support::endian::write32(at + 4, instruction.k, order);
    at += kInstructionSize;
  }
  return bytes;
}

std::optional<Program> from_bytes(llvm::StringRef bytes, ByteOrder byte_order) {
  const std::size_t count = bytes.size() / kInstructionSize;
  if (count == 0 || count > kMostInstructions || bytes.size() % kInstructionSize != 0) return std::nullopt;
  Program program{byte_order, {}};
  const llvm::endianness order = endianness_of(byte_order);
  for (std::size_t index = 0; index < count; ++index) {
    const char* at = bytes.data() + index * kInstructionSize;
    program.instructions.push_back({.code = llvm::support::endian::read16(at, order),
                                    .jt = static_cast<std::uint8_t>(at[2]),
                                    .jf = static_cast<std::uint8_t>(at[3]),
                                    .k = llvm::support::endian::read32(at + 4, order)});
  }
  return program;
}

ByteOrder guess_byte_order(llvm::StringRef bytes) {
  std::size_t little = 0;
  std::size_t big = 0;
  for (std::size_t at = 0; at + kInstructionSize <= bytes.size(); at += kInstructionSize) {
    if (bytes[at] != 0) ++little;
    if (bytes[at + 1] != 0) ++big;
  }
  return big > little ? ByteOrder::Big : ByteOrder::Little;
}

std::uint32_t offset_of(Word word, ByteOrder byte_order) {
  if (word == kNumberWord) return offsetof(seccomp_data, nr);
  if (word == kArchWord) return offsetof(seccomp_data, arch);
  const std::uint32_t argument = offsetof(seccomp_data, args) + 8 * (word / 2);
  return argument + half_offset(word % 2 == 1, byte_order);
}

std::optional<Word> word_at(std::uint32_t offset, ByteOrder byte_order) {
  for (Word word = 0; word <= kArchWord; ++word) {
    if (offset_of(word, byte_order) == offset) return word;
  }
  return std::nullopt;
}

seccomp_data data_of(const ir::CallWords& call) {
  seccomp_data data{.nr = static_cast<int>(call[ir::kHeadWord]),
                    .arch = static_cast<std::uint32_t>(call[ir::kHeadWord] >> 32),
                    .instruction_pointer = call[ir::kPointerWord],
                    .args = {}};
  for (std::size_t index = 0; index < ir::kMaxArguments; ++index) {
    data.args[index] = call[ir::kFirstArgumentWord + index];
  }
  return data;
}

}  // namespace isola::backends::seccomp
