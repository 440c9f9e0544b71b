// A loop over epoll that an eventfd wakes: what std/event-loop is for.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "need.h"

int main(void) {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  const int wake = eventfd(0, EFD_CLOEXEC);
  int on = 1;
  REQUIRE(set >= 0 && wake >= 0 && ioctl(wake, FIONBIO, &on) == 0);
  REQUIRE((fcntl(wake, F_GETFL) & O_NONBLOCK) != 0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = wake};
  REQUIRE(epoll_ctl(set, EPOLL_CTL_ADD, wake, &event) == 0);
  REQUIRE(epoll_wait(set, &event, 1, 0) == 0);
  const uint64_t one = 1;
  uint64_t found = 0;
  REQUIRE(write(wake, &one, sizeof one) == sizeof one);
  REQUIRE(epoll_wait(set, &event, 1, 1000) == 1 && event.data.fd == wake);
  REQUIRE(read(wake, &found, sizeof found) == sizeof found && found == one);
  return 0;
}
