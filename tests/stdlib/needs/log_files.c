// log_files DIRECTORY: appends, opens the log anew, and makes it standard error: what std/log-files is for.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "need.h"

int main(int count, char** arguments) {
  REQUIRE(count == 2);
  char name[4096];
  snprintf(name, sizeof name, "%s/need.log", arguments[1]);
  for (int rotation = 0; rotation < 2; rotation++) {
    FILE* const stream = fopen(name, "a");
    REQUIRE(stream != NULL && fprintf(stream, "line %d\n", rotation) > 0 && fclose(stream) == 0);
    const int file = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    struct iovec part = {.iov_base = "line\n", .iov_len = 5};
    REQUIRE(file >= 0 && writev(file, &part, 1) == 5 && dup2(file, STDERR_FILENO) == STDERR_FILENO && close(file) == 0);
  }
  REQUIRE(unlink(name) != 0);  // removing a log is not part of the need
  return 0;
}
