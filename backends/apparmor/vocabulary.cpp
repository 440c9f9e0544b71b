#include "backends/apparmor/vocabulary.h"

#include <llvm/ADT/Twine.h>

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include "compiler/base/check.h"

namespace isola::backends::apparmor {

namespace {

// By AF_* number. Source: the af_mask of /etc/apparmor.d/abi/3.0, and linux/socket.h for the numbers.
constexpr std::array<std::string_view, 45> kFamilies = {
    "unspec",     "unix",   "inet",   "ax25", "ipx",       "appletalk", "netrom",  "bridge",  "atmpvc",
    "x25",        "inet6",  "rose",   "",     "netbeui",   "security",  "key",     "netlink", "packet",
    "ash",        "econet", "atmsvc", "rds",  "sna",       "irda",      "pppox",   "wanpipe", "llc",
    "ib",         "mpls",   "can",    "tipc", "bluetooth", "iucv",      "rxrpc",   "isdn",    "phonet",
    "ieee802154", "caif",   "alg",    "nfc",  "vsock",     "kcm",       "qipcrtr", "smc",     "xdp"};

// By SOCK_* number. Source: network.c of the parser.
constexpr std::array<std::string_view, 11> kTypes = {"", "stream", "dgram", "raw", "rdm",   "seqpacket",
                                                     "", "",       "",      "",    "packet"};

// By signal number on x86_64. Source: apparmor.d(5), SIGNALS.
constexpr std::array<std::string_view, 32> kSignals = {
    "",     "hup",  "int",  "quit", "ill",    "trap",   "abrt",  "bus",  "fpe",  "kill", "usr1",
    "segv", "usr2", "pipe", "alrm", "term",   "stkflt", "chld",  "cont", "stop", "stp",  "ttin",
    "ttou", "urg",  "xcpu", "xfsz", "vtalrm", "prof",   "winch", "io",   "pwr",  "sys"};

// First real-time signal of the kernel, which the parser's `rtmin+0` is. Source: SIGRTMIN,
// asm-generic/signal.h.
constexpr unsigned kFirstRealTimeSignal = 32;

}  // namespace

std::optional<std::string_view> family_name(unsigned family) {
  if (family >= kFamilies.size() || kFamilies[family].empty()) return std::nullopt;
  return kFamilies[family];
}

std::optional<std::string_view> type_name(unsigned type) {
  if (type >= kTypes.size() || kTypes[type].empty()) return std::nullopt;
  return kTypes[type];
}

std::string signal_name(unsigned number) {
  ISOLA_CHECK(number >= 1 && number <= 64, "a signal's number is 1 to 64");
  if (number < kFirstRealTimeSignal) return std::string(kSignals[number]);
  return fmt::format("rtmin+{}", number - kFirstRealTimeSignal);
}

std::optional<std::string> capability_name(kernel::Capability capability) {
  if (capability == kernel::Capability::CheckpointRestore) return std::nullopt;
  return kernel::name(capability).drop_front(4).lower();
}

std::optional<ResourceRule> resource_rule(const ir::ResourceLimit& limit) {
  if (limit.hard == ir::kUnlimited) return std::nullopt;
  const std::string name = llvm::StringRef(limit.name).drop_front(7).lower();  // without RLIMIT_
  // The parser takes niceness itself, which counts downwards: the limit is 20 minus it. Source: getrlimit(2).
  if (name == "nice") return ResourceRule{name, std::to_string(20 - static_cast<std::int64_t>(limit.hard))};
  const char* unit = name == "rttime" ? "us" : "";
  return ResourceRule{name, std::to_string(limit.hard) + unit};
}

Accesses accesses_of(ir::FileModes modes) {
  Accesses accesses;
  const auto add = [&](ir::FileMode mode, Access access) {
    if (modes.contains(mode)) accesses.insert(access);
  };
  add(ir::FileMode::Read, Access::Read);
  add(ir::FileMode::Write, Access::Write);
  add(ir::FileMode::Create, Access::Write);
  add(ir::FileMode::Append, Access::Append);
  add(ir::FileMode::Map, Access::Map);
  add(ir::FileMode::Execute, Access::Execute);
  add(ir::FileMode::Lock, Access::Lock);
  add(ir::FileMode::Link, Access::Link);
  // `w` includes `a`, and the parser refuses both in one rule.
  return accesses.contains(Access::Write) ? accesses - Accesses{Access::Append} : accesses;
}

Accesses accesses_of(ir::DeviceModes modes) {
  Accesses accesses;
  if (modes.contains(ir::DeviceMode::Read)) accesses.insert(Access::Read);
  if (modes.contains(ir::DeviceMode::Write) || modes.contains(ir::DeviceMode::Create))
    accesses.insert(Access::Write);
  return accesses;
}

Accesses accesses_of(ir::SharedObjectModes modes) {
  Accesses accesses;
  if (modes.contains(ir::SharedObjectMode::Read)) accesses.insert(Access::Read);
  const bool changes = modes.intersects({ir::SharedObjectMode::Write, ir::SharedObjectMode::Create});
  if (changes) accesses.insert(Access::Write);
  return accesses;
}

std::optional<ir::PathPattern> object_file(const ir::SharedObjectUse& use) {
  if (use.flavour == ir::SharedObjectUse::Flavour::SystemV) return std::nullopt;
  const auto any = std::get<ir::PathPattern>(ir::PathPattern::parse("/*"));
  const ir::PathPattern& name = use.name ? *use.name : any;
  switch (use.kind) {
    case ir::SharedObjectUse::Kind::Memory:
      return ir::PathPattern::below("/dev/shm/", name);
    case ir::SharedObjectUse::Kind::Semaphore:
      return ir::PathPattern::below("/dev/shm/sem.", name);
    case ir::SharedObjectUse::Kind::MessageQueue:
      return std::nullopt;
  }
  ISOLA_CHECK(false, "an object of a known kind");
  return std::nullopt;
}

std::optional<ir::PathPattern> resolved_self(const ir::PathPattern& path) {
  constexpr llvm::StringLiteral kSelf = "/proc/self/";
  llvm::StringRef rest = path.text();
  if (!path.literal_prefix().starts_with(kSelf) || !rest.consume_front(kSelf)) return std::nullopt;
  auto parsed = ir::PathPattern::parse(("/proc/[0-9]*/" + rest).str());
  auto* resolved = std::get_if<ir::PathPattern>(&parsed);
  if (resolved == nullptr) return std::nullopt;
  return std::move(*resolved);
}

}  // namespace isola::backends::apparmor
