// The table of architectures against the kernel's and libseccomp's headers, and the set's arithmetic.

#include "compiler/kernel/arch.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <seccomp.h>

#include <string>
#include <vector>

using namespace isola::kernel;

TEST_CASE("arch: audit values are those of linux/audit.h") {
  CHECK(info(Arch::X86_64).audit_arch == AUDIT_ARCH_X86_64);
  CHECK(info(Arch::X86).audit_arch == AUDIT_ARCH_I386);
  CHECK(info(Arch::X32).audit_arch == AUDIT_ARCH_X86_64);
  CHECK(info(Arch::AArch64).audit_arch == AUDIT_ARCH_AARCH64);
  CHECK(info(Arch::Arm).audit_arch == AUDIT_ARCH_ARM);
  CHECK(info(Arch::RiscV64).audit_arch == AUDIT_ARCH_RISCV64);
  CHECK(info(Arch::Ppc64Le).audit_arch == AUDIT_ARCH_PPC64LE);
  CHECK(info(Arch::S390X).audit_arch == AUDIT_ARCH_S390X);
  CHECK(info(Arch::Mips64El).audit_arch == AUDIT_ARCH_MIPSEL64);
  CHECK(info(Arch::LoongArch64).audit_arch == AUDIT_ARCH_LOONGARCH64);
}

TEST_CASE("arch: libseccomp knows every name but loongarch64, by the same audit value") {
  for (const ArchInfo& arch : all_arches()) {
    llvm::StringRef name = arch.scmp_name;
    REQUIRE(name.consume_front("SCMP_ARCH_"));
    const std::uint32_t token = seccomp_arch_resolve_name(name.lower().c_str());
    if (arch.arch == Arch::LoongArch64) {
      CHECK(token == 0);
    } else if (arch.arch == Arch::X32) {
      CHECK(token == SCMP_ARCH_X32);  // EM_X86_64 without the 64-bit mark: libseccomp's own value
    } else {
      CHECK(token == arch.audit_arch);
    }
  }
}

TEST_CASE("arch: found by our name, libseccomp's and the usual aliases") {
  for (const ArchInfo& arch : all_arches()) {
    CHECK(find_arch(arch.name) == arch.arch);
    CHECK(find_arch(arch.scmp_name) == arch.arch);
    CHECK(info(arch.arch).arch == arch.arch);
  }
  CHECK(find_arch("amd64") == Arch::X86_64);
  CHECK(find_arch("i386") == Arch::X86);
  CHECK(find_arch("arm64") == Arch::AArch64);
  CHECK(find_arch("ppc64el") == Arch::Ppc64Le);
  CHECK_FALSE(find_arch("vax"));
  CHECK(nearest_arch("vax") == std::nullopt);
  CHECK(nearest_arch("aarch46") == llvm::StringRef("aarch64"));
}

TEST_CASE("arch: a set iterates in the order of the enumeration") {
  const ArchSet set{Arch::S390X, Arch::X86_64, Arch::Arm};
  const std::vector<Arch> expected{Arch::X86_64, Arch::Arm, Arch::S390X};
  CHECK(std::vector<Arch>(set.begin(), set.end()) == expected);
  CHECK(ArchSet::all().size() == kArchCount);
  CHECK((set | ArchSet{Arch::X86}).contains(set));
  CHECK((set & ArchSet{Arch::Arm, Arch::X32}) == ArchSet{Arch::Arm});
  CHECK((set - ArchSet{Arch::Arm}).size() == 2);
  CHECK(ArchSet().empty());
}
