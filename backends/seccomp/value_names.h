// Names for what a filter holds arguments against: `2` is `AF_INET` for socket's family.
//
// For people only: nothing is decided by these names, and what has none is shown as a number.

#pragma once

#include <map>
#include <string>
#include <tuple>

#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

// A mask has a name only as a set of bits: 3 is no SOCK_RAW there.
enum class ValueUse : std::uint8_t { Compared, Mask };

class ValueNames {
 public:
  // `CLONE_NEWNS|CLONE_NEWPID`; empty when the value has no name as this parameter of the call, or only a
  // part of it has. `value` is cut to the parameter's width.
  const std::string& find(kernel::SyscallId call, kernel::Arch arch, std::size_t parameter,
                          std::uint64_t value, ValueUse use = ValueUse::Compared);

 private:
  using Key = std::tuple<kernel::SyscallId, kernel::Arch, std::size_t, std::uint64_t, ValueUse>;
  std::map<Key, std::string> known_;
};

}  // namespace isola::backends::seccomp
