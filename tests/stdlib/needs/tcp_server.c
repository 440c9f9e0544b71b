// Listens on a port of the kernel's choice, prints it, and answers one client: what std/net/tcp-server is for.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "need.h"

int main(void) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  REQUIRE(listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  REQUIRE(bind(listener, (struct sockaddr*)&address, length) == 0 && listen(listener, 4) == 0);
  REQUIRE(getsockname(listener, (struct sockaddr*)&address, &length) == 0);
  REQUIRE(printf("%d\n", ntohs(address.sin_port)) > 0 && fflush(stdout) == 0);
  const int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  char text[16] = "";
  REQUIRE(client >= 0 && setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
  REQUIRE(recv(client, text, sizeof text, 0) == 4 && send(client, text, 4, MSG_NOSIGNAL) == 4);
  REQUIRE(shutdown(client, SHUT_RDWR) == 0 && close(client) == 0);
  REQUIRE(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 && errno == EPERM);
  return 0;
}
