// unix_server PATH: replaces a stale socket, answers one client and asks who it is: what std/net/unix-server is for.

#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "need.h"

int main(int count, char** arguments) {
  REQUIRE(count == 2);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  REQUIRE(strlen(arguments[1]) < sizeof address.sun_path);
  strcpy(address.sun_path, arguments[1]);
  unlink(arguments[1]);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(listener >= 0 && bind(listener, (struct sockaddr*)&address, sizeof address) == 0);
  REQUIRE(chmod(arguments[1], 0660) == 0 && listen(listener, 4) == 0);
  REQUIRE(printf("ready\n") > 0 && fflush(stdout) == 0);
  const int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  struct ucred peer;
  socklen_t length = sizeof peer;
  char text[16] = "";
  REQUIRE(client >= 0 && getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.pid > 0);
  REQUIRE(recv(client, text, sizeof text, 0) == 4 && send(client, text, 4, MSG_NOSIGNAL) == 4);
  REQUIRE(connect(listener, (struct sockaddr*)&address, sizeof address) < 0 && errno == EPERM);
  return unlink(arguments[1]);
}
