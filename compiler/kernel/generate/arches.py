"""What the generators must know of each architecture, in the order of `enum class Arch` (arch.h)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Arch:
    name: str
    # Directory below arch/ of the kernel source.
    kernel: str
    # System call table, relative to the kernel source, and the ABIs of its second column that belong here.
    # Source of the ABIs: arch/*/kernel/Makefile.syscalls, arch/*/kernel/syscalls/Makefile.
    table: str
    abis: tuple
    # The header of linux-libc-dev that has the same numbers, and the triple directory it lies in.
    triple: str
    unistd: str
    # Width of long and of a pointer in registers, as a kernel handler for this ABI receives them.
    word: int
    # For the compiler that evaluates constants.
    clang_target: str
    # First kernel with the port, as (release, patchlevel); 2.6 for everything older.
    since: tuple
    kernel_word: int = 64


ARCHES = (
    Arch("x86_64", "x86", "arch/x86/entry/syscalls/syscall_64.tbl", ("common", "64"),
         "x86_64-linux-gnu", "unistd_64.h", 64, "x86_64-linux-gnu", (2, 6)),
    Arch("x86", "x86", "arch/x86/entry/syscalls/syscall_32.tbl", ("i386",),
         "i386-linux-gnu", "unistd_32.h", 32, "i386-linux-gnu", (2, 6)),
    # x32(7) appeared in 3.4.
    Arch("x32", "x86", "arch/x86/entry/syscalls/syscall_64.tbl", ("common", "x32"),
         "x86_64-linux-gnux32", "unistd_x32.h", 64, "x86_64-linux-gnux32", (3, 4)),
    Arch("aarch64", "arm64", "scripts/syscall.tbl", ("common", "64", "renameat", "rlimit", "memfd_secret"),
         "aarch64-linux-gnu", "unistd_64.h", 64, "aarch64-linux-gnu", (3, 7)),
    Arch("arm", "arm", "arch/arm/tools/syscall.tbl", ("common", "eabi"),
         "arm-linux-gnueabihf", "unistd-eabi.h", 32, "arm-linux-gnueabihf", (2, 6)),
    Arch("riscv64", "riscv", "scripts/syscall.tbl", ("common", "64", "riscv", "rlimit", "memfd_secret"),
         "riscv64-linux-gnu", "unistd_64.h", 64, "riscv64-linux-gnu", (4, 15)),
    # Little endian with the ELFv2 ABI: 3.13.
    Arch("ppc64le", "powerpc", "arch/powerpc/kernel/syscalls/syscall.tbl", ("common", "64", "nospu"),
         "powerpc64le-linux-gnu", "unistd_64.h", 64, "powerpc64le-linux-gnu", (3, 13)),
    Arch("s390x", "s390", "arch/s390/kernel/syscalls/syscall.tbl", ("common", "64"),
         "s390x-linux-gnu", "unistd_64.h", 64, "s390x-linux-gnu", (2, 6)),
    Arch("mips64el", "mips", "arch/mips/kernel/syscalls/syscall_n64.tbl", ("common", "n64"),
         "mips64el-linux-gnuabi64", "unistd_n64.h", 64, "mips64el-linux-gnuabi64", (2, 6)),
    Arch("loongarch64", "loongarch", "scripts/syscall.tbl", ("common", "64"),
         "loongarch64-linux-gnu", "unistd_64.h", 64, "loongarch64-linux-gnu", (5, 19)),
)

# Added to every number of the table. Sources: __NR_Linux, arch/mips/include/uapi/asm/unistd.h (n64).
NUMBER_BASE = {"mips64el": 5000}
