// ISOLA_CHECK: a broken promise between two parts of the compiler stops the program, in release builds too.
//
// A security compiler that goes on after its own mistake writes an artifact nobody asked for.
// Not for the user's mistakes: those are diagnostics (diagnostics.h).

#pragma once

namespace isola {

// Prints `what` with its place on stderr and ends the process with exit status 3.
[[noreturn]] void check_failed(const char* condition, const char* what, const char* file, int line);

}  // namespace isola

#define ISOLA_CHECK(condition, what) \
  ((condition) ? static_cast<void>(0) : ::isola::check_failed(#condition, what, __FILE__, __LINE__))
