#include "compiler/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace isola {

void check_failed(const char* condition, const char* what, const char* file, int line) {
  std::fprintf(stderr, "isola: internal error: %s (%s) at %s:%d\nisola: nothing was written\n", what,
               condition, file, line);
#ifdef ISOLA_ABORT_ON_CHECK  // fuzzing: the fuzzer keeps the input of a program that aborts
  std::abort();
#else
  std::_Exit(3);
#endif
}

}  // namespace isola
