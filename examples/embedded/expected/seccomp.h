/* The seccomp filter of the policy `embedded`, for x86_64, aarch64. Made by isola: changes belong into the policy.
 *
 *     if (embedded_install_seccomp() != 0) { perror("seccomp"); return 1; }
 *
 * C99 or later, or C++; needs the C library and the kernel's headers. */
#ifndef ISOLA_EMBEDDED_SECCOMP_H
#define ISOLA_EMBEDDED_SECCOMP_H

#include <errno.h>
#include <linux/filter.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if (defined(__x86_64__) && !defined(__ILP32__)) || \
    (defined(__aarch64__) && !defined(__AARCH64EB__))
static const struct sock_filter embedded_seccomp_filter[] = {
    {0x20,   0,   0, 0x00000004}, /* 0000  ld   arch */
    {0x15,  19,   0, 0xc000003e}, /* 0001  jeq  x86_64                         -> 0021 x86_64 */
    {0x15,   0,  28, 0xc00000b7}, /* 0002  jeq  aarch64                        -> 0003 aarch64 | 0031 KILL_PROCESS */
    /* aarch64: */
    {0x20,   0,   0, 0x00000000}, /* 0003  ld   nr */
    {0x35,   0,   8, 0x000000d6}, /* 0004  jge  214 brk                        -> 0005 | 0013 */
    {0x35,   0,   1, 0x000001a8}, /* 0005  jge  424 pidfd_send_signal          -> 0006 | 0007 */
    {0x35,  25,  37, 0x000001cf}, /* 0006  jge  463                            -> 0032 ERRNO(ENOSYS) | 0044 ERRNO(EPERM) */
    {0x35,   0,   1, 0x00000104}, /* 0007  jge  260 wait4                      -> 0008 | 0009 */
    {0x35,  23,  35, 0x00000127}, /* 0008  jge  295                            -> 0032 ERRNO(ENOSYS) | 0044 ERRNO(EPERM) */
    {0x35,   0,   1, 0x000000df}, /* 0009  jge  223 fadvise64                  -> 0010 | 0011 */
    {0x35,  21,  33, 0x000000f4}, /* 0010  jge  244                            -> 0032 ERRNO(ENOSYS) | 0044 ERRNO(EPERM) */
    {0x35,   0,  33, 0x000000d8}, /* 0011  jge  216 mremap                     -> 0012 | 0045 ALLOW */
    {0x35,  32,  31, 0x000000de}, /* 0012  jge  222 mmap                       -> 0045 ALLOW | 0044 ERRNO(EPERM) */
    {0x35,  30,   0, 0x0000005f}, /* 0013  jge  95 waitid                      -> 0044 ERRNO(EPERM) */
    {0x35,   0,  29, 0x0000003f}, /* 0014  jge  63 read                        -> 0015 | 0044 ERRNO(EPERM) */
    {0x35,   0,   2, 0x0000004f}, /* 0015  jge  79 newfstatat                  -> 0016 | 0018 */
    {0x35,   0,  28, 0x00000051}, /* 0016  jge  81 sync                        -> 0017 | 0045 ALLOW */
    {0x35,  27,  26, 0x0000005e}, /* 0017  jge  94 exit_group                  -> 0045 ALLOW | 0044 ERRNO(EPERM) */
    {0x35,  25,   0, 0x00000043}, /* 0018  jge  67 pread64                     -> 0044 ERRNO(EPERM) */
    {0x35,   0,  25, 0x00000040}, /* 0019  jge  64 write                       -> 0020 | 0045 ALLOW */
    {0x15,  23,  20, 0x00000041}, /* 0020  jeq  65 readv                       -> 0044 ERRNO(EPERM) | 0041 write, writev */
    /* x86_64: */
    {0x20,   0,   0, 0x00000000}, /* 0021  ld   nr */
    {0x35,   0,  10, 0x000000e7}, /* 0022  jge  231 exit_group                 -> 0023 | 0033 */
    {0x35,   3,   0, 0x00000150}, /* 0023  jge  336                            -> 0027 */
    {0x35,  19,   0, 0x00000107}, /* 0024  jge  263 unlinkat                   -> 0044 ERRNO(EPERM) */
    {0x35,   0,  19, 0x000000e8}, /* 0025  jge  232 epoll_wait                 -> 0026 | 0045 ALLOW */
    {0x35,  18,  17, 0x00000106}, /* 0026  jge  262 newfstatat                 -> 0045 ALLOW | 0044 ERRNO(EPERM) */
    {0x35,   1,   0, 0x000001cf}, /* 0027  jge  463                            -> 0029 */
    {0x35,  15,   3, 0x000001a8}, /* 0028  jge  424 pidfd_send_signal          -> 0044 ERRNO(EPERM) | 0032 ERRNO(ENOSYS) */
    {0x35,   0,   2, 0x40000000}, /* 0029  jge  0x40000000 x32                 -> 0030 | 0032 ERRNO(ENOSYS) */
    {0x35,   1,   0, 0xffffffff}, /* 0030  jge  0xffffffff                     -> 0032 ERRNO(ENOSYS) */
    {0x06,   0,   0, 0x80000000}, /* 0031  ret  KILL_PROCESS */
    {0x06,   0,   0, 0x00050026}, /* 0032  ret  ERRNO(ENOSYS) */
    {0x35,  10,   0, 0x00000015}, /* 0033  jge  21 access                      -> 0044 ERRNO(EPERM) */
    {0x35,   0,   3, 0x00000009}, /* 0034  jge  9 mmap                         -> 0035 | 0038 */
    {0x35,   1,   0, 0x0000000d}, /* 0035  jge  13 rt_sigaction                -> 0037 */
    {0x15,   7,   8, 0x0000000a}, /* 0036  jeq  10 mprotect                    -> 0044 ERRNO(EPERM) | 0045 ALLOW */
    {0x35,   3,   6, 0x00000014}, /* 0037  jge  20 writev                      -> 0041 write, writev | 0044 ERRNO(EPERM) */
    {0x35,   0,   1, 0x00000002}, /* 0038  jge  2 open                         -> 0039 | 0040 */
    {0x15,   5,   4, 0x00000005}, /* 0039  jeq  5 fstat                        -> 0045 ALLOW | 0044 ERRNO(EPERM) */
    {0x35,   0,   4, 0x00000001}, /* 0040  jge  1 write                        -> 0041 write, writev | 0045 ALLOW */
    /* write, writev: */
    {0x20,   0,   0, 0x00000010}, /* 0041  ld   arg0.low fd */
    {0x35,   0,   1, 0x00000001}, /* 0042  jge  1                              -> 0043 | 0044 ERRNO(EPERM) */
    {0x35,   0,   1, 0x00000003}, /* 0043  jge  3                              -> 0044 ERRNO(EPERM) | 0045 ALLOW */
    {0x06,   0,   0, 0x00050001}, /* 0044  ret  ERRNO(EPERM) */
    {0x06,   0,   0, 0x7fff0000}, /* 0045  ret  ALLOW */
};
#else
#error "the policy embedded is for x86_64, aarch64"
#endif

#ifndef __cplusplus
extern long syscall(long number, ...);
#endif

/* Confines the calling thread for good, and all that it starts. 0, or -1 and errno:
 * EACCES: no_new_privs could not be set and the process has no CAP_SYS_ADMIN.
 * EINVAL, ENOSYS: the kernel has no seccomp filters. ENOMEM: too many filters.
 */
static inline int embedded_install_seccomp(void) {
  struct sock_fprog program;
  long result;
  program.len = (unsigned short)(sizeof embedded_seccomp_filter / sizeof embedded_seccomp_filter[0]);
  program.filter = (struct sock_filter *)embedded_seccomp_filter;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  result = syscall(SYS_seccomp, 1u /* SECCOMP_SET_MODE_FILTER */, 0u, &program);
  /* Linux before 3.17, or a filter above this one that hides the call. */
  if (result < 0 && errno == ENOSYS)
    result = prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, &program, 0, 0);
  return result < 0 ? -1 : 0;
}

#endif /* ISOLA_EMBEDDED_SECCOMP_H */
