#include "tests/bench/install_time.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/base/check.h"

namespace isola::bench {

// In the child: the time goes to memory that the parent sees, as the filter may refuse every other way.
[[noreturn]] static void install(const sock_fprog& filter, double* microseconds) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(1);
  const auto begin = std::chrono::steady_clock::now();
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
  const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - begin;
  if (result == 0) *microseconds = spent.count();
  _exit(0);
}

Times install_times(const backends::seccomp::Program& program, int runs) {
  void* memory = mmap(nullptr, sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ISOLA_CHECK(memory != MAP_FAILED, "a page for the children to write to");
  auto* microseconds = static_cast<double*>(memory);
  std::vector<sock_filter> instructions = program.instructions;
  const sock_fprog filter{.len = static_cast<unsigned short>(instructions.size()),
                          .filter = instructions.data()};
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    *microseconds = 0;
    const pid_t child = fork();
    ISOLA_CHECK(child >= 0, "a child");
    if (child == 0) install(filter, microseconds);
    waitpid(child, nullptr, 0);
    if (*microseconds > 0) times.push_back(*microseconds);
  }
  munmap(memory, sizeof(double));
  return times_of(std::move(times));
}

}  // namespace isola::bench
