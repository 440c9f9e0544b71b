// A master that forks, is told through a pipe, signals and waits: what std/worker-processes is for.

#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "need.h"

static void nothing(int signal) { (void)signal; }

int main(void) {
  struct sigaction action = {.sa_handler = nothing};
  REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
  sigset_t blocked, open;
  sigemptyset(&open);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  REQUIRE(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
  for (int worker = 0; worker < 3; worker++) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      REQUIRE(write(ends[1], "r", 1) == 1);
      sigsuspend(&open);  // until the master's signal
      _exit(7);
    }
    char byte = 0;
    int status = 0;
    REQUIRE(read(ends[0], &byte, 1) == 1 && kill(child, SIGUSR1) == 0);
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    close(ends[0]);
    close(ends[1]);
  }
  return 0;
}
