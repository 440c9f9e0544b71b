// temporary_files DIRECTORY: mkstemp, tmpfile, mkdtemp and what is done with their files: std/temporary-files.

#define _GNU_SOURCE
#include <sys/stat.h>
#include <unistd.h>

#include "need.h"

int main(int count, char** arguments) {
  REQUIRE(count == 2 && chdir(arguments[1]) != 0);  // chdir is not part of the need
  char name[4096], other[4096], folder[4096];
  snprintf(name, sizeof name, "%s/fileXXXXXX", arguments[1]);
  snprintf(other, sizeof other, "%s/renamed", arguments[1]);
  snprintf(folder, sizeof folder, "%s/folderXXXXXX", arguments[1]);
  const int file = mkstemp(name);
  char back[4] = "";
  REQUIRE(file >= 0 && write(file, "abc", 3) == 3 && ftruncate(file, 100) == 0 && fchmod(file, 0600) == 0);
  REQUIRE(pwrite(file, "z", 1, 1) == 1 && pread(file, back, 3, 0) == 3 && strcmp(back, "azc") == 0);
  REQUIRE(rename(name, other) == 0 && close(file) == 0 && unlink(other) == 0);
  REQUIRE(mkdtemp(folder) != NULL && rmdir(folder) == 0);
  FILE* const unnamed = tmpfile();
  REQUIRE(unnamed != NULL && fputs("x", unnamed) >= 0 && fseek(unnamed, 0, SEEK_SET) == 0 && fgetc(unnamed) == 'x');
  return fclose(unnamed);
}
