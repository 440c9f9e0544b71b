// The table of system calls against libseccomp's, both ways, on every architecture that libseccomp 2.5 knows.

#include "compiler/kernel/syscalls.h"

#include <doctest/doctest.h>
#include <llvm/ADT/STLExtras.h>
#include <seccomp.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

using namespace isola::kernel;

struct Oracle {
  Arch arch{};
  std::uint32_t token = 0;
};

static std::vector<Oracle> oracles() {
  std::vector<Oracle> found;
  for (const ArchInfo& arch : all_arches()) {
    llvm::StringRef name = arch.scmp_name;
    REQUIRE(name.consume_front("SCMP_ARCH_"));
    const std::uint32_t token = seccomp_arch_resolve_name(name.lower().c_str());
    if (token != 0) found.push_back({arch.arch, token});
  }
  return found;
}

static std::optional<std::string> seccomp_name(std::uint32_t token, std::uint32_t number) {
  char* found = seccomp_syscall_resolve_num_arch(token, static_cast<int>(number));
  if (found == nullptr) return std::nullopt;
  std::string name = found;
  std::free(found);
  return name;
}

// What libseccomp 2.5.4 of Debian 12 (calls up to Linux 6.7) does not know.
static bool is_newer(llvm::StringRef call, Arch arch) {
  static constexpr std::string_view kNewer[] = {
      "listmount", "lsm_get_self_attr", "lsm_list_modules", "lsm_set_self_attr",
      "mseal",     "statmount",         "uretprobe",        "riscv_hwprobe"};
  return llvm::is_contained(kNewer, std::string_view(call)) ||
         (call == "map_shadow_stack" && arch == Arch::X32);
}

TEST_CASE("seccomp: loongarch64 is all that libseccomp does not have") {
  CHECK(oracles().size() == kArchCount - 1);
}

TEST_CASE("seccomp: libseccomp gives each of our numbers the same name") {
  std::size_t compared = 0;
  for (const Oracle& oracle : oracles()) {
    for (std::size_t index = 0; index < syscall_count(); ++index) {
      const SyscallId id{static_cast<std::uint16_t>(index)};
      const std::optional<std::uint32_t> found = number(id, oracle.arch);
      if (!found || is_newer(name(id), oracle.arch)) continue;
      CHECK_MESSAGE(seccomp_name(oracle.token, *found) == name(id).str(), name(id).str());
      ++compared;
    }
  }
  CHECK(compared > 3300);
}

TEST_CASE("seccomp: every number that libseccomp knows is in our table") {
  for (const Oracle& oracle : oracles()) {
    const std::uint32_t base = oracle.arch == Arch::X32 ? kX32Bit : oracle.arch == Arch::Mips64El ? 5000 : 0;
    for (const std::uint32_t begin : {base, std::uint32_t{0x0f0000}}) {
      for (std::uint32_t each = begin; each < begin + 900; ++each) {
        const std::optional<std::string> theirs = seccomp_name(oracle.token, each);
        // libseccomp takes x32 and mips numbers without their base as well; the kernel does not.
        const bool is_private = begin != base;
        if (!theirs || (is_private && oracle.arch != Arch::Arm)) continue;
        const std::optional<SyscallId> ours = syscall_at(oracle.arch, each);
        REQUIRE_MESSAGE(ours, *theirs);
        CHECK(name(*ours) == *theirs);
      }
    }
  }
}

TEST_CASE("seccomp: where libseccomp has a name for the multiplexer, ours is the direct call") {
  // -101 to -120 stand for socketcall(2), -201 to -224 for ipc(2); "rewrite" gives the multiplexer's number.
  for (const Oracle& oracle : oracles()) {
    for (std::size_t index = 0; index < syscall_count(); ++index) {
      const SyscallId id{static_cast<std::uint16_t>(index)};
      const std::optional<std::uint32_t> found = number(id, oracle.arch);
      if (!found || is_newer(name(id), oracle.arch)) continue;
      const int plain = seccomp_syscall_resolve_name_arch(oracle.token, name(id).str().c_str());
      const int rewritten = seccomp_syscall_resolve_name_rewrite(oracle.token, name(id).str().c_str());
      if (plain >= 0) {
        CHECK(static_cast<std::uint32_t>(plain) == *found);
        continue;
      }
      const llvm::StringRef multiplexer = plain > -200 ? "socketcall" : "ipc";
      CHECK(static_cast<std::uint32_t>(rewritten) == number(*find_syscall(multiplexer), oracle.arch));
    }
  }
}
