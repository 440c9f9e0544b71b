// Emitted filters against decide, by the running kernel: each is installed in a forked child that then makes
// one call.
//
//   seccomp_kernel_tests [--seed N] [--profiles N] [--calls N]
//
// x86_64 only. The calls do nothing: all descriptors are closed first, and the rest reads numbers of the
// process. A kernel without seccomp filters is a failure, not a reason to skip.
//
// How a child tells what happened, with a filter that may forbid everything: it writes the call's result into
// shared memory and then runs an illegal instruction, which needs no call. Errnos of the policies are numbers
// that no call returns, so a refusal cannot be taken for the call's own answer.

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <map>

#include "backends/seccomp/program.h"
#include "backends/seccomp/seccomp.h"
#include "compiler/ir/decide.h"
#include "compiler/ir/dump.h"
#include "compiler/kernel/syscalls.h"
#include "tests/seccomp/random_profile.h"
#include "tests/seccomp/test_options.h"

using namespace isola;
using Kind = ir::SyscallAction::Kind;

namespace {

constexpr std::uint16_t kFirstErrno = 3000;  // above all that calls return, below MAX_ERRNO

// ---- what a child saw

enum class Event : int { Unstarted, NoFilter, Started, Returned, Trapped };

struct Report {
  Event event;
  long result;  // Event::Returned: of the call; Event::NoFilter: the errno
};

// Shared with the children.
Report* report = nullptr;
sigjmp_buf after_trap;

void on_trap(int, siginfo_t* info, void*) {
  constexpr int kFromSeccomp = 1;  // SYS_SECCOMP, which glibc 2.36 does not name
  if (info->si_code == kFromSeccomp) report->event = Event::Trapped;
  // Returning from the handler would be a call. The mask is not restored, so this is none.
  siglongjmp(after_trap, 1);
}

// ---- calls

// i386 calls of a 64-bit process; the kernel takes the lower halves of the registers.
long call_x86(std::uint32_t number, const ir::Arguments& arguments) {
  // The sixth argument goes in ebp, which may hold the frame: it is swapped for the time of the call.
  const std::uint64_t last = arguments[5];
  long result;
  asm volatile(
      "xchg %%rbp, %[last]\n\t"
      "int $0x80\n\t"
      "xchg %%rbp, %[last]"
      : "=a"(result)
      : "a"(std::uint64_t{number}), "b"(arguments[0]), "c"(arguments[1]), "d"(arguments[2]),
        "S"(arguments[3]), "D"(arguments[4]), [last] "r"(last)
      : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
}

long call_x86_64(std::uint32_t number, const ir::Arguments& arguments) {
  register std::uint64_t fourth asm("r10") = arguments[3];
  register std::uint64_t fifth asm("r8") = arguments[4];
  register std::uint64_t sixth asm("r9") = arguments[5];
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(std::uint64_t{number}), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]),
                 "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}

[[noreturn]] void run_child(const std::vector<sock_filter>& filter, const ir::SyscallRequest& request) {
  struct sigaction action{};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, nullptr);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // the end is no news to whoever collects core dumps
  syscall(SYS_close_range, 0u, ~0u, 0u);
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           const_cast<sock_filter*>(filter.data())};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    *report = {Event::NoFilter, errno};
    __builtin_trap();
  }
  report->event = Event::Started;
  if (sigsetjmp(after_trap, 0) == 0) {
    const bool is_x86 = request.arch == kernel::Arch::X86;
    const long result =
        is_x86 ? call_x86(request.number, request.arguments) : call_x86_64(request.number, request.arguments);
    *report = {Event::Returned, result};
  }
  __builtin_trap();
}

struct Outcome {
  Event event{};
  long result = 0;
  bool was_killed = false;  // by seccomp
};

Outcome observe(const std::vector<sock_filter>& filter, const ir::SyscallRequest& request) {
  *report = {Event::Unstarted, 0};
  const pid_t child = fork();
  if (child == 0) run_child(filter, request);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    std::perror("fork");
    std::exit(EXIT_FAILURE);
  }
  return {report->event, report->result, WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS};
}

// Whether the kernel did what the action says. Without a tracer or a listener the kernel answers ENOSYS.
bool shows(const Outcome& outcome, ir::SyscallAction action) {
  const bool returned = outcome.event == Event::Returned && !outcome.was_killed;
  switch (action.kind) {
    case Kind::Allow:
    case Kind::Log:
      return returned && outcome.result > -long{kFirstErrno};
    case Kind::Errno:
      return returned && outcome.result == -long{action.value};
    case Kind::Trace:
    case Kind::Notify:
      return returned && outcome.result == -ENOSYS;
    case Kind::Trap:
      return outcome.event == Event::Trapped && !outcome.was_killed;
    case Kind::KillThread:
    case Kind::KillProcess:
      return outcome.was_killed && outcome.event == Event::Started;
  }
  return false;
}

// ---- profiles and calls that may run

// Calls that need a descriptor, or only tell or set numbers of the child.
constexpr const char* kHarmless[] = {"close",
                                     "lseek",
                                     "fsync",
                                     "fdatasync",
                                     "dup",
                                     "fstat",
                                     "ftruncate",
                                     "fchmod",
                                     "fchown",
                                     "flock",
                                     "getdents64",
                                     "getpgid",
                                     "getsid",
                                     "getpid",
                                     "getppid",
                                     "gettid",
                                     "getuid",
                                     "geteuid",
                                     "getgid",
                                     "getegid",
                                     "sched_yield",
                                     "personality",
                                     "umask",
                                     "fadvise64",
                                     "readahead",
                                     "sync_file_range",
                                     "tee",
                                     "splice",
                                     "accept4",
                                     "bind",
                                     "listen",
                                     "shutdown",
                                     "getsockname",
                                     "sendto",
                                     "recvfrom",
                                     "setsockopt",
                                     "getsockopt",
                                     "ioctl",
                                     "fallocate",
                                     "epoll_ctl",
                                     "pread64",
                                     "pwrite64",
                                     "fchdir",
                                     "getpriority",
                                     "sched_getscheduler",
                                     "inotify_rm_watch",
                                     "syncfs",
                                     "read",
                                     "write",
                                     "readv",
                                     "writev"};

testing::ProfileShape harmless_shape() {
  testing::ProfileShape shape;
  shape.arches = {kernel::Arch::X86_64, kernel::Arch::X86, kernel::Arch::X32};
  for (const char* name : kHarmless) shape.calls.push_back(*kernel::find_syscall(name));
  for (std::uint16_t value = kFirstErrno; value < kFirstErrno + 4; ++value) {
    shape.actions.push_back({.kind = Kind::Errno, .value = value});
  }
  for (const Kind kind : {Kind::Allow, Kind::Allow, Kind::Allow, Kind::Log, Kind::Trap, Kind::KillThread,
                          Kind::KillProcess, Kind::Notify}) {
    shape.actions.push_back({.kind = kind, .value = 0});
  }
  shape.actions.push_back({.kind = Kind::Trace, .value = 3});
  return shape;
}

// Whether the call can be made here and may run.
bool is_harmless(const ir::SyscallRequest& request) {
  const bool is_x86_64_word = request.arch == kernel::Arch::X86_64 || request.arch == kernel::Arch::X32;
  if (!is_x86_64_word && request.arch != kernel::Arch::X86) return false;
  // A 32-bit caller has no upper halves, and x32 and holes are refused with ENOSYS at worst.
  const kernel::Arch arch =
      request.number >= kernel::kX32Bit && is_x86_64_word ? kernel::Arch::X32 : request.arch;
  const auto call = kernel::syscall_at(arch, request.number);
  if (!call) return request.number > 1000 && request.number != kernel::kX32Bit;
  for (const char* name : kHarmless) {
    if (kernel::name(*call) == name) return true;
  }
  return false;
}

ir::SyscallRequest harmless_request(const ir::Profile& profile, testing::Random& random) {
  while (true) {
    ir::SyscallRequest request = testing::random_request(profile, random);
    if (!is_harmless(request)) continue;
    if (request.arch != kernel::Arch::X86) return request;
    for (std::uint64_t& argument : request.arguments) argument &= 0xffffffff;
    return request;
  }
}

bool has_x86_calls() {
  const std::vector<sock_filter> allow_all = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const auto getpid = kernel::find_syscall("getpid");
  const std::uint32_t number = *kernel::number(*getpid, kernel::Arch::X86);
  const Outcome outcome = observe(allow_all, {.arch = kernel::Arch::X86, .number = number});
  return outcome.event == Event::Returned && outcome.result > 0;
}

void check_kernel() {
  const Outcome outcome = observe({{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | kFirstErrno}},
                                  {.arch = kernel::Arch::X86_64, .number = SYS_getpid});
  if (outcome.event == Event::Returned && outcome.result == -long{kFirstErrno}) return;
  fmt::print("this kernel installs no seccomp filters (errno {}); the test needs one that does\n",
             outcome.result);
  std::exit(EXIT_FAILURE);
}

void print_failure(const ir::Profile& profile, const ir::Request& request, const Outcome& outcome) {
  const auto& call = std::get<ir::SyscallRequest>(request.operation);
  fmt::print("{}\n{}\nnumber {:#x}, arguments", ir::dump(profile), ir::to_text(request), call.number);
  for (const std::uint64_t argument : call.arguments) fmt::print(" {:#x}", argument);
  fmt::print("\ndecide: {}\nkernel: event {}, result {}, killed {}\n",
             ir::to_text(ir::decide(profile, request, {ir::Judge::Syscalls}).action),
             static_cast<int>(outcome.event), outcome.result, outcome.was_killed);
}

// Nothing when the filter is too long.
std::optional<std::vector<sock_filter>> compile(const ir::Profile& profile) {
  Diagnostics diagnostics;
  const auto artifacts = backends::seccomp::kBackend.compile(profile, {}, diagnostics);
  if (artifacts.empty()) return std::nullopt;
  const auto program =
      backends::seccomp::from_bytes(artifacts.front().bytes, backends::seccomp::ByteOrder::Little);
  return program->instructions;
}

bool agrees(const ir::Profile& profile, const ir::Request& request) {
  const auto filter = compile(profile);
  if (!filter) return true;
  const auto wanted = ir::decide(profile, request, {ir::Judge::Syscalls}).action;
  return shows(observe(*filter, std::get<ir::SyscallRequest>(request.operation)), wanted);
}

// How often each kind of action was seen, so that a run that shows nothing is seen for what it is.
using Seen = std::map<Kind, std::size_t>;

bool check(const ir::Profile& profile, const std::vector<sock_filter>& filter, const ir::Request& request,
           Seen& seen) {
  const Outcome outcome = observe(filter, std::get<ir::SyscallRequest>(request.operation));
  const ir::SyscallAction wanted = ir::decide(profile, request, {ir::Judge::Syscalls}).action;
  ++seen[wanted.kind];
  if (shows(outcome, wanted)) return true;
  const ir::Profile smallest =
      testing::shrink(profile, [&](const ir::Profile& candidate) { return !agrees(candidate, request); });
  print_failure(smallest, request,
                observe(*compile(smallest), std::get<ir::SyscallRequest>(request.operation)));
  return false;
}

}  // namespace

int main(int count, char** words) {
  const testing::TestOptions options(count, words, {"seed", "profiles", "calls"});
  const std::uint64_t seed = options.seed();
  const std::uint64_t profiles = options.number("profiles", 400);
  const std::uint64_t calls = options.number("calls", 5);
  void* shared = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return EXIT_FAILURE;
  report = static_cast<Report*>(shared);
  check_kernel();
  const bool has_x86 = has_x86_calls();
  fmt::print("seed {}, {} profiles, {} calls each, i386 calls: {}\n", seed, profiles, calls,
             has_x86 ? "yes" : "this kernel has none");
  std::fflush(stdout);

  testing::Random random(seed);
  const testing::ProfileShape shape = harmless_shape();
  Seen seen;
  for (std::uint64_t done = 0; done < profiles;) {
    const ir::Profile profile = testing::random_profile(shape, random);
    const auto filter = compile(profile);
    if (!filter) continue;
    ++done;
    for (std::uint64_t call = 0; call < calls;) {
      const ir::SyscallRequest operation = harmless_request(profile, random);
      if (operation.arch == kernel::Arch::X86 && !has_x86) continue;
      if (!check(profile, *filter, {.child = "", .operation = operation}, seen)) return EXIT_FAILURE;
      ++call;
    }
  }
  fmt::print("the kernel agrees with decide on {} calls:", profiles * calls);
  for (const auto& [kind, times] : seen) {
    fmt::print(" {} {}", times, ir::to_text(ir::SyscallAction{.kind = kind, .value = 0}));
  }
  fmt::print("\n");
  return EXIT_SUCCESS;
}
