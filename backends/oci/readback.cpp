// What a config.json itself says of a request: system calls, capabilities, changes below read-only mounts.
//
// Reads the file anew and shares nothing with lower and emit but the rules' JSON shape, so that a mistake
// there shows.

#include <llvm/Support/JSON.h>

#include <algorithm>
#include <cerrno>

#include "backends/oci/oci.h"
#include "compiler/base/match.h"

namespace isola::backends::oci {

using llvm::json::Array;
using llvm::json::Object;

static ir::Decision decision(ir::Judge judge, int error, ir::Reason reason) {
  using Kind = ir::SyscallAction::Kind;
  const bool allows = error == 0;
  return {.effect = allows ? ir::Effect::Allow : ir::Effect::Deny,
          .action = {.kind = allows ? Kind::Allow : Kind::Errno, .value = static_cast<std::uint16_t>(error)},
          .judge = judge,
          .reason = reason,
          .because = nullptr,
          .origin = {}};
}

static bool lists(const Array* texts, llvm::StringRef wanted) {
  return texts != nullptr && std::any_of(texts->begin(), texts->end(), [&](const llvm::json::Value& text) {
           return text.getAsString() == wanted;
         });
}

static std::optional<ir::Decision> read_syscall(const Object& configuration,
                                                const ir::SyscallRequest& request) {
  const Object* linux_part = configuration.getObject("linux");
  const Object* filter = linux_part == nullptr ? nullptr : linux_part->getObject("seccomp");
  if (filter == nullptr) return std::nullopt;
  const std::optional<OciSeccomp> seccomp = read_oci_seccomp(*filter);
  if (!seccomp) return std::nullopt;
  return decide_oci_seccomp(*seccomp, request);
}

static std::optional<ir::Decision> read_capability(const Object& configuration,
                                                   kernel::Capability capability) {
  const Object* process = configuration.getObject("process");
  const Object* sets = process == nullptr ? nullptr : process->getObject("capabilities");
  if (sets == nullptr) return std::nullopt;
  const bool is_held = lists(sets->getArray("bounding"), kernel::name(capability));
  return decision(ir::Judge::Capabilities, is_held ? 0 : EPERM,
                  is_held ? ir::Reason::RuleAllows : ir::Reason::NothingGrants);
}

static bool is_at_or_below(llvm::StringRef path, llvm::StringRef directory) {
  return path == directory || (path.starts_with(directory) && path.substr(directory.size()).starts_with("/"));
}

// The last of the mounts that lie deepest above the path; null when it lies on the root file system.
static const Object* mount_of(const Object& configuration, llvm::StringRef path) {
  const Object* found = nullptr;
  std::size_t depth = 0;
  const Array* mounts = configuration.getArray("mounts");
  if (mounts == nullptr) return nullptr;
  for (const llvm::json::Value& value : *mounts) {
    const Object* mount = value.getAsObject();
    const llvm::StringRef destination = mount == nullptr ? "" : mount->getString("destination").value_or("");
    if (destination.empty() || destination.size() < depth || !is_at_or_below(path, destination)) continue;
    found = mount;
    depth = destination.size();
  }
  return found;
}

static bool lies_in(const Object& configuration, llvm::StringRef key, llvm::StringRef path) {
  const Object* linux_part = configuration.getObject("linux");
  const Array* places = linux_part == nullptr ? nullptr : linux_part->getArray(key);
  return places != nullptr &&
         std::any_of(places->begin(), places->end(), [&](const llvm::json::Value& place) {
           return is_at_or_below(path, place.getAsString().value_or(""));
         });
}

static bool is_root_read_only(const Object& configuration) {
  const Object* root = configuration.getObject("root");
  return root != nullptr && root->getBoolean("readonly").value_or(false);
}

static std::optional<ir::Decision> read_file(const Object& configuration, const ir::FileRequest& request) {
  using Mode = ir::FileMode;
  const bool changes = request.modes.intersects({Mode::Write, Mode::Append, Mode::Create, Mode::Link});
  const bool runs = request.modes.intersects({Mode::Execute, Mode::Map});
  if (lies_in(configuration, "maskedPaths", request.path)) {
    return decision(ir::Judge::Mounts, EACCES, ir::Reason::NothingGrants);
  }
  const Object* mount = mount_of(configuration, request.path);
  const Array* options = mount == nullptr ? nullptr : mount->getArray("options");
  const bool is_read_only = mount == nullptr ? is_root_read_only(configuration) : lists(options, "ro");
  if (changes && (is_read_only || lies_in(configuration, "readonlyPaths", request.path))) {
    return decision(ir::Judge::Mounts, EROFS, ir::Reason::ReadOnlyMount);
  }
  if (runs && lists(options, "noexec")) return decision(ir::Judge::Mounts, EACCES, ir::Reason::NoExecMount);
  return std::nullopt;
}

std::optional<ir::Decision> readback(llvm::ArrayRef<Artifact> artifacts, const ir::Request& request) {
  const auto artifact = std::find_if(artifacts.begin(), artifacts.end(), [](const Artifact& candidate) {
    return candidate.name == "config.json";
  });
  if (artifact == artifacts.end()) return std::nullopt;
  auto parsed = llvm::json::parse(artifact->bytes);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return std::nullopt;
  }
  const Object* configuration = parsed->getAsObject();
  if (configuration == nullptr) return std::nullopt;
  using Opinion = std::optional<ir::Decision>;
  return std::visit(
      Match{[&](const ir::SyscallRequest& call) { return read_syscall(*configuration, call); },
            [&](const ir::FileRequest& file) { return read_file(*configuration, file); },
            [&](const ir::CapabilityRequest& use) { return read_capability(*configuration, use.capability); },
            [](const ir::DeviceRequest&) { return Opinion(); },
            [](const ir::NetworkRequest&) { return Opinion(); },
            [](const ir::SignalRequest&) { return Opinion(); },
            [](const ir::PtraceRequest&) { return Opinion(); },
            [](const ir::SharedObjectRequest&) { return Opinion(); },
            [](const ir::DbusRequest&) { return Opinion(); },
            [](const ir::MountRequest&) { return Opinion(); },
            [](const ir::UnshareRequest&) { return Opinion(); }},
      request.operation);
}

}  // namespace isola::backends::oci
