// private_root COMMAND [ARGUMENT...]: runs a command where a container runtime can work, whatever we were
// started in.
//
// A runtime needs more of its surroundings than a test may ask of a machine: "/" must be the root of the
// mount namespace (the kernel refuses new user namespaces to a chrooted process, and pivot_root to one whose
// root is no mount), and /proc, /sys and the cgroup hierarchies must be mounted. Everything missing is made
// in a mount namespace of our own, so nothing is left behind and nothing outside can see it.
//
// Not done here: starting the runtime (run.sh).

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

// File system magic numbers. Source: linux/magic.h, Linux 6.1.
constexpr long kProcMagic = 0x9fa0;
constexpr long kSysfsMagic = 0x62656572;
constexpr long kTmpfsMagic = 0x01021994;
constexpr long kCgroup2Magic = 0x63677270;

[[noreturn]] static void fail(const char* what) {
  std::fprintf(stderr, "private_root: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

static void require(bool succeeded, const char* what) {
  if (!succeeded) fail(what);
}

static bool is_mounted(const char* path, long magic) {
  struct statfs info{};
  return ::statfs(path, &info) == 0 && info.f_type == magic;
}

static bool is_same_directory(const char* left, const char* right) {
  struct stat a{};
  struct stat b{};
  require(::stat(left, &a) == 0 && ::stat(right, &b) == 0, "cannot look at a directory");
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Moves the root of this process to the root of its mount namespace, the working directory with it.
// A directory that is left outside by chroot(2) is not held by it: from there, ".." leads past the root.
static void leave_chroot() {
  char below[] = "/tmp/private_root.XXXXXX";
  require(::mkdtemp(below) != nullptr, "cannot make a directory below /tmp");
  require(::chdir("/") == 0 && ::chroot(below) == 0 && ::rmdir(below + 1) == 0, "cannot chroot");
  while (!is_same_directory(".", "..")) require(::chdir("..") == 0, "cannot go up");
  require(::chroot(".") == 0, "cannot chroot");
}

// Makes `directory`, which is below "/", the root of the mount namespace.
static void pivot_to(int directory) {
  require(::fchdir(directory) == 0, "cannot return to the former root");
  char* const path = ::get_current_dir_name();
  require(path != nullptr, "the former root has no path");
  require(::mount(path, path, nullptr, MS_BIND | MS_REC, nullptr) == 0, "cannot bind the root to itself");
  require(::chdir(path) == 0, "cannot enter the bound root");
  std::free(path);
  require(::syscall(SYS_pivot_root, ".", ".") == 0, "cannot make it the root of the mount namespace");
  require(::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0, "cannot let go of the outer root");
}

// INVARIANT: on return "/" shows what it showed before, is the root of the mount namespace, and no mount made
// from here on is seen outside.
static void own_the_root() {
  const int before = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  require(before >= 0, "cannot open /");
  leave_chroot();
  require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
          "cannot make the mounts private");
  struct stat old_root{};
  struct stat new_root{};
  require(::fstat(before, &old_root) == 0 && ::stat("/", &new_root) == 0, "cannot look at /");
  if (old_root.st_dev != new_root.st_dev || old_root.st_ino != new_root.st_ino) pivot_to(before);
  ::close(before);
}

static void mount_if_absent(const char* type, const char* path, long magic) {
  if (is_mounted(path, magic)) return;
  ::mkdir(path, 0755);
  if (::mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0) return;
  std::fprintf(stderr, "private_root: cannot mount %s at %s: %s\n", type, path, std::strerror(errno));
  std::exit(1);
}

// The version 1 hierarchies in use, as the option that mounts each: {3: "memory", 4: "cpu,cpuacct"}.
// Source: /proc/cgroups, proc(5): name, hierarchy (0: none, or version 2), number of groups, enabled.
static std::map<int, std::string> version_1_hierarchies() {
  std::map<int, std::string> hierarchies;
  std::ifstream table("/proc/cgroups");
  std::string line;
  while (std::getline(table, line)) {
    char name[64];
    int hierarchy = 0;
    if (line.starts_with('#') || std::sscanf(line.c_str(), "%63s %d", name, &hierarchy) != 2 ||
        hierarchy == 0)
      continue;
    std::string& controllers = hierarchies[hierarchy];
    controllers += (controllers.empty() ? "" : ",") + std::string(name);
  }
  return hierarchies;
}

static void mount_cgroups() {
  const char* const top = "/sys/fs/cgroup";
  if (is_mounted(top, kCgroup2Magic) || is_mounted(top, kTmpfsMagic)) return;
  const std::map<int, std::string> hierarchies = version_1_hierarchies();
  if (hierarchies.empty()) {
    mount_if_absent("cgroup2", top, kCgroup2Magic);
    return;
  }
  mount_if_absent("tmpfs", top, kTmpfsMagic);
  for (const auto& [number, controllers] : hierarchies) {
    const std::string path = top + ("/" + controllers);
    ::mkdir(path.c_str(), 0755);
    require(::mount("cgroup", path.c_str(), "cgroup", 0, controllers.c_str()) == 0,
            "cannot mount a cgroup hierarchy");
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: private_root COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  char* const directory = ::get_current_dir_name();
  require(directory != nullptr, "the working directory has no path");
  require(::geteuid() == 0 || (errno = EPERM, false), "this must be run as root");
  require(::unshare(CLONE_NEWNS) == 0,
          "cannot make a mount namespace (a container without CAP_SYS_ADMIN cannot)");
  own_the_root();
  mount_if_absent("proc", "/proc", kProcMagic);
  mount_if_absent("sysfs", "/sys", kSysfsMagic);
  mount_cgroups();
  require(::chdir(directory) == 0, "cannot return to the working directory");
  ::execvp(argv[1], argv + 1);
  fail(argv[1]);
}
