#include <doctest/doctest.h>

#include "tests/support/policy_text.h"

using isola::tests::compile_sections;
using isola::tests::CompiledText;

namespace {

// Asks each request of the policy; the second column is the decision, then the deciding line.
struct Row {
  const char* request;
  const char* answer;
};

void check_requests(llvm::StringRef sections, std::initializer_list<Row> rows) {
  CompiledText compiled = compile_sections(sections);
  CAPTURE(compiled.findings());
  REQUIRE_FALSE(compiled.diagnostics.has_errors());
  for (const Row& row : rows) {
    CAPTURE(row.request);
    CHECK(compiled.decide(row.request) == row.answer);
  }
}

}  // namespace

TEST_CASE("decide: calls have three fates: listed, known, outside of the vocabulary") {
  // clang-format off
  check_requests(R"(syscalls:
  architectures: [SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64]
  known: linux 6.1
  rules:
    - allow read
    - deny clone3 -> SCMP_ACT_ERRNO(ENOSYS)
    - allow prctl if option in {PR_SET_NAME, PR_SET_PDEATHSIG}
)", {
      {"read(0, 0, 0)",                         "allow 10"},
      {"write(0, 0, 0)",                        "EPERM"},
      {"clone3(0, 0)",                          "ENOSYS 11"},
      {"prctl(PR_SET_NAME, 0, 0, 0, 0)",        "allow 12"},
      {"prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)",    "EPERM"},
      {"prctl(0x10000000f, 0, 0, 0, 0)",        "allow 12"},  // an int: the upper half is not part of it
      {"mseal(0, 0, 0)",                        "ENOSYS"},    // since 6.10
      {"read(0, 0, 0) on SCMP_ARCH_X86",        "kill"},
      {"read(0, 0, 0) on SCMP_ARCH_X32",        "kill"},
      {"read(0, 0, 0) on SCMP_ARCH_AARCH64",    "allow 10"},
  });
  // clang-format on
}

TEST_CASE("decide: the narrower of two agreeing rules decides, a deny before both") {
  check_requests(R"(syscalls:
  architectures: [SCMP_ARCH_X86_64]
  rules:
    - allow ioctl -> SCMP_ACT_LOG
    - allow ioctl if cmd == TCGETS
    - deny ioctl if cmd == TIOCSTI -> SCMP_ACT_KILL_PROCESS
)",
                 {{"ioctl(0, TCGETS, 0)", "allow 10"},
                  {"ioctl(0, TIOCGWINSZ, 0)", "log 9"},
                  {"ioctl(0, TIOCSTI, 0)", "kill 11"}});
}

TEST_CASE("decide: a signed int below zero is below zero whatever the register's upper half holds") {
  check_requests(
      R"(syscalls:
  architectures: [SCMP_ARCH_X86_64]
  rules:
    - allow socket if protocol < 0
network:
  - bind tcp 80
)",
      {{"socket(AF_INET, SOCK_STREAM, 0xffffffff)", "EACCES"}, {"socket(AF_INET, SOCK_STREAM, 6)", "EPERM"}});
}

TEST_CASE("decide: opening a socket needs the call and a network rule that could use it") {
  check_requests(R"(syscalls:
  architectures: [SCMP_ARCH_X86_64]
  rules:
    - allow socket
network:
  - bind tcp 8080
  - connect unix /run/db.sock
  - connect netlink ROUTE
)",
                 {{"socket(AF_INET, SOCK_STREAM, 0)", "allow 11"},
                  {"socket(AF_INET6, SOCK_STREAM, 6)", "allow 11"},
                  {"socket(AF_INET, SOCK_DGRAM, 0)", "EACCES"},
                  {"socket(AF_UNIX, SOCK_DGRAM, 0)", "allow 12"},
                  {"socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)", "allow 13"},
                  {"socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)", "EACCES"},
                  {"socket(AF_ALG, SOCK_SEQPACKET, 0)", "EACCES"}});
}

TEST_CASE("decide: files by mode, a deny below a grant, mounts over both") {
  // clang-format off
  check_requests(R"(files:
  - read,write /srv/**
  - deny write /srv/static/**
  - read /etc/{passwd,group}
  - read,map,execute /usr/bin/app
  - append /var/log/app.log
mounts:
  - {destination: /, type: overlay, options: [ro]}
  - {destination: /srv, type: tmpfs, options: [noexec]}
devices:
  - read,write /dev/null
)", {
      {"read /srv/a/b",              "allow 7"},
      {"write /srv/a/b",             "allow 7"},
      {"append /srv/a/b",            "allow 7"},
      {"write /srv/static/x",        "EACCES 8"},
      {"append /srv/static/x",       "EACCES 8"},
      {"create /srv/a",              "EACCES"},
      {"read /etc/passwd",           "allow 9"},
      {"read /etc/shadow",           "EACCES"},
      {"read,map,execute /usr/bin/app", "allow 10"},
      {"append /var/log/app.log",    "EROFS 13"},
      {"read,write /dev/null",       "allow 16"},
      {"execute /srv/a",             "EACCES"},
  });
  // clang-format on
}

TEST_CASE("decide: network by operation, address and port") {
  check_requests(R"(network:
  - bind tcp 8000-8080
  - connect tcp 10.20.0.0/16:9000
  - connect tcp [2001:db8::/32]:443
  - connect unix @bus-*
)",
                 {{"bind tcp 8080", "allow 7"},
                  {"bind tcp 80", "EACCES"},
                  {"connect tcp 10.20.3.4:9000", "allow 8"},
                  {"connect tcp 10.21.3.4:9000", "EACCES"},
                  {"connect tcp 10.20.3.4:9001", "EACCES"},
                  {"connect tcp [2001:db8::1]:443", "allow 9"},
                  {"connect udp 10.20.3.4:9000", "EACCES"},
                  {"connect unix @bus-1", "allow 10"},
                  {"connect unix @other", "EACCES"}});
}

TEST_CASE("decide: capabilities, signals, shared objects, namespaces") {
  check_requests(R"(syscalls:
  architectures: [SCMP_ARCH_X86_64]
  rules:
    - allow unshare mount
capabilities:
  - CAP_CHOWN
ipc:
  - signal send {SIGTERM, SIGHUP} to self
  - signal receive {SIGTERM} from engine
  - shm sysv create,read
  - ptrace read to self
)",
                 {{"capability CAP_CHOWN", "allow 11"},
                  {"capability CAP_SYS_ADMIN", "EPERM"},
                  {"signal send SIGTERM to self", "allow 13"},
                  {"signal send SIGKILL to self", "EACCES"},
                  {"signal send SIGTERM to engine", "EACCES"},
                  {"signal receive SIGTERM from engine", "allow 14"},
                  {"shm sysv read", "allow 15"},
                  {"shm sysv write", "EACCES"},
                  {"ptrace read to self", "allow 16"},
                  {"ptrace trace to self", "EACCES"},
                  {"unshare NEWUSER", "allow 9"},
                  {"unshare NEWNS", "EPERM"},
                  {"mount /a /b", "EPERM"}});
}

TEST_CASE("decide: a child has its own rules where it lists them and its parent's elsewhere") {
  check_requests(R"(files:
  - read /etc/app.conf
  - read,map,execute /usr/bin/helper as helper
network:
  - bind tcp 80
children:
  helper:
    files:
      - read,map,execute /usr/bin/helper
)",
                 {{"read /etc/app.conf", "allow 7"},
                  {"read /etc/app.conf as helper", "EACCES"},
                  {"read /usr/bin/helper as helper", "allow 14"},
                  {"bind tcp 80 as helper", "allow 10"}});
}

TEST_CASE("decide: a path that the kernel would resolve to another is no request") {
  CompiledText compiled = compile_sections("files:\n  - read /srv/**\n");
  CHECK(compiled.decide("read /srv/../etc/shadow") == "no request: E346 /srv/../etc/shadow\n");
}
