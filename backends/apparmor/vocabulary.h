// The words of abi 3.0 for what the IR knows by number.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "backends/apparmor/model.h"
#include "compiler/ir/world.h"
#include "compiler/kernel/capabilities.h"

namespace isola::backends::apparmor {

// `inet6`; nothing for families that the ABI does not know (AF_DECnet, AF_MCTP).
std::optional<std::string_view> family_name(unsigned family);

// `stream`; nothing for types that the parser does not know (SOCK_DCCP).
std::optional<std::string_view> type_name(unsigned type);

// `hup`, `rtmin+2`, by the signal's number on x86_64, 1..64.
std::string signal_name(unsigned number);

// `net_bind_service`; nothing for CAP_CHECKPOINT_RESTORE: the parser compiles it to sys_admin under this ABI.
std::optional<std::string> capability_name(kernel::Capability capability);

// `set rlimit` for the hard limit; nothing when it is unlimited.
std::optional<ResourceRule> resource_rule(const ir::ResourceLimit& limit);

// `w` writes, creates, removes, renames and changes attributes.
Accesses accesses_of(ir::FileModes modes);
Accesses accesses_of(ir::DeviceModes modes);
Accesses accesses_of(ir::SharedObjectModes modes);

// Which file a POSIX object is: `/dev/shm/NAME`, `/dev/shm/sem.NAME`; nothing for message queues and System
// V. Source: shm_overview(7), sem_overview(7).
std::optional<ir::PathPattern> object_file(const ir::SharedObjectUse& use);

// `/proc/self/stat` as the kernel names it to a security module, `/proc/[0-9]*/stat`: the link is resolved
// first, and the rule cannot know the number. Nothing for other patterns. Source: fs/proc/self.c.
std::optional<ir::PathPattern> resolved_self(const ir::PathPattern& path);

}  // namespace isola::backends::apparmor
