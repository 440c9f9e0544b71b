// Memory, streams, a clock, a signal of its own, an orderly end: what std/glibc or std/musl is for.

#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "need.h"

static volatile sig_atomic_t seen;

static void note(int signal) { seen = signal; }

int main(void) {
  char* text = NULL;
  for (size_t size = 16; size < 4u << 20; size *= 2) REQUIRE((text = realloc(text, size)) != NULL);
  free(text);
  REQUIRE(printf("pid %d\n", (int)getpid()) > 0 && fflush(stdout) == 0);
  struct timespec now;
  REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && time(NULL) > 0);
  struct sigaction action = {.sa_handler = note};
  REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0 && seen == SIGUSR1);
  return 0;
}
