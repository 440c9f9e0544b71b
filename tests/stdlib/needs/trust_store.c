// trust_store FILE: reads a file of certificates through stdio: what std/tls/trust-store is for.

#include "need.h"

int main(int count, char** arguments) {
  REQUIRE(count == 2);
  FILE* const store = fopen(arguments[1], "r");
  char line[256];
  REQUIRE(store != NULL && fgets(line, sizeof line, store) != NULL && fseek(store, 0, SEEK_END) == 0 && ftell(store) > 0);
  return fclose(store);
}
