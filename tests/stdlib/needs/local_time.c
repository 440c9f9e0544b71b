// The time in a zone of the zone data base: what std/timezone is for.

#define _GNU_SOURCE
#include <time.h>

#include "need.h"

int main(void) {
  REQUIRE(setenv("TZ", "Asia/Kolkata", 1) == 0);
  tzset();
  const time_t epoch = 0;
  const struct tm* const local = localtime(&epoch);
  REQUIRE(local != NULL && local->tm_hour == 5 && local->tm_min == 30);
  return 0;
}
