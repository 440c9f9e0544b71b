// Looks up a name of /etc/hosts the way a name server's would be: what std/net/dns-resolver is for.

#define _GNU_SOURCE
#include <netdb.h>
#include <sys/socket.h>

#include "need.h"

int main(void) {
  const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG, .ai_family = AF_INET};
  struct addrinfo* found = NULL;
  REQUIRE(getaddrinfo("localhost", "https", &wanted, &found) == 0 && found->ai_family == AF_INET);
  freeaddrinfo(found);
  REQUIRE(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) >= 0);
  REQUIRE(socket(AF_UNIX, SOCK_STREAM, 0) < 0);
  return 0;
}
