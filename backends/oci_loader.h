// What runc and crun install for a `linux.seccomp` object of the OCI runtime specification: any such object,
// ours or a foreign one.
//
// The object is not a filter. A runtime hands it to libseccomp rule by rule and adds things of its own, and
// what the kernel gets differs from what is written in ways that nobody is told of. The model follows the
// versions of Debian 12: runc 1.1.5 and crun 1.8.1, both with libseccomp 2.5.4.
//
// - The machine's own architecture is always in the filter, listed or not. x32 is a table of x86_64's.
// - A rule whose action is the default is skipped, and so is a name that libseccomp does not know.
// - Two tests of one argument in one rule make as many rules as the rule has tests: "either", not "both".
// - Arguments are compared on 64 bits; on x86, x32 and arm on 32.
// - On x86, ppc64le and s390x a rule on a socket or IPC call is one on `socketcall` or `ipc`, too, where the
//   other arguments of the rule are compared with what is not that argument there.
// - Overlapping rules are worked into a tree (loader_tree.h), and the tree's code can compare a word that is
// not
//   the one meant (loader_code.h).
// - Where the calls with the fewest comparisons are all ones that the architecture does not have, its filter
//   never looks at the number, and every call of the architecture gets the default. Not so x86_64 without
//   x32.
// - Calls of other architectures, and of x32 where it is not listed, end the thread.
// - runc answers ENOSYS to numbers above the highest one that the object names, unless its default lets calls
//   run; on s390x to number 0, too.
//
// Source: runc v1.1.5, libcontainer/specconv/spec_linux.go and libcontainer/seccomp; crun 1.8.1,
// src/libcrun/seccomp.c; libseccomp v2.5.4, src/; Debian's versions of them, by the tests.

#pragma once

#include <llvm/Support/JSON.h>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "backends/loader_code.h"
#include "compiler/kernel/arch.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends {

enum class OciRuntime : std::uint8_t { Runc, Crun };

// A filter as the runtime hands it to the kernel, as a function. Answers are SECCOMP_RET_* values.
class LoadedFilter {
 public:
  std::uint32_t answer(std::uint32_t audit_arch, std::uint32_t number, const ir::Arguments& arguments) const;
  // The second argument of seccomp(2), but for SECCOMP_FILTER_FLAG_NEW_LISTENER.
  std::uint32_t flags() const { return flags_; }
  std::uint32_t default_action() const { return default_action_; }
  // In the order in which they were added, the machine's own first.
  const std::vector<kernel::Arch>& arches() const { return arches_; }

 private:
  friend class OciLoading;

  // A call of an architecture by its number; one that it does not have by its name, behind all numbers.
  using CallKey = std::uint64_t;
  static constexpr CallKey kAbsent = CallKey{1} << 32;

  bool has(kernel::Arch arch) const;
  // Calls of architectures that share one AUDIT_ARCH, in the order of libseccomp's filter.
  std::vector<std::pair<kernel::Arch, CallKey>> ordered(llvm::ArrayRef<kernel::Arch> group) const;
  void make_code();
  std::optional<std::uint32_t> runtimes_own_answer(std::uint32_t audit_arch, std::uint32_t number) const;

  std::uint32_t default_action_ = 0;
  std::uint32_t flags_ = 0;
  std::vector<kernel::Arch> arches_;
  std::map<std::pair<kernel::Arch, CallKey>, LoaderTree> calls_;
  LoaderCode code_;
  std::map<std::pair<kernel::Arch, CallKey>, LoaderCode::BlockId> starts_;
  kernel::ArchSet blind_;  // that do not look at the number
  // runc: the highest number named on each of the architectures that the object lists.
  std::map<kernel::Arch, std::uint32_t> highest_;
};

// The runtime does not start the container.
struct LoadRefused {
  std::string why;
};
// The model has no answer, and says so.
struct LoadUnknown {
  std::string why;
};

// Of the object on a machine whose own architecture is `host`.
std::variant<LoadedFilter, LoadRefused, LoadUnknown> load_oci_seccomp(const llvm::json::Object& seccomp,
                                                                      OciRuntime runtime, kernel::Arch host);

// Whether libseccomp as Debian 12 has it knows the name; the runtimes drop every other name silently.
bool is_known_to_loader(kernel::SyscallId call);
// `socketcall` or `ipc`, where the architecture has it and libseccomp makes rules on the call rules on that,
// too.
std::optional<kernel::SyscallId> multiplexer_of(kernel::SyscallId call, kernel::Arch arch);
// The number under which it knows the call on the architecture.
std::optional<std::uint32_t> loader_number(kernel::SyscallId call, kernel::Arch arch);

}  // namespace isola::backends
