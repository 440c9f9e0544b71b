#include "compiler/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace isola {

void check_failed(const char* condition, const char* what, const char* file, int line) {
  std::fprintf(stderr, "isola: internal error: %s (%s) at %s:%d\nisola: nothing was written\n", what,
               condition, file, line);
  std::_Exit(3);
}

}  // namespace isola
