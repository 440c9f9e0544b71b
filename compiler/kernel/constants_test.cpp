// Constants against the headers of the machine that runs the test, and the ports' own values by heart.

#include "compiler/kernel/constants.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>

using namespace isola::kernel;

struct HostConstant {
  const char* name;
  std::uint64_t value;
};

#define HOST(NAME) {#NAME, static_cast<std::uint64_t>(NAME)}

#ifdef __x86_64__
TEST_CASE("constants: on x86_64 they are what the C library's headers say") {
  const HostConstant host[] = {
      // clang-format off
      HOST(AF_UNIX), HOST(AF_LOCAL), HOST(AF_INET), HOST(AF_INET6), HOST(AF_NETLINK), HOST(AF_PACKET), HOST(AF_ALG),
      HOST(AF_VSOCK), HOST(AF_XDP), HOST(AF_BLUETOOTH), HOST(AF_CAN), HOST(AF_KEY), HOST(AF_UNSPEC),
      HOST(SOCK_STREAM), HOST(SOCK_DGRAM), HOST(SOCK_RAW), HOST(SOCK_SEQPACKET), HOST(SOCK_CLOEXEC), HOST(SOCK_NONBLOCK),
      HOST(EPERM), HOST(ENOENT), HOST(ENOSYS), HOST(EAGAIN), HOST(EWOULDBLOCK), HOST(ENOTSUP), HOST(EOPNOTSUPP),
      HOST(EAFNOSUPPORT), HOST(EDEADLK), HOST(ELOOP), HOST(ECONNREFUSED), HOST(EHWPOISON), HOST(EACCES), HOST(EINVAL),
      HOST(SIGHUP), HOST(SIGTERM), HOST(SIGKILL), HOST(SIGCHLD), HOST(SIGUSR1), HOST(SIGUSR2), HOST(SIGSYS), HOST(SIGQUIT),
      HOST(SIGWINCH), HOST(SIGIO), HOST(SIGABRT), HOST(SIGSTKFLT), HOST(SIGCONT), HOST(SIGSTOP),
      HOST(PR_SET_NAME), HOST(PR_SET_NO_NEW_PRIVS), HOST(PR_CAPBSET_DROP), HOST(PR_SET_SECCOMP), HOST(PR_SET_VMA),
      HOST(PR_SET_MM), HOST(PR_SET_PTRACER), HOST(PR_SCHED_CORE), HOST(PR_CAP_AMBIENT),
      HOST(O_RDONLY), HOST(O_WRONLY), HOST(O_RDWR), HOST(O_CREAT), HOST(O_EXCL), HOST(O_NOFOLLOW), HOST(O_DIRECTORY),
      HOST(O_CLOEXEC), HOST(O_NONBLOCK), HOST(O_SYNC), HOST(O_DSYNC), HOST(O_PATH), HOST(O_TMPFILE), HOST(O_DIRECT),
      HOST(PROT_READ), HOST(PROT_WRITE), HOST(PROT_EXEC), HOST(MAP_ANONYMOUS), HOST(MAP_SHARED), HOST(MAP_PRIVATE),
      HOST(MAP_FIXED), HOST(MAP_GROWSDOWN), HOST(MAP_HUGETLB), HOST(MAP_LOCKED), HOST(MFD_CLOEXEC), HOST(MADV_DONTNEED),
      HOST(CLONE_NEWUSER), HOST(CLONE_NEWNS), HOST(CLONE_THREAD), HOST(CLONE_VM), HOST(CLONE_NEWTIME), HOST(CLONE_PIDFD),
      HOST(NETLINK_ROUTE), HOST(NETLINK_AUDIT), HOST(NETLINK_NETFILTER), HOST(NETLINK_KOBJECT_UEVENT),
      HOST(PER_LINUX), HOST(PER_LINUX32), HOST(ADDR_NO_RANDOMIZE), HOST(UNAME26), HOST(READ_IMPLIES_EXEC),
      HOST(RLIMIT_NOFILE), HOST(RLIMIT_NPROC), HOST(RLIMIT_AS), HOST(RLIMIT_MEMLOCK), HOST(RLIMIT_RTTIME),
      HOST(F_DUPFD), HOST(F_SETLK), HOST(F_SETFL), HOST(F_GETFD), HOST(F_DUPFD_CLOEXEC), HOST(F_ADD_SEALS), HOST(FD_CLOEXEC),
      HOST(SEEK_SET), HOST(SEEK_END), HOST(SEEK_HOLE), HOST(AT_FDCWD), HOST(AT_SYMLINK_NOFOLLOW), HOST(AT_EMPTY_PATH),
      HOST(TCGETS), HOST(TIOCSTI), HOST(TIOCGWINSZ), HOST(TIOCLINUX), HOST(FIONREAD), HOST(FIONBIO), HOST(FIOCLEX),
      HOST(SIOCGIFCONF), HOST(SIOCGIFFLAGS), HOST(TIOCGPTN), HOST(TIOCSCTTY),
      HOST(SOL_SOCKET), HOST(SO_REUSEADDR), HOST(SO_PEERCRED), HOST(SO_REUSEPORT), HOST(MSG_NOSIGNAL), HOST(MSG_OOB),
      HOST(MS_RDONLY), HOST(MS_BIND), HOST(MS_REC), HOST(MS_NOSUID), HOST(MS_PRIVATE), HOST(MNT_DETACH), HOST(MNT_FORCE),
      HOST(SECCOMP_SET_MODE_FILTER), HOST(SECCOMP_RET_ALLOW), HOST(SECCOMP_FILTER_FLAG_TSYNC),
      HOST(SA_RESTART), HOST(SIG_BLOCK), HOST(SPLICE_F_MOVE), HOST(SYNC_FILE_RANGE_WRITE), HOST(F_OK), HOST(W_OK),
      // clang-format on
  };
  for (const HostConstant& each : host) {
    CHECK_MESSAGE(find_constant(each.name, Arch::X86_64) == each.value, each.name);
  }
}
#endif

TEST_CASE("constants: where mips goes its own way") {
  CHECK(find_constant("SOCK_STREAM", Arch::Mips64El) == 2);
  CHECK(find_constant("SOCK_DGRAM", Arch::Mips64El) == 1);
  CHECK(find_constant("SOCK_NONBLOCK", Arch::Mips64El) == 0x80);
  CHECK(find_constant("MAP_ANONYMOUS", Arch::Mips64El) == 0x800);
  CHECK(find_constant("O_CREAT", Arch::Mips64El) == 0x100);
  CHECK(find_constant("SOL_SOCKET", Arch::Mips64El) == 0xffff);
  CHECK(find_constant("RLIMIT_NOFILE", Arch::Mips64El) == 5);
  CHECK(errno_number("ENOSYS", Arch::Mips64El) == 89);
  CHECK(errno_number("ENOSYS", Arch::X86_64) == 38);
  CHECK(signal_number("SIGUSR1", Arch::Mips64El) == 16);
  CHECK(signal_number("SIGCHLD", Arch::Mips64El) == 18);
  CHECK(signal_number("SIGEMT", Arch::Mips64El) == 7);
  CHECK_FALSE(signal_number("SIGEMT", Arch::X86_64));
}

TEST_CASE("constants: the other ports' own values") {
  CHECK(find_constant("O_DIRECTORY", Arch::AArch64) == 0x4000);
  CHECK(find_constant("O_DIRECTORY", Arch::X86_64) == 0x10000);
  CHECK(find_constant("O_DIRECTORY", Arch::Ppc64Le) == 0x4000);
  CHECK(find_constant("TCGETS", Arch::X86_64) == 0x5401);
  CHECK(find_constant("TCGETS", Arch::Ppc64Le) == 0x402c7413);
  CHECK(find_constant("TIOCSTI", Arch::Mips64El) == 0x5472);
  CHECK(find_constant("MAP_NORESERVE", Arch::Ppc64Le) == 0x40);
  CHECK(find_constant("FS_IOC_GETFLAGS", Arch::X86_64) == 0x80086601);
  CHECK(find_constant("FS_IOC_GETFLAGS", Arch::X86) == 0x80046601);
  CHECK(find_constant("FS_IOC_GETFLAGS", Arch::Mips64El) == 0x40086601);
  CHECK_FALSE(find_constant("ARCH_SET_FS", Arch::AArch64));
  CHECK_FALSE(find_constant("MAP_32BIT", Arch::RiscV64));
}

TEST_CASE("constants: negative ones are sign-extended") {
  CHECK(find_constant("AT_FDCWD", Arch::X86) == static_cast<std::uint64_t>(-100));
  CHECK(find_constant("KEY_SPEC_SESSION_KEYRING", Arch::S390X) == static_cast<std::uint64_t>(-3));
}

TEST_CASE("constants: groups, and the nearest name inside one") {
  CHECK(constant_group("AF_ALG") == ConstantGroup::AddressFamily);
  CHECK(constant_group("SIGEMT") == ConstantGroup::Signal);
  CHECK_FALSE(constant_group("AF_NONSENSE"));
  CHECK(name(ConstantGroup::AddressFamily) == "AddressFamily");
  CHECK(nearest_constant("AF_INNET") == llvm::StringRef("AF_INET"));
  CHECK(nearest_constant("SIGTREM", ConstantGroup::Signal) == llvm::StringRef("SIGTERM"));
  CHECK_FALSE(nearest_constant("AF_INNET", ConstantGroup::Signal));
}

TEST_CASE("constants: every group has members on x86_64, sorted, and each is found again") {
#define ISOLA_CONSTANT_GROUP(Group, what) ConstantGroup::Group,
  const ConstantGroup groups[] = {
#include "compiler/kernel/constant_groups.def"
  };
  for (const ConstantGroup group : groups) {
    const llvm::SmallVector<Constant, 0> all = constants_of(group, Arch::X86_64);
    CHECK_MESSAGE(!all.empty(), name(group).str());
    for (std::size_t index = 0; index < all.size(); ++index) {
      CHECK(find_constant(all[index].name, Arch::X86_64) == all[index].value);
      CHECK(constant_group(all[index].name) == group);
      if (index > 0) CHECK(all[index - 1].name < all[index].name);
    }
  }
}

TEST_CASE("constants: a number goes by its main name") {
  CHECK(errno_name(11, Arch::X86_64) == llvm::StringRef("EAGAIN"));
  CHECK(errno_name(35, Arch::X86_64) == llvm::StringRef("EDEADLK"));
  CHECK(errno_name(56, Arch::Mips64El) == llvm::StringRef("EDEADLOCK"));
  CHECK(errno_name(95, Arch::X86_64) == llvm::StringRef("EOPNOTSUPP"));
  CHECK_FALSE(errno_name(4095, Arch::X86_64));
  CHECK(signal_name(6, Arch::X86_64) == llvm::StringRef("SIGABRT"));
  CHECK(signal_name(17, Arch::X86_64) == llvm::StringRef("SIGCHLD"));
  CHECK(signal_name(18, Arch::Mips64El) == llvm::StringRef("SIGCHLD"));
  CHECK(signal_name(31, Arch::X86_64) == llvm::StringRef("SIGSYS"));
  CHECK(constant_name(ConstantGroup::AddressFamily, 1, Arch::X86_64) == llvm::StringRef("AF_UNIX"));
}
