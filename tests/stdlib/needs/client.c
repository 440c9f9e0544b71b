// client tcp|udp PORT: one question and one answer on loopback: what std/net/tcp-client and std/net/udp-client are for.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "need.h"

int main(int count, char** arguments) {
  REQUIRE(count == 3);
  const int is_udp = strcmp(arguments[1], "udp") == 0;
  const int remote = socket(AF_INET, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((unsigned short)atoi(arguments[2])),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  REQUIRE(remote >= 0 && connect(remote, (const struct sockaddr*)&address, sizeof address) == 0);
  REQUIRE(send(remote, "ping", 4, MSG_NOSIGNAL) == 4);
  struct pollfd wait = {.fd = remote, .events = POLLIN};
  REQUIRE(!is_udp || poll(&wait, 1, 5000) == 1);
  char text[16] = "";
  REQUIRE(recv(remote, text, sizeof text, 0) == 4 && memcmp(text, "ping", 4) == 0);
  const int other = socket(AF_INET, is_udp ? SOCK_STREAM : SOCK_DGRAM, 0);
  REQUIRE(other < 0 && errno == EPERM);  // the other protocol is not part of the need
  return close(remote);
}
