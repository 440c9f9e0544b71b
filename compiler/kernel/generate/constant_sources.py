"""Which names of which headers are constants of which group.

A row: group, headers, pattern of the names, pattern of names to leave out. The first row that takes a name keeps
it. Headers are those of linux-libc-dev; "kernel:PATH" are files of the kernel source, for what the kernel fixes
but leaves to the C library to publish: of those only the matching #define and enum lines are used.
"""

# Counts, masks and guards that no call takes.
NEVER = r".*(_H|_H_|_MAX|_LAST|_NR|_COUNT|_SIZE|_SHIFT|_BITS|__|_BASE|_VALID)$"

# Names of the C library for the kernel's values. Sources: access(2), errno(3), and glibc's <unistd.h>.
LIBRARY_NAMES = """
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#define ENOTSUP EOPNOTSUPP
#define SIGCLD SIGCHLD
"""

ROWS = (
    ("Errno", ("linux/errno.h", "library"), r"E[A-Z0-9]+", r"ERESTART[A-Z]+|ENOIOCTLCMD"),
    ("Signal", ("linux/signal.h", "library"), r"SIG[A-Z0-9]+", r"SIGEV|SIGSTKSZ"),
    ("SignalAction", ("linux/signal.h",), r"SA_[A-Z_]+|SIG_(BLOCK|UNBLOCK|SETMASK)|SS_[A-Z]+|SIGEV_[A-Z_]+", r"SS_FLAG_BITS"),
    ("AddressFamily", ("kernel:include/linux/socket.h",), r"[AP]F_[A-Z0-9_]+", None),
    ("Message", ("kernel:include/linux/socket.h",), r"MSG_[A-Z_]+", r"MSG_INTERNAL_\w+|MSG_SENDPAGE_\w+|MSG_NO_SHARED_FRAGS|MSG_CMSG_COMPAT|MSG_SPLICE_PAGES"),
    ("SocketLevel", ("asm/socket.h", "kernel:include/linux/socket.h"), r"SOL_[A-Z0-9_]+", None),
    ("SocketType", ("linux/fcntl.h", "sock_type"), r"SOCK_[A-Z_]+", r"SOCK_(TYPE_MASK|NOSPACE|PASS\w+|SUPPORT_ZC|CUSTOM_SOCKOPT)"),
    ("SocketOption", ("asm/socket.h", "linux/in.h", "linux/in6.h", "linux/tcp.h", "linux/if_packet.h", "linux/udp.h"),
     r"SO_[A-Z0-9_]+|IPV?6?_[A-Z0-9_]+|TCP_[A-Z0-9_]+|PACKET_[A-Z0-9_]+|MCAST_[A-Z_]+|UDP_[A-Z0-9_]+",
     r"TCP_(FLAG|CA|ESTABLISHED|NLA|MIB|QUEUE|SEQ|NO_QUEUE|AO_KEYF|MD5SIG_FLAG|MD5SIG_MAX|REPAIR_O|RECEIVE_ZEROCOPY_FLAG|"
     r"RECV_QUEUE|SEND_QUEUE|AO_MAX|AO_GET)\w*|UDP_ENCAP_[A-Z0-9]+|PACKET_(HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|"
     r"LOOPBACK|USER|KERNEL|FASTROUTE)|PACKET_(FANOUT|MR)_\w+"),
    ("IpProtocol", ("linux/in.h",), r"IPPROTO_[A-Z0-9_]+", None),
    ("PacketProtocol", ("linux/if_ether.h",), r"ETH_P_[A-Z0-9_]+", None),
    ("Netlink", ("linux/netlink.h",), r"NETLINK_[A-Z0-9_]+",
     r"NETLINK_(ADD_MEMBERSHIP|DROP_MEMBERSHIP|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|LISTEN_ALL_NSID|LIST_MEMBERSHIPS|"
     r"CAP_ACK|EXT_ACK|GET_STRICT_CHK|RX_RING|TX_RING|UNCONNECTED|CONNECTED|UNUSED)"),
    ("Clone", ("linux/sched.h",), r"CLONE_[A-Z_]+|CSIGNAL", r"CLONE_ARGS_\w+"),
    ("Schedule", ("linux/sched.h", "linux/ioprio.h", "linux/resource.h"),
     r"SCHED_[A-Z_]+|IOPRIO_[A-Z_]+|PRIO_[A-Z]+|RUSAGE_[A-Z]+", r"IOPRIO_PRIO_\w+|IOPRIO_CLASS_MASK|PRIO_(MIN|MAX)|SCHED_ATTR_\w+"),
    ("Madvise", ("linux/mman.h",), r"MADV_[A-Z_0-9]+", None),
    ("Protection", ("linux/mman.h",), r"PROT_[A-Z_0-9]+|PKEY_[A-Z_]+", None),
    ("Map", ("linux/mman.h", "linux/memfd.h"), r"MAP_[A-Z0-9_]+|MREMAP_[A-Z]+|MCL_[A-Z]+|MLOCK_[A-Z]+|MS_A?SYNC|MS_INVALIDATE|"
     r"MFD_[A-Z0-9_]+", r"MAP_HUGE_(MASK|SHIFT)"),
    ("Prctl", ("linux/prctl.h",), r"PR_[A-Z0-9_]+", None),
    ("ArchPrctl", ("asm/prctl.h",), r"ARCH_[A-Z0-9_]+", None),
    ("Open", ("linux/fcntl.h", "linux/openat2.h"), r"O_[A-Z_]+|RESOLVE_[A-Z_]+|__O_[A-Z]+", None),
    ("At", ("linux/fcntl.h",), r"AT_[A-Z_]+", None),
    ("Fcntl", ("linux/fcntl.h",), r"F_[A-Z0-9_]+|FD_CLOEXEC|LOCK_[A-Z]+|DN_[A-Z]+|RWH_WRITE_LIFE_[A-Z]+",
     r"F_LINUX_SPECIFIC_BASE"),
    ("Access", ("library",), r"[FRWX]_OK", None),
    ("FileMode", ("linux/stat.h",), r"S_I[A-Z]+", None),
    ("Statx", ("linux/stat.h",), r"STATX_[A-Z_]+", None),
    ("Seek", ("linux/fs.h",), r"SEEK_[A-Z]+", None),
    ("Rename", ("linux/fs.h",), r"RENAME_[A-Z]+", None),
    ("ReadWrite", ("linux/fs.h", "kernel:include/linux/splice.h"), r"RWF_[A-Z]+|SYNC_FILE_RANGE_[A-Z_]+|SPLICE_F_[A-Z]+",
     r"RWF_SUPPORTED|SPLICE_F_ALL"),
    ("Fallocate", ("linux/falloc.h",), r"FALLOC_FL_[A-Z_]+", None),
    ("Mount", ("linux/mount.h", "kernel:include/linux/fs.h"), r"MS_[A-Z0-9_]+|MNT_(FORCE|DETACH|EXPIRE)|UMOUNT_NOFOLLOW|MOUNT_ATTR_[A-Z_]+|"
     r"MOVE_MOUNT_[A-Z_]+|OPEN_TREE_[A-Z]+|FSOPEN_[A-Z]+|FSPICK_[A-Z_]+|FSMOUNT_[A-Z]+|FSCONFIG_[A-Z_]+|STATMOUNT_[A-Z_]+|"
     r"LSMT_ROOT|LISTMOUNT_[A-Z]+", r"MS_RMT_MASK|MS_(A?SYNC|INVALIDATE)"),
    ("Epoll", ("linux/eventpoll.h",), r"EPOLL_?[A-Z0-9_]+", r"EPOLL_PACKED"),
    ("Poll", ("asm/poll.h",), r"POLL[A-Z0-9_]+", None),
    ("Futex", ("linux/futex.h",), r"FUTEX2?_[A-Z0-9_]+", r"FUTEX_OP(_.*)?|FUTEX_(TID_MASK|WAITERS|OWNER_DIED|BITSET_MATCH_ANY|WAITV_MAX|32)|FUTEX_OP_[A-Z_]+"),
    ("Clock", ("linux/time.h", "linux/timerfd.h", "linux/timex.h", "linux/eventfd.h", "linux/signalfd.h"),
     r"CLOCK_[A-Z_]+|TIMER_ABSTIME|ITIMER_[A-Z]+|TFD_[A-Z_]+|ADJ_[A-Z]+|EFD_[A-Z]+|SFD_[A-Z]+", r"TFD_\w+_FLAGS"),
    ("Inotify", ("linux/inotify.h",), r"IN_[A-Z_]+", r"IN_ALL_EVENTS"),
    ("Fanotify", ("linux/fanotify.h",), r"FAN_[A-Z_0-9]+", r"FAN_ALL_\w+|FAN_EVENT_\w+|FAN_NOFD|FAN_NOPIDFD|FAN_EPIDFD|FAN_INFO\w*|FAN_RESPONSE\w*"),
    ("Keyctl", ("linux/keyctl.h",), r"KEYCTL_[A-Z0-9_]+|KEY_(SPEC|REQKEY)_[A-Z_]+", r"KEYCTL_(CAPS[01]|SUPPORTS|MOVE)_\w+"),
    ("Ptrace", ("linux/ptrace.h", "asm/ptrace.h"), r"PTRACE_[A-Z0-9_]+", r"PTRACE_(EVENTMSG|SYSCALL_INFO)_\w+"),
    ("Seccomp", ("linux/seccomp.h",), r"SECCOMP_[A-Z0-9_]+", r"SECCOMP_IOC\w+|SECCOMP_IOCTL\w+|SECCOMP_IO\w*"),
    ("Bpf", ("linux/bpf.h",), r"BPF_(MAP|PROG|OBJ|BTF|LINK|TOKEN|ITER)_[A-Z0-9_]+|BPF_TASK_FD_QUERY|BPF_RAW_TRACEPOINT_OPEN|"
     r"BPF_ENABLE_STATS", None),
    ("IoUring", ("linux/io_uring.h",), r"IORING_[A-Z0-9_]+|IOSQE_[A-Z_]+", r"IORING_OFF_\w+|IORING_CQE_\w+|IOSQE_\w+_BIT"),
    ("Landlock", ("linux/landlock.h",), r"LANDLOCK_[A-Z0-9_]+", None),
    ("Kcmp", ("linux/kcmp.h",), r"KCMP_[A-Z_]+", None),
    ("Membarrier", ("linux/membarrier.h",), r"MEMBARRIER_[A-Z_]+", None),
    ("MemoryPolicy", ("linux/mempolicy.h",), r"MPOL_[A-Z_]+", None),
    ("Getrandom", ("linux/random.h",), r"GRND_[A-Z]+", None),
    ("Pidfd", ("linux/pidfd.h",), r"PIDFD_(NONBLOCK|THREAD|SIGNAL_[A-Z_]+)", None),
    ("CloseRange", ("linux/close_range.h",), r"CLOSE_RANGE_[A-Z]+", None),
    ("Userfaultfd", ("linux/userfaultfd.h",), r"UFFD_USER_MODE_ONLY|UFFD_FEATURE_[A-Z0-9_]+", None),
    ("Rseq", ("linux/rseq.h",), r"RSEQ_FLAG_[A-Z]+", None),
    ("Module", ("linux/module.h",), r"MODULE_INIT_[A-Z_]+", None),
    ("Perf", ("linux/perf_event.h",), r"PERF_FLAG_[A-Z_]+|PERF_TYPE_[A-Z_]+", None),
    ("Personality", ("linux/personality.h",), r"PER_[A-Z0-9]+|UNAME26|ADDR_[A-Z0-9_]+|FDPIC_FUNCPTRS|MMAP_PAGE_ZERO|"
     r"READ_IMPLIES_EXEC|SHORT_INODE|STICKY_TIMEOUTS|WHOLE_SECONDS", r"PER_CLEAR_ON_SETID|PER_MASK"),
    ("Quota", ("linux/quota.h", "linux/dqblk_xfs.h"), r"Q_[A-Z0-9]+|USRQUOTA|GRPQUOTA|PRJQUOTA", None),
    ("Reboot", ("linux/reboot.h",), r"LINUX_REBOOT_[A-Z0-9_]+", None),
    ("Rlimit", ("linux/resource.h",), r"RLIMIT_[A-Z]+|RLIM_INFINITY", None),
    ("Ipc", ("linux/ipc.h", "linux/shm.h", "linux/sem.h", "linux/msg.h"), r"IPC_[A-Z0-9]+|SHM_[A-Z0-9_]+|SEM_[A-Z_]+|GETVAL|GETALL|"
     r"GETNCNT|GETPID|GETZCNT|SETVAL|SETALL|MSG_(STAT|STAT_ANY|INFO|NOERROR|EXCEPT|COPY)", r"SHM_HUGE_(MASK|SHIFT)|IPC_(OLD|64)"),
    ("SocketCall", ("linux/net.h", "linux/ipc.h"), r"SYS_[A-Z0-9]+|SEMOP|SEMGET|SEMCTL|SEMTIMEDOP|MSGSND|MSGRCV|MSGGET|MSGCTL|SHMAT|"
     r"SHMDT|SHMGET|SHMCTL", None),
    ("Swap", ("kernel:include/linux/swap.h",), r"SWAP_FLAG_[A-Z_]+", r"SWAP_FLAG_PRIO_SHIFT"),
    ("Syslog", ("kernel:include/linux/syslog.h",), r"SYSLOG_ACTION_[A-Z_]+", None),
    ("Wait", ("linux/wait.h",), r"W[A-Z]+|__W[A-Z]+|P_[A-Z]+", None),
    ("Xattr", ("linux/xattr.h",), r"XATTR_(CREATE|REPLACE)", None),
)

# Requests: every macro that the kernel builds with _IO, _IOR, _IOW or _IOWR, and in the first headers, which have
# older plain numbers, by name as well.
IOCTL_NAMED = (
    ("asm/ioctls.h", r"TC[A-Z0-9]+|TIOC[A-Z0-9_]+|FIO[A-Z]+",
     r"TIOCM_\w+|TIOCPKT_\w+|TIOCSER_TEMT|TC[IO]?(OFF|ON|IFLUSH|OFLUSH|IOFLUSH)|TCOOFF|TCOON|TCIOFF|TCION|TCSANOW|TCSADRAIN|TCSAFLUSH|TIOCPKT"),
    ("linux/sockios.h", r"SIOC[A-Z0-9_]+|FIO[A-Z]+", r"SIOCDEVPRIVATE|SIOCPROTOPRIVATE"),
    ("linux/fs.h", r"FI(BMAP|GETBSZ|FREEZE|THAW|TRIM|CLONE|CLONERANGE|DEDUPERANGE)", None),
    ("linux/loop.h", r"LOOP_[A-Z0-9_]+", None),
    ("linux/kd.h", r"(KD|PIO_|GIO_)[A-Z0-9]+|KIOC[A-Z]+", r"KD_(TEXT|GRAPHICS)\w*"),
    ("linux/vt.h", r"VT_[A-Z]+", r"VT_(AUTO|PROCESS|ACKACQ|EVENT_\w+)"),
    ("linux/cdrom.h", r"CDROM[A-Z]+|CDROM_(CHANGER_NSLOTS|CLEAR_OPTIONS|DEBUG|DISC_STATUS|DRIVE_STATUS|GET_[A-Z]+|LAST_WRITTEN|"
     r"LOCKDOOR|MEDIA_CHANGED|NEXT_WRITABLE|SELECT_[A-Z]+|SEND_PACKET|SET_OPTIONS|TIMED_MEDIA_CHANGE)", None),
    ("linux/hdreg.h", r"HDIO_[A-Z_0-9]+", r"HDIO_DRIVE_HOB_HDR_SIZE|HDIO_\w+_HDR_SIZE"),
    ("linux/ppp-ioctl.h", r"PPPIOC[A-Z0-9]+", None),
    ("scsi/sg.h", r"SG_[A-Z_]+", r"SG_(DXFER|FLAG|INFO|DEFAULT|MAX|DEF|BIG)\w*"),
)

# Structures whose sizes are in requests of headers that do not include them.
IOCTL_TYPES = ("linux/termios.h", "linux/blktrace_api.h", "linux/fiemap.h", "linux/major.h", "linux/filter.h", "linux/serial.h")

IOCTL_HEADERS = (
    "linux/fs.h", "linux/fscrypt.h", "linux/fsverity.h", "linux/blkzoned.h", "linux/blkpg.h", "linux/random.h",
    "linux/if_tun.h", "linux/if_pppox.h", "linux/vhost.h", "linux/kvm.h", "linux/nsfs.h", "linux/fuse.h",
    "linux/btrfs.h", "linux/seccomp.h", "linux/perf_event.h", "linux/userfaultfd.h", "linux/vm_sockets.h",
    "linux/watchdog.h", "linux/rtc.h", "linux/input.h", "linux/uinput.h", "linux/dm-ioctl.h", "linux/vfio.h",
    "linux/iommufd.h", "linux/pidfd.h", "linux/eventpoll.h", "linux/tee.h", "linux/dma-buf.h", "linux/sync_file.h",
    "linux/udmabuf.h", "linux/gpio.h", "linux/i2c-dev.h", "linux/hidraw.h", "linux/usbdevice_fs.h", "linux/videodev2.h",
    "linux/media.h", "linux/ptp_clock.h", "linux/nvme_ioctl.h", "linux/nbd.h", "linux/raid/md_u.h", "linux/mount.h",
    "linux/android/binder.h", "linux/vt.h", "linux/ppp-ioctl.h", "drm/drm.h", "drm/amdgpu_drm.h", "drm/etnaviv_drm.h", "drm/exynos_drm.h", "drm/i915_drm.h",
    "drm/lima_drm.h", "drm/msm_drm.h", "drm/nouveau_drm.h", "drm/omap_drm.h", "drm/panfrost_drm.h", "drm/panthor_drm.h",
    "drm/qxl_drm.h", "drm/radeon_drm.h", "drm/tegra_drm.h", "drm/v3d_drm.h", "drm/vc4_drm.h", "drm/vgem_drm.h",
    "drm/virtgpu_drm.h", "drm/vmwgfx_drm.h", "drm/xe_drm.h", "linux/fd.h",
    "asm/ioctls.h", "linux/sockios.h", "linux/autofs_fs.h", "linux/auto_fs.h", "linux/memfd.h", "linux/mman.h",
    "linux/ashmem.h", "linux/npcm-video.h", "linux/cec.h", "linux/virtio_console.h",
)
