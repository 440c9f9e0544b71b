// A locale read from the disk: what std/locale is for. The C.utf8 locale comes with every Debian.

#include <langinfo.h>
#include <locale.h>

#include "need.h"

int main(void) {
  REQUIRE(setlocale(LC_ALL, "C.UTF-8") != NULL);
  REQUIRE(strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
  return 0;
}
