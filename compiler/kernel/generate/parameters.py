"""From the C declaration of a parameter to what a filter must know: width, sign, kind.

The width is what the kernel looks at, not what the register holds. Where a handler cuts a parameter down
itself, NARROWED says so and where.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Parameter:
    name: str
    bits: int
    signed: bool
    kind: str
    part: str = "Whole"


# Types of one width everywhere: (bits, signed). Sources: include/uapi/asm-generic/posix_types.h,
# include/linux/types.h, include/asm-generic/compat.h, arch/x86/include/asm/compat.h.
FIXED = {
    "int": (32, True), "s32": (32, True), "__s32": (32, True), "pid_t": (32, True), "compat_pid_t": (32, True),
    "key_t": (32, True), "key_serial_t": (32, True), "clockid_t": (32, True), "timer_t": (32, True),
    "mqd_t": (32, True), "rwf_t": (32, True), "compat_long_t": (32, True), "compat_off_t": (32, True),
    "compat_ssize_t": (32, True),
    "unsigned int": (32, False), "unsigned": (32, False), "uint": (32, False), "u32": (32, False),
    "__u32": (32, False), "uid_t": (32, False), "gid_t": (32, False), "qid_t": (32, False),
    "enum landlock_rule_type": (32, False), "compat_ulong_t": (32, False), "compat_size_t": (32, False),
    "compat_uptr_t": (32, False), "compat_aio_context_t": (32, False),
    "old_uid_t": (16, False), "old_gid_t": (16, False), "umode_t": (16, False), "compat_mode_t": (16, False),
    "loff_t": (64, True), "u64": (64, False), "__u64": (64, False),
}

# Types as wide as a register of the ABI.
WORD = {"long": True, "off_t": True, "unsigned long": False, "size_t": False, "uintptr_t": False,
        "aio_context_t": False, "old_sigset_t": False}

POINTERS = ("compat_uptr_t", "cap_user_header_t", "cap_user_data_t", "__sighandler_t")

DESCRIPTORS = frozenset("""fd dfd fd_in fd_out fdin fdout oldfd newfd olddfd newdfd fildes pidfd ufd epfd group_fd
    mountdirfd fs_fd from_dfd to_dfd out_fd in_fd fanotify_fd kernel_fd initrd_fd ruleset_fd mqdes
    neighbor_fd""".split())

FLAGS = frozenset("""flags flag flags1 prot options mask oflag oflags shmflg msgflg semflg swap_flags attr_flags
    event_f_flags clone_flags unshare_flags newmask personality mode""".split())

COMMANDS = frozenset("""cmd option op opcode request func function_code command how behavior advice advise which
    whence origin call""".split())

SIZES = frozenset("""len length size count vlen addrlen addr_len optlen old_len new_len bufsiz bufsize nr_pages
    nbytes bytes liovcnt riovcnt nfds maxevents nr nsops nsems usize sz msgsz msg_len sigsetsize gidsetsize
    cpusetsize nr_events min_nr nr_segments nr_segs plen argsz sizemask pair_count nr_mnt_ids bytecount cmdline_len
    rseq_len nr_args entries to_submit min_complete stack_size ctx_size maxnode backlog len_in""".split())

ADDRESSES = frozenset("addr start new_addr newsp tls brk mmio_addr tls_val".split())

# Parameters that are declared wider than what their handler uses: the rest of the register is never looked at.
NARROWED = {
    # lower_32_bits(clone_flags) in kernel/fork.c; before 5.9 the upper bits were unused.
    ("clone", "clone_flags"): (32, False),
    # find_get_task_by_vpid(pid_t) in kernel/ptrace.c.
    ("ptrace", "pid"): (32, True),
    # `int lmode = mode` in mm/mempolicy.c, kernel_mbind.
    ("mbind", "mode"): (32, False),
    # ksys_personality(unsigned int): arch/powerpc/kernel/syscalls.c declares unsigned long.
    ("personality", "personality"): (32, False),
}


def describe(call, declared, name, arch):
    """One declared parameter as the kernel of `arch` reads it; a 64-bit one on a 32-bit ABI stays 64 here."""
    declared = declared.replace("const ", "").strip()
    name = name.strip().lstrip("*")
    if "*" in declared or declared in POINTERS:
        bits = 32 if declared == "compat_uptr_t" else arch.word
        return Parameter(name, bits, False, "Pointer")
    if declared in FIXED:
        bits, signed = FIXED[declared]
    elif declared in WORD:
        bits, signed = arch.word, WORD[declared]
    else:
        raise SystemExit(f"{call}: unknown type {declared!r} of {name}")
    kind = kind_of(declared, name)
    # fget() and fdget() take unsigned int: nothing above ever reaches them. Source: include/linux/file.h.
    if kind == "FileDescriptor":
        bits = 32
    if (call, name) in NARROWED:
        bits, signed = NARROWED[call, name]
    return Parameter(name, bits, signed, kind)


def kind_of(declared, name):
    by_type = {
        "umode_t": "Mode", "compat_mode_t": "Mode", "pid_t": "ProcessId", "compat_pid_t": "ProcessId",
        "uid_t": "UserId", "old_uid_t": "UserId", "gid_t": "GroupId", "old_gid_t": "GroupId", "loff_t": "Offset",
        "off_t": "Offset", "compat_off_t": "Offset", "mqd_t": "FileDescriptor", "rwf_t": "Flags",
        "size_t": "Size", "compat_size_t": "Size", "compat_ssize_t": "Size",
    }
    if declared in by_type and not (by_type[declared] == "Offset" and name in ("len", "nbytes", "length")):
        return by_type[declared]
    if name in DESCRIPTORS:
        return "FileDescriptor"
    if name in FLAGS:
        return "Flags"
    if name in COMMANDS:
        return "Command"
    if name in SIZES:
        return "Size"
    if name in ("off", "offset", "pgoff", "pos_l", "pos_h", "off_4k"):
        return "Offset"
    if name in ("sig", "signum"):
        return "Signal"
    if name in ("pid", "tgid", "upid"):
        return "ProcessId"
    if name in ADDRESSES and declared in ("unsigned long", "uintptr_t", "compat_ulong_t", "compat_long_t"):
        return "Address"
    return "Integer"


# preadv and its like take the halves as two registers on every architecture; a 64-bit kernel shifts the upper
# one away, so the lower one is the whole there. Source: pos_from_hilo, fs/read_write.c.
HALVES_EVERYWHERE = {"pos_l": ("pos_l", "Low"), "pos_h": ("pos_l", "High")}

# How x86 names the halves of a 64-bit value.
LOW_SUFFIXES = ("_low", "_lo", "low", "lo")
HIGH_SUFFIXES = ("_high", "_hi", "high", "hi")


def registers(parameters, arch, whole_names):
    """The parameters as registers: 64-bit values of a 32-bit ABI as pairs, halves under the name of the whole.

    whole_names: the names that the 64-bit variant of this call has, to undo abbreviations ("off_lo", "n_hi").
    """
    if arch.word == 64:
        return tuple(parameters)
    found = []
    for parameter in parameters:
        if parameter.bits == 64:
            # The procedure call standard of arm keeps such a pair in an even and the following odd register.
            if arch.name == "arm" and len(found) % 2 == 1:
                found.append(Parameter("", 32, False, "Integer"))
            for part in ("Low", "High"):
                found.append(replace(parameter, bits=32, signed=False, kind="Split", part=part))
            continue
        found.append(name_half(parameter, whole_names))
    return tuple(found)


def name_half(parameter, whole_names):
    if parameter.kind == "Pointer":
        return parameter
    if parameter.name in HALVES_EVERYWHERE:
        name, part = HALVES_EVERYWHERE[parameter.name]
        return Parameter(name, 32, False, "Split", part)
    for suffixes, part in ((LOW_SUFFIXES, "Low"), (HIGH_SUFFIXES, "High")):
        for suffix in suffixes:
            if not parameter.name.endswith(suffix) or len(parameter.name) == len(suffix):
                continue
            stem = parameter.name[:-len(suffix)]
            whole = [name for name in whole_names if name.startswith(stem)]
            if whole:
                return Parameter(whole[0], 32, False, "Split", part)
    return parameter
