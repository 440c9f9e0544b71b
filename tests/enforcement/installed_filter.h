// The filter that a container runtime really installs: the runtime is run under ptrace, and what the kernel
// has is read back the moment a filter is in, before the container's program can run.

#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "backends/seccomp/program.h"

namespace isola::testing {

struct InstalledFilter {
  backends::seccomp::Program program;  // PTRACE_SECCOMP_GET_FILTER
  std::uint32_t flags = 0;             // the second argument of seccomp(2); 0 with prctl(2)
};

// The runtime ended without a filter; `log` is what it said.
struct NotInstalled {
  std::string log;
};

// Runs `command` in the directory `bundle` until it installs a filter, then kills all of it.
// Needs CAP_SYS_ADMIN in the first user namespace and a kernel with CONFIG_CHECKPOINT_RESTORE.
std::variant<InstalledFilter, NotInstalled> run_until_installed(const std::vector<std::string>& command,
                                                                const std::string& bundle);

}  // namespace isola::testing
