#include "tests/enforcement/installed_filter.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace isola::testing {

namespace {

const char kLogName[] = "runtime.log";

[[noreturn]] void become(const std::vector<std::string>& command, const std::string& bundle) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (chdir(bundle.c_str()) != 0) _exit(126);
  const int nothing = open("/dev/null", O_RDONLY);
  const int log = open(kLogName, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(nothing, 0);
  dup2(log, 1);
  dup2(log, 2);
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  raise(SIGSTOP);
  execvp(words[0], words.data());
  _exit(127);
}

class Tracing {
 public:
  explicit Tracing(pid_t first) : first_(first) { alive_.insert(first); }

  std::optional<InstalledFilter> run() {
    int status = 0;
    waitpid(first_, &status, 0);
    constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                              PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    ptrace(PTRACE_SETOPTIONS, first_, nullptr, kOptions);
    ptrace(PTRACE_SYSCALL, first_, nullptr, nullptr);
    while (!alive_.empty() && !found_) step();
    kill_all();
    return found_;
  }

 private:
  void step() {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0) {
      alive_.clear();
      return;
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      alive_.erase(pid);
      return;
    }
    const bool is_new = alive_.insert(pid).second;
    long signal = 0;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      look_at_call(pid);
    } else if (status >> 16 == 0 && !(is_new && WSTOPSIG(status) == SIGSTOP)) {
      signal = WSTOPSIG(status);
    }
    if (!found_) ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
  }

  void look_at_call(pid_t pid) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      entries_[pid] = info;
      return;
    }
    if (info.op != PTRACE_SYSCALL_INFO_EXIT || info.exit.is_error != 0) return;
    const auto& call = entries_[pid].entry;
    const bool is_seccomp = call.nr == SYS_seccomp && call.args[0] == SECCOMP_SET_MODE_FILTER;
    const bool is_prctl =
        call.nr == SYS_prctl && call.args[0] == PR_SET_SECCOMP && call.args[1] == SECCOMP_MODE_FILTER;
    if (is_seccomp || is_prctl) read_filter(pid, is_seccomp ? static_cast<std::uint32_t>(call.args[1]) : 0);
  }

  void read_filter(pid_t pid, std::uint32_t flags) {
    constexpr auto kGetFilter = PTRACE_SECCOMP_GET_FILTER;
    const long length = ptrace(kGetFilter, pid, nullptr, nullptr);
    if (length <= 0) {
      std::perror("PTRACE_SECCOMP_GET_FILTER");
      std::exit(EXIT_FAILURE);
    }
    InstalledFilter filter{
        .program = {.byte_order = backends::seccomp::ByteOrder::Little, .instructions = {}}, .flags = flags};
    filter.program.instructions.resize(static_cast<std::size_t>(length));
    ptrace(kGetFilter, pid, nullptr, filter.program.instructions.data());
    found_ = std::move(filter);
  }

  void kill_all() {
    for (const pid_t pid : alive_) kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(-1, &status, __WALL) > 0 || errno == EINTR) {
    }
  }

  const pid_t first_;
  std::set<pid_t> alive_;
  std::map<pid_t, __ptrace_syscall_info> entries_;
  std::optional<InstalledFilter> found_;
};

}  // namespace

std::variant<InstalledFilter, NotInstalled> run_until_installed(const std::vector<std::string>& command,
                                                                const std::string& bundle) {
  const pid_t child = fork();
  if (child == 0) become(command, bundle);
  if (auto found = Tracing(child).run()) return std::move(*found);
  std::ostringstream log;
  log << std::ifstream(bundle + "/" + kLogName).rdbuf();
  return NotInstalled{log.str()};
}

}  // namespace isola::testing
