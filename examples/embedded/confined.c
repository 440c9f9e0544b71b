/* Counts the lines of a file. The file is opened first; then the program installs its filter, and from there on it
 * can read what is open, write its result and end, and nothing else: also when a mistake in it is abused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "seccomp.h"

static long count_lines(int file) {
  char block[4096];
  long lines = 0;
  ssize_t length;
  while ((length = read(file, block, sizeof block)) > 0) {
    for (ssize_t at = 0; at < length; ++at) lines += block[at] == '\n';
  }
  return length < 0 ? -1 : lines;
}

int main(int count, char** words) {
  if (count != 2) return 2;
  const int file = open(words[1], O_RDONLY);
  if (file < 0 || embedded_install_seccomp() != 0) {
    perror(words[1]);
    return 1;
  }
  printf("%ld lines\n", count_lines(file));
  /* What somebody who took the program over would try. */
  if (open("/etc/passwd", O_RDONLY) < 0) printf("opening another file: %s\n", strerror(errno));
  if (socket(AF_INET, SOCK_STREAM, 0) < 0) printf("a socket: %s\n", strerror(errno));
  return 0;
}
