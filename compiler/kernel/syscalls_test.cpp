// Facts about system calls that can be read in the kernel's source, spot-checked on every architecture.

#include "compiler/kernel/syscalls.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace isola::kernel;

static SyscallId id(llvm::StringRef name) {
  const std::optional<SyscallId> found = find_syscall(name);
  REQUIRE_MESSAGE(found, name.str());
  return *found;
}

static std::vector<std::string> parameter_names(llvm::StringRef call, Arch arch) {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters(id(call), arch)) {
    names.emplace_back(parameter.name);
  }
  return names;
}

static const Parameter& parameter(llvm::StringRef call, Arch arch, std::size_t index) {
  const llvm::ArrayRef<Parameter> all = parameters(id(call), arch);
  REQUIRE(index < all.size());
  return all[index];
}

using Names = std::vector<std::string>;

TEST_CASE("syscalls: names are sorted, unique and found again") {
  for (std::size_t index = 0; index < syscall_count(); ++index) {
    const SyscallId each{static_cast<std::uint16_t>(index)};
    CHECK(find_syscall(name(each)) == each);
    if (index > 0) CHECK(name(SyscallId{static_cast<std::uint16_t>(index - 1)}) < name(each));
  }
  CHECK_FALSE(find_syscall("opnat"));
  CHECK_FALSE(find_syscall(""));
}

TEST_CASE("syscalls: number and syscall_at are each other's inverse on every architecture") {
  for (const ArchInfo& arch : all_arches()) {
    std::size_t known = 0;
    for (std::size_t index = 0; index < syscall_count(); ++index) {
      const SyscallId each{static_cast<std::uint16_t>(index)};
      const std::optional<std::uint32_t> found = number(each, arch.arch);
      if (!found) continue;
      ++known;
      CHECK(syscall_at(arch.arch, *found) == each);
    }
    CHECK(known > 300);
    CHECK(syscall_at(arch.arch, highest_known_number(arch.arch)));
    CHECK_FALSE(syscall_at(arch.arch, highest_known_number(arch.arch) + 1));
  }
}

TEST_CASE("syscalls: numbers known by heart") {
  CHECK(number(id("openat"), Arch::X86_64) == 257);
  CHECK(number(id("openat"), Arch::X86) == 295);
  CHECK(number(id("openat"), Arch::AArch64) == 56);
  CHECK(number(id("openat"), Arch::X32) == (257 | kX32Bit));
  CHECK(number(id("read"), Arch::Mips64El) == 5000);
  CHECK(number(id("cacheflush"), Arch::Arm) == 0x0f0002);
  CHECK(number(id("mseal"), Arch::LoongArch64) == 462);
  CHECK_FALSE(number(id("open"), Arch::AArch64));
  CHECK_FALSE(number(id("accept"), Arch::X86));
  CHECK(highest_known_number(Arch::Arm) == 462);
}

TEST_CASE("syscalls: an x32 number without its bit is no x32 call") {
  CHECK(syscall_at(Arch::X32, 0) == std::nullopt);
  CHECK(syscall_at(Arch::X32, kX32Bit) == id("read"));
  CHECK(syscall_at(Arch::X86_64, kX32Bit) == std::nullopt);
}

TEST_CASE("syscalls: the nearest name, and none for something far") {
  CHECK(nearest_syscall("opnat") == llvm::StringRef("openat"));
  CHECK(nearest_syscall("epol_wait") == llvm::StringRef("epoll_wait"));
  CHECK_FALSE(nearest_syscall("xyzzyplugh"));
  CHECK_FALSE(nearest_syscall("x"));
}

TEST_CASE("syscalls: socket takes three signed 32-bit integers wherever it exists") {
  for (const ArchInfo& arch : all_arches()) {
    REQUIRE(number(id("socket"), arch.arch));
    CHECK(parameter_names("socket", arch.arch) == Names{"family", "type", "protocol"});
    for (const Parameter& each : parameters(id("socket"), arch.arch)) {
      CHECK(each.bits == 32);
      CHECK(each.is_signed);
    }
  }
}

TEST_CASE("syscalls: clone has its flags second on s390x and its tls third on six others") {
  CHECK(parameter_names("clone", Arch::X86_64) ==
        Names{"clone_flags", "newsp", "parent_tidptr", "child_tidptr", "tls"});
  const Names backwards{"clone_flags", "newsp", "parent_tidptr", "tls", "child_tidptr"};
  for (const Arch arch :
       {Arch::X86, Arch::AArch64, Arch::Arm, Arch::Ppc64Le, Arch::Mips64El, Arch::RiscV64}) {
    CHECK_MESSAGE(parameter_names("clone", arch) == backwards, std::string(info(arch).name));
  }
  CHECK(parameter_names("clone", Arch::S390X) ==
        Names{"newsp", "clone_flags", "parent_tidptr", "child_tidptr", "tls"});
  CHECK(parameter("clone", Arch::X86_64, 0).bits == 32);  // lower_32_bits(clone_flags), kernel/fork.c
}

TEST_CASE("syscalls: widths follow the kernel's types") {
  for (const ArchInfo& arch : all_arches()) {
    const std::uint8_t word = arch.is_64_bit ? 64 : 32;
    CHECK(parameter("prctl", arch.arch, 0).bits == 32);
    CHECK(parameter("prctl", arch.arch, 0).kind == ParameterKind::Command);
    CHECK(parameter("prctl", arch.arch, 0).is_signed);
    CHECK(parameter("prctl", arch.arch, 1).bits == word);
    CHECK(parameter("ioctl", arch.arch, 1).bits == 32);
    CHECK_FALSE(parameter("ioctl", arch.arch, 1).is_signed);
    CHECK(parameter("openat", arch.arch, 1).kind == ParameterKind::Pointer);
    CHECK(parameter("openat", arch.arch, 2).bits == 32);
    CHECK(parameter("openat", arch.arch, 2).kind == ParameterKind::Flags);
    CHECK(parameter("openat", arch.arch, 3).bits == 16);
    CHECK(parameter("lseek", arch.arch, 1).bits == (arch.arch == Arch::X32 ? 64 : word));
    CHECK(parameter("lseek", arch.arch, 1).is_signed);
    CHECK(parameter("personality", arch.arch, 0).bits == 32);
  }
}

TEST_CASE("syscalls: mmap has six parameters, one block of them on x86 and s390x") {
  for (const Arch arch : {Arch::X86_64, Arch::X32, Arch::AArch64, Arch::RiscV64, Arch::Ppc64Le,
                          Arch::Mips64El, Arch::LoongArch64}) {
    REQUIRE(parameters(id("mmap"), arch).size() == 6);
    CHECK(parameter("mmap", arch, 2).name == "prot");
    CHECK(parameter("mmap", arch, 2).bits == 64);
    CHECK(parameter("mmap", arch, 4).bits == 32);  // fget takes unsigned int
  }
  for (const Arch arch : {Arch::X86, Arch::S390X}) {
    REQUIRE(parameters(id("mmap"), arch).size() == 1);
    CHECK(parameter("mmap", arch, 0).kind == ParameterKind::Pointer);
  }
  CHECK(parameters(id("mmap2"), Arch::Arm).size() == 6);
}

TEST_CASE("syscalls: a 64-bit value is two registers on 32-bit architectures, aligned on arm") {
  const llvm::ArrayRef<Parameter> arm = parameters(id("pread64"), Arch::Arm);
  REQUIRE(arm.size() == 6);
  CHECK(arm[3].name.empty());
  CHECK(arm[4].name == "pos");
  CHECK(arm[4].kind == ParameterKind::Split);
  CHECK(arm[4].part == ParameterPart::Low);
  CHECK(arm[5].part == ParameterPart::High);

  const llvm::ArrayRef<Parameter> x86 = parameters(id("pread64"), Arch::X86);
  REQUIRE(x86.size() == 5);
  CHECK(x86[3].name == "pos");
  CHECK(x86[3].part == ParameterPart::Low);
  CHECK(x86[4].part == ParameterPart::High);
  CHECK(parameters(id("pread64"), Arch::X86_64)[3].bits == 64);
}

TEST_CASE("syscalls: both halves of a value stand once each, under one name") {
  for (const Arch arch : {Arch::X86, Arch::Arm}) {
    for (std::size_t index = 0; index < syscall_count(); ++index) {
      const SyscallId each{static_cast<std::uint16_t>(index)};
      std::map<std::string_view, int> low;
      std::map<std::string_view, int> high;
      for (const Parameter& one : parameters(each, arch)) {
        if (one.part == ParameterPart::Low) ++low[one.name];
        if (one.part == ParameterPart::High) ++high[one.name];
      }
      CHECK_MESSAGE(low == high, name(each).str());
      for (const auto& [half, times] : low) {
        CHECK(times == 1);
      }
    }
  }
  CHECK(parameter("_llseek", Arch::X86, 1).name == "offset");
  CHECK(parameter("_llseek", Arch::X86, 1).part == ParameterPart::High);
  CHECK(parameter("preadv", Arch::Arm, 4).name == "pos_l");
}

TEST_CASE("syscalls: nothing on a 32-bit architecture is wider than a register, and six registers are all") {
  for (const ArchInfo& arch : all_arches()) {
    for (std::size_t index = 0; index < syscall_count(); ++index) {
      const SyscallId each{static_cast<std::uint16_t>(index)};
      const llvm::ArrayRef<Parameter> all = parameters(each, arch.arch);
      CHECK(all.size() <= 6);
      if (!number(each, arch.arch)) CHECK(all.empty());
      for (const Parameter& one : all) {
        const bool is_width = one.bits == 16 || one.bits == 32 || (one.bits == 64 && arch.is_64_bit);
        CHECK_MESSAGE(is_width, name(each).str());
        CHECK((one.kind == ParameterKind::Split) == (one.part != ParameterPart::Whole));
      }
    }
  }
}

TEST_CASE("syscalls: a call that the kernel no longer implements has no known parameters") {
  CHECK_FALSE(has_known_parameters(id("uselib"), Arch::X86_64));
  CHECK(has_known_parameters(id("getpid"), Arch::X86_64));
  CHECK(parameters(id("getpid"), Arch::X86_64).empty());
  CHECK_FALSE(has_known_parameters(id("open"), Arch::AArch64));
}

TEST_CASE("syscalls: the first kernel is that of the call, of the port, or of the late wiring") {
  CHECK(since(id("read"), Arch::X86_64) == kFirstVersion);
  CHECK(since(id("seccomp"), Arch::X86_64) == KernelVersion{3, 17});
  CHECK(since(id("statx"), Arch::X86) == KernelVersion{4, 11});
  CHECK(since(id("socket"), Arch::X86) == KernelVersion{4, 3});
  CHECK(since(id("semget"), Arch::Ppc64Le) == KernelVersion{5, 1});
  CHECK(since(id("read"), Arch::LoongArch64) == KernelVersion{5, 19});
  CHECK(since(id("clone3"), Arch::X86_64) == KernelVersion{5, 3});
  CHECK(since(id("newfstatat"), Arch::LoongArch64) == KernelVersion{6, 11});
  CHECK(since(id("pkey_alloc"), Arch::X86_64) == KernelVersion{4, 9});
  CHECK(since(id("pkey_alloc"), Arch::S390X) == KernelVersion{5, 1});
  CHECK(since(id("mseal"), Arch::RiscV64) == KernelVersion{6, 10});
  for (const ArchInfo& arch : all_arches()) {
    for (std::size_t index = 0; index < syscall_count(); ++index) {
      CHECK(since(SyscallId{static_cast<std::uint16_t>(index)}, arch.arch) <= kVocabularyVersion);
    }
  }
}
