// `isola disasm` against the listings of another disassembler (seccomp-tools): each instruction of both is
// put into one form, from its text alone, and the two must be equal.
//
//   A = family >> 32 # socket(family, type, protocol)      A = word 20
//   ld   arg0.high family                                  A = word 20
//
//   if (A != socket) goto 0036                             A == 41 ? 24 : 36
//   jeq  41 socket              -> 0024 socket | 0036      A == 41 ? 24 : 36
//
// Numbers, codes and jumps of the listing are held against the file's bytes as well. Needs the corpus
// (ISOLA_CORPUS); without it the program ends with 77.

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/MemoryBuffer.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "backends/seccomp/disassembly.h"
#include "backends/seccomp/kernel_check.h"
#include "compiler/base/check.h"
#include "compiler/kernel/constants.h"
#include "compiler/kernel/syscalls.h"

using namespace isola;
using namespace isola::backends::seccomp;
using kernel::Arch;

namespace {

using Match = std::smatch;

bool matches(const std::string& text, const char* pattern, Match& match) {
  return std::regex_match(text, match, std::regex(pattern));
}

std::optional<std::uint64_t> number_of(llvm::StringRef text) {
  std::uint64_t value = 0;
  const bool is_hex = text.consume_front("0x");
  return text.getAsInteger(is_hex ? 16 : 10, value) ? std::nullopt : std::optional(value);
}

// Where a word of an argument lies in the data, on a little-endian machine.
std::size_t argument_offset(std::size_t argument, bool is_upper) {
  return 16 + 8 * argument + (is_upper ? 4 : 0);
}

std::string test_text(const std::string& operation, const std::string& operand, std::size_t then,
                      std::size_t otherwise) {
  return fmt::format("A {} {} ? {} : {}", operation, operand, then, otherwise);
}

// ---- our text

std::string our_operand(const std::string& text) {
  const std::string first = text.substr(0, text.find(' '));
  if (first == "x") return "X";
  if (const auto arch = kernel::find_arch(first)) return std::to_string(kernel::info(*arch).audit_arch);
  return std::to_string(*number_of(first));
}

std::string our_load(const std::string& target, const std::string& what) {
  Match match;
  if (what == "nr") return target + " = word 0";
  if (what == "arch") return target + " = word 4";
  if (what == "ip.low") return target + " = word 8";
  if (what == "ip.high") return target + " = word 12";
  if (what == "length") return target + " = 64";
  if (matches(what, R"(#(\S+))", match)) return fmt::format("{} = {}", target, *number_of(match[1].str()));
  if (matches(what, R"(memory\[(\d+)\])", match)) return target + " = memory " + match[1].str();
  if (!matches(what, R"(arg(\d)\.(low|high)( \w+)?)", match)) return "not understood: " + what;
  return fmt::format("{} = word {}", target, argument_offset(std::stoul(match[1]), match[2] == "high"));
}

std::string our_answer(llvm::StringRef text) {
  const auto [name, rest] = text.split('(');
  if (name == "a") return "return A";
  // Data of an action that has none is shown by us alone; it is in the bytes, which are compared.
  if (name != "ERRNO") return "return " + name.rtrim().str();
  const llvm::StringRef value = rest.rtrim(')');
  const auto number = number_of(value);
  return fmt::format("return ERRNO {}", number ? *number : *kernel::errno_number(value, Arch::X86_64));
}

// The form of one of our lines; `at` is its place.
std::string form_of_ours(std::string text, std::size_t at) {
  static const std::map<std::string, std::string> kTests = {
      {"jeq", "=="}, {"jge", ">="}, {"jgt", ">"}, {"jset", "&"}};
  static const std::map<std::string, std::string> kArithmetic = {{"add", "+"}, {"sub", "-"},  {"mul", "*"},
                                                                 {"div", "/"}, {"and", "&"},  {"or", "|"},
                                                                 {"xor", "^"}, {"lsh", "<<"}, {"rsh", ">>"}};
  text = text.substr(0, text.find("  ;"));
  Match match;
  if (text == "tax") return "X = A";
  if (text == "txa") return "A = X";
  if (text == "neg") return "A = -A";
  if (matches(text, R"(ja +-> (\d+).*)", match)) return fmt::format("goto {}", std::stoul(match[1]));
  if (matches(text, R"(ret  (.*))", match)) return our_answer(match[1].str());
  if (matches(text, R"((ldx|ld) +(\S.*))", match)) return our_load(match[1] == "ld" ? "A" : "X", match[2]);
  if (matches(text, R"((stx|st) +memory\[(\d+)\])", match)) {
    return fmt::format("memory {} = {}", match[2].str(), match[1] == "st" ? "A" : "X");
  }
  if (matches(text, R"((j\w+) +(\S.*?) +-> (\d+)( [^|]*)?(\| (\d+).*)?)", match)) {
    const std::size_t otherwise = match[6].matched ? std::stoul(match[6]) : at + 1;
    return test_text(kTests.at(match[1]), our_operand(match[2]), std::stoul(match[3]), otherwise);
  }
  if (!matches(text, R"((\w+) +(\S.*))", match)) return "not understood: " + text;
  return fmt::format("A {}= {}", kArithmetic.at(match[1]), our_operand(match[2]));
}

// ---- theirs

// `write`, `x32_read`, `i386.fork`, `ARCH_X86_64`, `0x10`, `X`.
std::string their_operand(const std::string& text, Arch arch) {
  static const std::map<std::string, Arch> kArches = {{"ARCH_X86_64", Arch::X86_64},
                                                      {"ARCH_I386", Arch::X86},
                                                      {"ARCH_AARCH64", Arch::AArch64},
                                                      {"ARCH_S390X", Arch::S390X},
                                                      {"ARCH_RISCV64", Arch::RiscV64}};
  if (text == "X") return "X";
  if (const auto number = number_of(text)) return std::to_string(*number);
  if (const auto found = kArches.find(text); found != kArches.end()) {
    return std::to_string(kernel::info(found->second).audit_arch);
  }
  llvm::StringRef name = text;
  Arch of_call = arch;
  if (name.consume_front("x32_")) of_call = Arch::X32;
  if (name.contains('.')) {
    of_call = *kernel::find_arch(name.split('.').first);
    name = name.split('.').second;
  }
  const auto call = kernel::find_syscall(name);
  const auto number = call ? kernel::number(*call, of_call) : std::nullopt;
  return number ? std::to_string(*number) : "not understood: " + text;
}

std::string their_load(const std::string& target, const std::string& what, const std::string& signature) {
  static const std::map<std::string, std::size_t> kWords = {
      {"sys_number", 0}, {"arch", 4}, {"instruction_pointer", 8}};
  Match match;
  std::string name = what;
  const bool is_upper = matches(what, R"((\S+) >> 32)", match);
  if (is_upper) name = match[1].str();
  if (const auto found = kWords.find(name); found != kWords.end()) {
    return fmt::format("{} = word {}", target, found->second + (is_upper ? 4 : 0));
  }
  if (matches(name, R"(args\[(\d)\])", match)) {
    return fmt::format("{} = word {}", target, argument_offset(std::stoul(match[1]), is_upper));
  }
  if (matches(name, R"(mem\[(\d+)\])", match)) return target + " = memory " + match[1].str();
  if (const auto number = number_of(name)) return fmt::format("{} = {}", target, *number);
  // A parameter's name; the call that it belongs to is shown behind it.
  llvm::SmallVector<llvm::StringRef, 6> names;
  llvm::StringRef(signature).split('(').second.rtrim(')').split(names, ", ");
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (names[index] == name) return fmt::format("{} = word {}", target, argument_offset(index, is_upper));
  }
  return "not understood: " + what;
}

std::string their_test(const Match& match, std::size_t at, Arch arch) {
  // What is shown for the opposite of each test that there is.
  static const std::map<std::string, std::string> kOpposites = {{"!=", "=="}, {"<", ">="}, {"<=", ">"}};
  const bool is_negated_mask = match[1].str() == "!(";
  const std::string operand = their_operand(match[3], arch);
  const std::size_t target = std::stoul(match[4]);
  const std::size_t other = match[6].matched ? std::stoul(match[6]) : at + 1;
  const auto opposite = kOpposites.find(match[2]);
  if (opposite != kOpposites.end()) return test_text(opposite->second, operand, other, target);
  return is_negated_mask ? test_text(match[2], operand, other, target)
                         : test_text(match[2], operand, target, other);
}

// The form of one line of a listing, without its numbers.
std::string form_of_theirs(std::string text, std::size_t at, Arch arch) {
  const std::size_t comment = text.find(" # ");
  const std::string signature = comment == std::string::npos ? "" : text.substr(comment + 3);
  text = text.substr(0, comment);
  Match match;
  if (text == "X = A" || text == "A = X" || text == "A = -A" || text == "return A") return text;
  if (text == "return KILL") return "return KILL_THREAD";
  if (matches(text, R"(return (\w+)\((\d+)\))", match))
    return fmt::format("return {} {}", match[1].str(), match[2].str());
  if (matches(text, R"(return (\w+))", match)) return text;
  if (matches(text, R"(goto (\d+))", match)) return fmt::format("goto {}", std::stoul(match[1]));
  if (matches(text, R"(if \((!\()?A (\S+) (\S+?)\)+ goto (\d+)( else goto (\d+))?)", match)) {
    return their_test(match, at, arch);
  }
  if (matches(text, R"(mem\[(\d+)\] = (A|X))", match))
    return "memory " + match[1].str() + " = " + match[2].str();
  if (matches(text, R"(A (\S+)= (\S+))", match) && match[1].length() != 0) {
    return fmt::format("A {}= {}", match[1].str(), their_operand(match[2], arch));
  }
  if (matches(text, R"((A|X) = (.*))", match)) return their_load(match[1], match[2], signature);
  return "not understood: " + text;
}

// ---- files

struct Tally {
  std::size_t listings = 0, instructions = 0, differences = 0;
  std::set<std::string> files;
};

// One of our lines; a program that the kernel refuses is shown instruction by instruction.
std::string our_line(const Program& program, std::size_t at) {
  return find_refusal(program) ? bare_text(program, at) : disassemble_lines(program)[at].text;
}

void compare(const std::string& name, const Program& program, const std::string& listing, Arch arch,
             Tally& tally) {
  static const std::regex kLine(R"( (\d{4}): 0x(\w{2}) 0x(\w{2}) 0x(\w{2}) 0x(\w{8})  (.*))");
  std::size_t at = 0;
  llvm::SmallVector<llvm::StringRef, 64> lines;
  llvm::StringRef(listing).split(lines, '\n');
  for (const llvm::StringRef line : lines) {
    const std::string text = line.str();
    Match match;
    if (!std::regex_match(text, match, kLine)) continue;
    ISOLA_CHECK(at < program.instructions.size(), "the listing is no longer than the file");
    const sock_filter& instruction = program.instructions[at];
    const bool is_same_instruction = std::stoul(match[2], nullptr, 16) == instruction.code &&
                                     std::stoul(match[3], nullptr, 16) == instruction.jt &&
                                     std::stoul(match[4], nullptr, 16) == instruction.jf &&
                                     std::stoul(match[5], nullptr, 16) == instruction.k;
    const std::string ours = our_line(program, at);
    const std::string our_form = form_of_ours(ours, at);
    const std::string their_form = form_of_theirs(match[6], at, arch);
    ++tally.instructions;
    if (!is_same_instruction || our_form != their_form) {
      ++tally.differences;
      fmt::print("{} {:04}: `{}` is {}, `{}` is {}\n", name, at, match[6].str(), their_form, ours, our_form);
    }
    ++at;
  }
  ISOLA_CHECK(at == program.instructions.size(), "the listing is as long as the file");
  ++tally.listings;
}

// Every file is compared, or said why not.
void print_left_out(const std::filesystem::path& folder, const Tally& tally) {
  std::map<std::string, std::string> reasons;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (tally.files.contains(name)) continue;
    reasons[name] = entry.path().extension() == ".asm" ? "assembler source, no bytes to decode"
                                                       : "there is no listing of it";
  }
  for (const auto& [name, reason] : reasons) fmt::print("left out: {}: {}\n", name, reason);
}

std::string read_file(const std::filesystem::path& path) {
  const auto buffer = llvm::MemoryBuffer::getFile(path.string());
  ISOLA_CHECK(buffer, "the corpus has the file");
  return (*buffer)->getBuffer().str();
}

}  // namespace

int main() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) return 77;
  const std::filesystem::path folder =
      std::filesystem::path(corpus) / "corpus" / "golden-bpf" / "david942j+seccomp-tools";
  llvm::Expected<llvm::json::Value> cases = llvm::json::parse(read_file(folder / "disasm-cases.public.json"));
  ISOLA_CHECK(static_cast<bool>(cases) && cases->getAsArray() != nullptr, "the file is a JSON array");
  Tally tally;
  for (const llvm::json::Value& one : *cases->getAsArray()) {
    const llvm::json::Object& object = *one.getAsObject();
    const std::string file = object.getString("file")->str();
    const std::string bytes = read_file(folder / "spec" / "data" / file);
    const auto program = from_bytes(bytes, guess_byte_order(bytes));
    ISOLA_CHECK(program, "the file is an array of instructions");
    const Arch arch = *kernel::find_arch(*object.getString("arch"));
    compare(object.getString("name")->str(), *program, object.getString("expected")->str(), arch, tally);
    tally.files.insert(file);
  }
  fmt::print("{} listings of {} files, {} instructions, {} differences\n", tally.listings, tally.files.size(),
             tally.instructions, tally.differences);
  print_left_out(folder / "spec" / "data", tally);
  return tally.differences == 0 && tally.instructions >= 150 ? EXIT_SUCCESS : EXIT_FAILURE;
}
