// probe_plan POLICY matrix|REQUEST...: what the probe must do, and what the kernel must answer, from the
// policy.
//
//   probe_plan examples/nginx/policy.yaml matrix
//   probe_plan examples/nginx/policy.yaml 'bind tcp 80'
//
// Prints a line for each try, with tabs between: the expected answer (`allow`, `kill`, or an errno's number),
// the probe's steps (joined by ` ; `), and the request. The matrix is every call of this machine's
// architecture, once for each decision that its arguments can bring about, but for allowed calls that would
// end or stop the probe.

#include <fmt/format.h>

#include <cstdio>

#include "backends/oci_loader.h"
#include "backends/oci_seccomp.h"
#include "compiler/base/match.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/library.h"
#include "grammar/rule_grammar.h"

using namespace isola;

namespace {

#if defined(__x86_64__)
constexpr kernel::Arch kNativeArch = kernel::Arch::X86_64;
#elif defined(__aarch64__)
constexpr kernel::Arch kNativeArch = kernel::Arch::AArch64;
#endif

// Calls that would end or stop the probe, or make a second one.
constexpr std::string_view kDisturbing[] = {
    "clone",           "clone3",       "exit",     "exit_group",   "fork",
    "pause",           "ppoll",        "poll",     "rt_sigreturn", "rt_sigsuspend",
    "rt_sigtimedwait", "select",       "pselect6", "vfork",        "epoll_wait",
    "epoll_pwait",     "epoll_pwait2", "kill",     "tkill",        "tgkill"};

bool is_disturbing(llvm::StringRef name) {
  for (const llvm::StringRef call : kDisturbing) {
    if (name == call) return true;
  }
  return false;
}

std::string expected_answer(const ir::Decision& decision) {
  using Kind = ir::SyscallAction::Kind;
  switch (decision.action.kind) {
    case Kind::Allow:
    case Kind::Log:
      return "allow";
    case Kind::Errno:
      return std::to_string(decision.action.value);
    case Kind::Trace:
      return "38";  // without a tracer the kernel answers ENOSYS
    case Kind::Trap:
    case Kind::KillThread:
    case Kind::KillProcess:
      return "kill";
    case Kind::Notify:
      return "38";  // without a listener the kernel answers ENOSYS
  }
  return "";
}

std::string call_step(std::uint32_t number, const ir::Arguments& arguments) {
  return fmt::format("{} {:#x} {:#x} {:#x} {:#x} {:#x} {:#x}", number, arguments[0], arguments[1],
                     arguments[2], arguments[3], arguments[4], arguments[5]);
}

std::uint32_t native_number(llvm::StringRef name) {
  const auto call = kernel::find_syscall(name);
  return call ? kernel::number(*call, kNativeArch).value_or(0) : 0;
}

std::string open_step(llvm::StringRef path, unsigned flags) {
  constexpr std::uint64_t kWorkingDirectory = ~std::uint64_t{99};  // AT_FDCWD, -100
  return fmt::format("{} {:#x} s:{} {:#x} 0x1a4", native_number("openat"), kWorkingDirectory, path.str(),
                     flags);
}

// Opens as the request would; nothing is truncated.
std::string file_steps(const ir::FileRequest& request) {
  using Mode = ir::FileMode;
  if (request.modes.contains(Mode::Create)) return open_step(request.path, 0301);  // O_WRONLY|O_CREAT|O_EXCL
  if (request.modes.contains(Mode::Append)) return open_step(request.path, 02001);
  if (request.modes.contains(Mode::Write)) return open_step(request.path, 1);
  return open_step(request.path, 0);
}

// TCP and UDP over IPv4, the port alone: what a container's own namespace can tell apart.
std::string bind_steps(const ir::NetworkRequest& request) {
  const auto* endpoint = std::get_if<ir::InternetEndpoint>(&request.endpoint);
  if (endpoint == nullptr || request.operation != ir::NetworkOperation::Bind) return "";
  const unsigned type = endpoint->protocol == ir::InternetProtocol::Udp ? 2 : 1;
  return fmt::format("{} 2 {} 0 ; {} $ x:0200{:04x}000000000000000000000000 16", native_number("socket"),
                     type, native_number("bind"), endpoint->ports.first);
}

// Empty for a request that the probe has no steps for.
std::string steps_for(const ir::Request& request) {
  return std::visit(
      Match{[](const ir::SyscallRequest& call) { return call_step(call.number, call.arguments); },
            [](const ir::FileRequest& file) { return file_steps(file); },
            [](const ir::NetworkRequest& network) { return bind_steps(network); },
            [](const ir::UnshareRequest& unshare) {
              return call_step(native_number("unshare"), {unshare.flags});
            },
            [](const auto&) { return std::string(); }},
      request.operation);
}

// What a container answers: system calls are for the filter alone; of a path, its mount speaks before the
// policy's rules, because the kernel asks it whether or not a security module is there.
ir::Decision decide_in_container(const ir::Profile& profile, const ir::Request& request) {
  if (std::holds_alternative<ir::SyscallRequest>(request.operation)) {
    return ir::decide(profile, request, {ir::Judge::Syscalls});
  }
  const ir::Decision mount = ir::decide(profile, request, {ir::Judge::Mounts});
  const bool is_refused_by_mount =
      mount.reason == ir::Reason::ReadOnlyMount || mount.reason == ir::Reason::NoExecMount;
  return is_refused_by_mount ? mount : ir::decide(profile, request);
}

void print_try(const ir::Decision& decision, const std::string& steps, const std::string& request) {
  fmt::print("{}\t{}\t{}\n", expected_answer(decision), steps, request);
}

// What becomes of a call whose rule a runtime drops: the answer for calls outside of the vocabulary.
ir::Decision as_loaded(ir::Decision decision, kernel::SyscallId call, const ir::Profile& profile) {
  if (!backends::is_known_to_loader(call)) decision.action = profile.syscalls.newer;
  return decision;
}

void print_matrix(const ir::Profile& profile) {
  for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
    const auto call = static_cast<kernel::SyscallId>(index);
    const auto number = kernel::number(call, kNativeArch);
    // Since Linux 6.14 no filter is asked about uretprobe, and a process that makes the call gets SIGILL.
    if (!number || kernel::name(call) == "uretprobe") continue;
    const ir::SyscallRequest any{
        .arch = kNativeArch, .number = *number, .arguments = {}, .any_arguments = 0b111111};
    for (const ir::PossibleDecision& possible : ir::possible_decisions(profile, any)) {
      if (possible.decision.effect == ir::Effect::Allow && is_disturbing(kernel::name(call))) continue;
      const ir::SyscallRequest concrete{
          .arch = kNativeArch, .number = *number, .arguments = possible.arguments};
      print_try(as_loaded(possible.decision, call, profile), call_step(*number, possible.arguments),
                ir::to_text(ir::Request{"", concrete}));
    }
  }
}

bool print_request(driver::Session& session, const driver::ResolvedPolicy& resolved,
                   const std::string& text) {
  const FileId file = session.sources.add("request", text);
  const auto syntax =
      grammar::parse_request(grammar::ScalarText::verbatim(text, file, 0), session.diagnostics);
  if (!syntax) return false;
  const auto request = resolve::resolve_request(*syntax, resolved.policy, kNativeArch, session.diagnostics);
  if (!request) return false;
  const std::string steps = steps_for(*request);
  if (steps.empty()) return false;
  print_try(decide_in_container(resolved.profile, *request), steps, text);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: probe_plan POLICY matrix|REQUEST...\n", stderr);
    return 2;
  }
  driver::Arguments arguments;
  arguments.files = {argv[1]};
  driver::Session session = driver::make_session(arguments);
  const auto file = driver::read_source(session, argv[1]);
  driver::FileSystemLibrary library(session);
  ir::Target target;
  target.arches = kernel::ArchSet{kNativeArch};
  target.engine = "runc";
  const auto resolved =
      file ? driver::compile_to_profile(session.sources, *file, library, target, session.diagnostics)
           : std::nullopt;
  bool is_fine = resolved.has_value();
  for (int index = 2; is_fine && index < argc; ++index) {
    if (std::string_view(argv[index]) == "matrix") {
      print_matrix(resolved->profile);
    } else {
      is_fine = print_request(session, *resolved, argv[index]);
      if (!is_fine) fmt::print(stderr, "probe_plan: no steps for `{}`\n", argv[index]);
    }
  }
  driver::finish(session, arguments);
  return is_fine ? 0 : 1;
}
