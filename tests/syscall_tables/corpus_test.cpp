// Compares every name and number of compiler/kernel with $ISOLA_CORPUS/syscalls/ARCH.tbl ("NUMBER NAME"
// lines).
//
// The corpus was made from every __NR_ macro of the headers, so it also has macros that are no calls (bases,
// reserved slots, an alias); ours comes from the kernel's call tables. kNoise lists them all: whatever else
// differs, in either direction, fails.
// Exits 77 (skipped) when ISOLA_CORPUS does not name the corpus.

#include "compiler/kernel/syscalls.h"

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace isola::kernel;

struct Noise {
  Arch arch{};
  std::string_view name;
};

// Macros of the headers that are not calls.
static constexpr Noise kNoise[] = {
    {Arch::Arm, "SYSCALL_BASE"},       // where the numbers begin: EABI
    {Arch::Arm, "OABI_SYSCALL_BASE"},  // the same of the old ABI
    {Arch::Arm, "sync_file_range2"},   // the same number as arm_sync_file_range
    {Arch::Mips64El, "Linux"},         // where the numbers of n64 begin
    {Arch::Mips64El, "reserved177"},   // empty slots
    {Arch::Mips64El, "reserved193"},
};

using Numbers = std::map<std::string, std::uint32_t>;

static bool is_noise(Arch arch, std::string_view name) {
  for (const Noise& each : kNoise) {
    if (each.arch == arch && each.name == name) return true;
  }
  return false;
}

static Numbers read_corpus(const std::filesystem::path& path, Arch arch) {
  Numbers numbers;
  std::ifstream file(path);
  std::uint32_t number = 0;
  std::string name;
  while (file >> number >> name) {
    if (!is_noise(arch, name)) numbers[name] = number;
  }
  return numbers;
}

static Numbers our_numbers(Arch arch) {
  Numbers numbers;
  for (std::size_t index = 0; index < syscall_count(); ++index) {
    const SyscallId id{static_cast<std::uint16_t>(index)};
    const std::optional<std::uint32_t> found = number(id, arch);
    // The private calls of arm are __ARM_NR_ macros, which the corpus does not have.
    if (found && *found <= highest_known_number(arch)) numbers[name(id).str()] = *found & ~kX32Bit;
  }
  return numbers;
}

static bool matches(const ArchInfo& arch, const std::filesystem::path& folder) {
  const std::string file = arch.arch == Arch::X86 ? "i386" : std::string(arch.name);
  Numbers corpus = read_corpus(folder / (file + ".tbl"), arch.arch);
  for (auto& [name, number] : corpus) {
    number &= ~kX32Bit;
  }
  const Numbers ours = our_numbers(arch.arch);
  for (const auto& [name, number] : corpus) {
    const auto found = ours.find(name);
    if (found == ours.end()) fmt::print("{}: the corpus alone has {} {}\n", arch.name, number, name);
    if (found != ours.end() && found->second != number) {
      fmt::print("{}: {} is {} in the corpus, {} here\n", arch.name, name, number, found->second);
    }
  }
  for (const auto& [name, number] : ours) {
    if (!corpus.contains(name)) fmt::print("{}: we alone have {} {}\n", arch.name, number, name);
  }
  fmt::print("{}: {} calls\n", arch.name, ours.size());
  return !corpus.empty() && corpus == ours;
}

int main() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) {
    fmt::print("skipped: ISOLA_CORPUS is not set\n");
    return 77;
  }
  bool all_match = true;
  for (const ArchInfo& arch : all_arches()) {
    all_match = matches(arch, std::filesystem::path(corpus) / "syscalls") && all_match;
  }
  return all_match ? 0 : 1;
}
