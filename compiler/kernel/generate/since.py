"""The first kernel of each system call.

syscalls(2) of manpages-dev knows it for the calls up to 5.14, over all architectures. Below stand the newer
calls, the calls that the page does not list, and those that an architecture got later than the others.
"""

import gzip
import re

# Calls that syscalls(2) does not list or lists wrongly. Sources: the page of the call in manpages-dev 6.03 where
# there is one (membarrier(2), pkey_alloc(2)); else the release in which the number entered the common
# tables of the kernel (include/uapi/asm-generic/unistd.h).
EVERYWHERE = {
    "membarrier": (4, 3), "pkey_alloc": (4, 9), "pkey_free": (4, 9), "pkey_mprotect": (4, 9),
    "process_mrelease": (5, 15), "futex_waitv": (5, 16), "set_mempolicy_home_node": (5, 17),
    "cachestat": (6, 5), "fchmodat2": (6, 6), "map_shadow_stack": (6, 6),
    "futex_wake": (6, 7), "futex_wait": (6, 7), "futex_requeue": (6, 7),
    "statmount": (6, 8), "listmount": (6, 8),
    "lsm_get_self_attr": (6, 8), "lsm_set_self_attr": (6, 8), "lsm_list_modules": (6, 8),
    "mseal": (6, 10), "uretprobe": (6, 11), "riscv_hwprobe": (6, 4),
    "mount_setattr": (5, 12), "io_pgetevents": (4, 18), "quotactl_fd": (5, 14), "memfd_secret": (5, 14),
    "kexec_file_load": (3, 17), "mmap2": (2, 6), "epoll_pwait2": (5, 11),
    # Old calls of one port or under an old name.
    "pread64": (2, 6), "pwrite64": (2, 6), "readdir": (2, 6), "umount": (2, 6), "fadvise64": (2, 6),
    "sched_get_priority_max": (2, 6), "sched_get_priority_min": (2, 6), "get_tls": (4, 11),
    "arm_fadvise64_64": (2, 6), "arm_sync_file_range": (2, 6), "sync_file_range2": (2, 6),
    "cachectl": (2, 6), "send": (2, 6), "timerfd": (2, 6), "epoll_ctl_old": (2, 6), "epoll_wait_old": (2, 6),
    "lock": (2, 6), "idle": (2, 6), "getpmsg": (2, 6), "putpmsg": (2, 6), "afs_syscall": (2, 6),
    "tuxcall": (2, 6), "security": (2, 6), "vserver": (2, 6), "break": (2, 6), "ftime": (2, 6), "gtty": (2, 6),
    "stty": (2, 6), "mpx": (2, 6), "prof": (2, 6), "profil": (2, 6), "ulimit": (2, 6), "multiplexer": (2, 6),
}

# A 64-bit clock on 32-bit architectures, all in one release. Source: the numbers 403 to 423, Linux 5.1.
TIME64 = (5, 1)

SOCKET_CALLS = """socket socketpair bind connect listen accept4 getsockopt setsockopt getsockname getpeername
    sendto sendmsg recvfrom recvmsg shutdown""".split()
IPC_CALLS = "semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl".split()

NUMA_CALLS = "get_mempolicy mbind migrate_pages move_pages set_mempolicy".split()
PKEY_CALLS = "pkey_alloc pkey_free pkey_mprotect".split()


def all_at(names, version):
    return {name: version for name in names}


# What an architecture got later than the others. Sources: socket(2) beside socketcall(2) and semget(2) beside
# ipc(2): the releases that gave the direct calls numbers (4.3, 5.1); the rest from the first kernels in
# libseccomp's src/syscalls.csv (6.16), of which the columns of the old ports agree with syscalls(2) elsewhere.
# loongarch64 began without the stat family and got two of it in 6.11.
LATER = {
    "x86": {**all_at(SOCKET_CALLS, (4, 3)), **all_at(IPC_CALLS, (5, 1)), "arch_prctl": (4, 12),
            "map_shadow_stack": (6, 7)},
    "x32": {"kcmp": (3, 6), "preadv2": (4, 7), "pwritev2": (4, 7), "map_shadow_stack": (6, 10)},
    "arm": {"kcmp": (3, 9), "io_pgetevents": (4, 19), "kexec_file_load": (5, 1), "migrate_pages": (5, 1),
            "map_shadow_stack": (6, 7)},
    "s390x": {**all_at(SOCKET_CALLS + NUMA_CALLS + ["recvmmsg", "sendmmsg"], (4, 3)),
              **all_at(IPC_CALLS + PKEY_CALLS + ["semtimedop"], (5, 1)),
              "kcmp": (3, 7), "kexec_file_load": (4, 17), "memfd_secret": (6, 4), "map_shadow_stack": (6, 7)},
    "ppc64le": {**all_at(IPC_CALLS + ["semtimedop"], (5, 1)), **all_at(PKEY_CALLS, (4, 16)),
                "kexec_file_load": (4, 10), "map_shadow_stack": (6, 7)},
    "mips64el": {"sendmmsg": (3, 1), "kcmp": (3, 7), "getdents64": (3, 10), "clone3": (5, 4),
                 "map_shadow_stack": (6, 7)},
    "loongarch64": {"fstat": (6, 11), "newfstatat": (6, 11), "map_shadow_stack": (6, 7)},
    "aarch64": {"kexec_file_load": (5, 0), "map_shadow_stack": (6, 7)},
    "riscv64": {"kexec_file_load": (5, 0), "map_shadow_stack": (6, 7)},
}


def read_page(path):
    """{name: (release, patchlevel)} of syscalls(2)."""
    with gzip.open(path, "rt") as file:
        page = file.read()
    found = {}
    for match in re.finditer(r"^\\fB(\w+)\\fP\(2\)\t([\d.; ]+)", page, re.M):
        name, versions = match.groups()
        # "2.6; 2.4.18" counts the main line; 2.6.x and older are all 2.6 (kernel_version.h).
        releases = [tuple(int(part) for part in version.split(".")[:2]) for version in versions.split(";")]
        found[name] = max(max(releases), (2, 6))
    return found


def first_kernel(name, arch, page):
    version = EVERYWHERE.get(name) or page.get(name)
    if version is None and (name.endswith("_time64") or name.endswith("64") and arch.word == 32):
        version = TIME64
    if version is None:
        raise SystemExit(f"no first kernel for {name} ({arch.name})")
    version = max(version, LATER.get(arch.name, {}).get(name, (2, 6)))
    return max(version, arch.since)
