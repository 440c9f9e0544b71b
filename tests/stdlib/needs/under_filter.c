// under_filter FILTER PROGRAM [ARGUMENT...]: runs a program under a filter that `isola compile` wrote.
//
// FILTER is seccomp.bpf: an array of `struct sock_filter`, as seccomp(2) takes it. No privileges are needed.

#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "need.h"

int main(int count, char** arguments) {
  REQUIRE(count >= 3);
  static struct sock_filter instructions[BPF_MAXINSNS];
  FILE* const file = fopen(arguments[1], "rb");
  REQUIRE(file != NULL);
  const size_t length = fread(instructions, sizeof instructions[0], BPF_MAXINSNS, file);
  REQUIRE(length > 0 && fclose(file) == 0);
  const struct sock_fprog program = {.len = (unsigned short)length, .filter = instructions};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  REQUIRE(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
  execv(arguments[2], arguments + 2);
  REQUIRE(!"the program could not be started");
}
