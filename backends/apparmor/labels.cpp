#include "backends/apparmor/labels.h"

#include <fmt/format.h>

#include "compiler/base/check.h"

namespace isola::backends::apparmor {

std::string profile_name(const ir::Profile& profile) {
  return profile.world.labels.apparmor.empty() ? profile.name : profile.world.labels.apparmor;
}

std::string child_label(const ir::Profile& profile, llvm::StringRef child) {
  const std::string parent = profile_name(profile);
  const std::string label = fmt::format("{}//{}", parent, child.str());
  return profile.world.process.no_new_privileges ? fmt::format("{}//&{}", parent, label) : label;
}

std::string peer_pattern(const ir::Profile& profile, const std::string& own, const ir::Peer& peer) {
  switch (peer.kind) {
    case ir::Peer::Kind::Any:
      return "";
    case ir::Peer::Kind::Self:
      return escape(own);
    // Engines run unconfined, or under the profiles that some distributions have for their runtimes.
    case ir::Peer::Kind::Engine:
      return "{crun,runc,unconfined}";
    case ir::Peer::Kind::Child:
      return escape(child_label(profile, peer.name));
    case ir::Peer::Kind::Label:
      return escape(peer.name);
  }
  ISOLA_CHECK(false, "a peer of a known kind");
  return "";
}

std::string escape(llvm::StringRef name) {
  std::string escaped;
  for (const char byte : name) {
    if (llvm::StringRef("*?[]{}^,\\").contains(byte)) escaped += '\\';
    escaped += byte;
  }
  return escaped;
}

}  // namespace isola::backends::apparmor
