// What the programs of this folder share. Each has one need, meets it, and ends with 0 only when everything
// worked.
//
// They are C, not C++, so that the same source is built against glibc and against musl, dynamic and static.

#ifndef NEED_H
#define NEED_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Ends the program with a message unless `condition` holds.
#define REQUIRE(condition)                                                                 \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno)); \
      exit(1);                                                                             \
    }                                                                                      \
  } while (0)

#endif
