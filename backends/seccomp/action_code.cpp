#include "backends/seccomp/action_code.h"

#include <linux/seccomp.h>

#include <algorithm>

#include "compiler/base/check.h"

namespace isola::backends::seccomp {

using Kind = ir::SyscallAction::Kind;

std::uint32_t encode_action(ir::SyscallAction action) {
  switch (action.kind) {
    case Kind::Allow:
      return SECCOMP_RET_ALLOW;
    case Kind::Log:
      return SECCOMP_RET_LOG;
    case Kind::Errno:
      return SECCOMP_RET_ERRNO | action.value;
    case Kind::Trace:
      return SECCOMP_RET_TRACE | action.value;
    case Kind::Trap:
      return SECCOMP_RET_TRAP;
    case Kind::KillThread:
      return SECCOMP_RET_KILL_THREAD;
    case Kind::KillProcess:
      return SECCOMP_RET_KILL_PROCESS;
    case Kind::Notify:
      return SECCOMP_RET_USER_NOTIF;
  }
  ISOLA_CHECK(false, "a known action");
  return SECCOMP_RET_KILL_PROCESS;
}

ir::SyscallAction decode_action(std::uint32_t value) {
  const auto data = static_cast<std::uint16_t>(value & SECCOMP_RET_DATA);
  switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return {.kind = Kind::Allow, .value = 0};
    case SECCOMP_RET_LOG:
      return {.kind = Kind::Log, .value = 0};
    case SECCOMP_RET_ERRNO:
      return {.kind = Kind::Errno, .value = data};
    case SECCOMP_RET_TRACE:
      return {.kind = Kind::Trace, .value = data};
    case SECCOMP_RET_TRAP:
      return {.kind = Kind::Trap, .value = 0};
    case SECCOMP_RET_KILL_THREAD:
      return {.kind = Kind::KillThread, .value = 0};
    case SECCOMP_RET_USER_NOTIF:
      return {.kind = Kind::Notify, .value = 0};
  }
  return {.kind = Kind::KillProcess, .value = 0};
}

static constexpr std::uint32_t kHighestErrno = 4095;

std::uint32_t effective_answer(std::uint32_t value) {
  const std::uint32_t data = value & SECCOMP_RET_DATA;
  switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ERRNO:
      return SECCOMP_RET_ERRNO | std::min(data, kHighestErrno);
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_TRAP:
      return value;
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_USER_NOTIF:
    case SECCOMP_RET_KILL_THREAD:
      return value & SECCOMP_RET_ACTION_FULL;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

std::optional<std::uint32_t> settle_answer(std::uint32_t known, std::uint32_t value) {
  static constexpr std::uint32_t kActions[] = {
      SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
      SECCOMP_RET_USER_NOTIF,   SECCOMP_RET_TRACE,       SECCOMP_RET_LOG,  SECCOMP_RET_ALLOW};
  const std::uint32_t known_action = known & SECCOMP_RET_ACTION_FULL;
  const bool may_be_known = std::any_of(std::begin(kActions), std::end(kActions), [&](std::uint32_t action) {
    return (action & known_action) == (value & known_action);
  });
  if (!may_be_known) return SECCOMP_RET_KILL_PROCESS;
  if (known_action != SECCOMP_RET_ACTION_FULL) return std::nullopt;
  const std::uint32_t action = value & SECCOMP_RET_ACTION_FULL;
  const bool is_too_high = action == SECCOMP_RET_ERRNO && (value & known & SECCOMP_RET_DATA) > kHighestErrno;
  const bool has_datum =
      action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE || action == SECCOMP_RET_TRAP;
  if (!has_datum || is_too_high || (known & SECCOMP_RET_DATA) == SECCOMP_RET_DATA)
    return effective_answer(value);
  return std::nullopt;
}

}  // namespace isola::backends::seccomp
