// The table behind arch.h: names, audit values, aliases.
//
// Sources: AUDIT_ARCH_* of linux/audit.h with EM_* of linux/elf-em.h, Linux 6.12 (arch_test.cpp compares them
// with the installed headers); SCMP_ARCH_* of seccomp(3), libseccomp 2.5.4, and of the OCI runtime
// specification 1.1 for loongarch64, which libseccomp 2.5 does not have.

#include "compiler/kernel/arch.h"

#include "compiler/kernel/nearest.h"

#include <llvm/ADT/StringSwitch.h>

#include <array>

namespace isola::kernel {

// clang-format off
static constexpr std::array<ArchInfo, kArchCount> kArches = {{
    //                                                           audit_arch  64 bit big endian
    {Arch::X86_64,      "x86_64",      "SCMP_ARCH_X86_64",       0xc000003e, true,  false},
    {Arch::X86,         "x86",         "SCMP_ARCH_X86",          0x40000003, false, false},
    {Arch::X32,         "x32",         "SCMP_ARCH_X32",          0xc000003e, true,  false},
    {Arch::AArch64,     "aarch64",     "SCMP_ARCH_AARCH64",      0xc00000b7, true,  false},
    {Arch::Arm,         "arm",         "SCMP_ARCH_ARM",          0x40000028, false, false},
    {Arch::RiscV64,     "riscv64",     "SCMP_ARCH_RISCV64",      0xc00000f3, true,  false},
    {Arch::Ppc64Le,     "ppc64le",     "SCMP_ARCH_PPC64LE",      0xc0000015, true,  false},
    {Arch::S390X,       "s390x",       "SCMP_ARCH_S390X",        0x80000016, true,  true},
    {Arch::Mips64El,    "mips64el",    "SCMP_ARCH_MIPSEL64",     0xc0000008, true,  false},
    {Arch::LoongArch64, "loongarch64", "SCMP_ARCH_LOONGARCH64",  0xc0000102, true,  false},
}};
// clang-format on

const ArchInfo& info(Arch arch) {
  return kArches[static_cast<std::size_t>(arch)];
}

llvm::ArrayRef<ArchInfo> all_arches() {
  return kArches;
}

// Spellings of uname(2), Debian, Go and LLVM triples.
static std::optional<Arch> find_alias(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Arch>>(name)
      .Cases("amd64", "x86-64", "x64", Arch::X86_64)
      .Cases("i386", "i486", "i586", "i686", "ia32", "x86_32", Arch::X86)
      .Cases("gnux32", "x86_64-x32", "amd64p32", Arch::X32)
      .Case("arm64", Arch::AArch64)
      .Cases("armhf", "armel", "armv7l", "armv6l", "armv8l", Arch::Arm)
      .Case("riscv64gc", Arch::RiscV64)
      .Cases("ppc64el", "powerpc64le", Arch::Ppc64Le)
      .Case("s390-64", Arch::S390X)
      .Cases("mipsel64", "mips64le", Arch::Mips64El)
      .Cases("loong64", "la64", Arch::LoongArch64)
      .Default(std::nullopt);
}

std::optional<Arch> find_arch(llvm::StringRef name) {
  for (const ArchInfo& arch : kArches) {
    if (name == llvm::StringRef(arch.name) || name == llvm::StringRef(arch.scmp_name)) return arch.arch;
  }
  return find_alias(name);
}

std::optional<llvm::StringRef> nearest_arch(llvm::StringRef name) {
  NearestName nearest(name);
  for (const ArchInfo& arch : kArches) {
    nearest.consider(arch.name);
  }
  return nearest.found();
}

}  // namespace isola::kernel
