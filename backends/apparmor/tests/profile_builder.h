// Short ways to write profiles in the tests of this folder.

#pragma once

#include "compiler/ir/profile.h"

namespace isola::backends::apparmor {

inline ir::PathPattern pattern(llvm::StringRef text) {
  return std::get<ir::PathPattern>(ir::PathPattern::parse(text));
}

inline ir::Rule allow(ir::Permission permission) {
  return {.effect = ir::Effect::Allow,
          .permission = std::move(permission),
          .origin = {},
          .brought_by = {},
          .because = {}};
}

inline ir::Rule deny(ir::Permission permission) {
  return {.effect = ir::Effect::Deny,
          .permission = std::move(permission),
          .origin = {},
          .brought_by = {},
          .because = {}};
}

inline ir::FileAccess file(llvm::StringRef path, ir::FileModes modes, std::string child = "") {
  return {.path = pattern(path), .modes = modes, .owner_only = false, .child = std::move(child)};
}

inline ir::DeviceAccess device(llvm::StringRef path, ir::DeviceModes modes) {
  return {.node = pattern(path), .modes = modes};
}

constexpr ir::NetworkOperations kAllOperations{ir::NetworkOperation::Bind, ir::NetworkOperation::Accept,
                                               ir::NetworkOperation::Connect, ir::NetworkOperation::Send,
                                               ir::NetworkOperation::Receive};

inline ir::NetworkAccess internet(ir::InternetProtocol protocol, ir::AddressPrefix::Family family) {
  return {.operations = {ir::NetworkOperation::Connect},
          .endpoint = ir::InternetEndpoint{.protocol = protocol, .address = {.family = family}, .ports = {}}};
}

inline ir::NetworkAccess family(std::uint16_t number, std::optional<std::uint32_t> type) {
  return {.operations = kAllOperations,
          .endpoint = ir::FamilyEndpoint{.family = number, .socket_type = type, .protocol = std::nullopt}};
}

inline ir::NetworkAccess unix_path(llvm::StringRef path) {
  return {.operations = {ir::NetworkOperation::Bind},
          .endpoint = ir::UnixEndpoint{
              .kind = ir::UnixEndpoint::Kind::Path, .path = pattern(path), .abstract_name = {}}};
}

inline ir::NetworkAccess unix_abstract(std::string name, ir::NetworkOperations operations) {
  return {
      .operations = operations,
      .endpoint = ir::UnixEndpoint{
          .kind = ir::UnixEndpoint::Kind::Abstract, .path = std::nullopt, .abstract_name = std::move(name)}};
}

inline ir::SignalUse signal_use(ir::Directions directions, std::uint64_t signals, ir::Peer peer) {
  return {.directions = directions, .signals = signals, .peer = std::move(peer)};
}

inline ir::PtraceUse ptrace_use(ir::PtraceModes modes, ir::Direction direction, ir::Peer peer) {
  return {.modes = modes, .direction = direction, .peer = std::move(peer)};
}

inline ir::SharedObjectUse shared_object(ir::SharedObjectUse::Kind kind, llvm::StringRef name) {
  return {.kind = kind,
          .flavour = ir::SharedObjectUse::Flavour::Posix,
          .modes = {ir::SharedObjectMode::Create, ir::SharedObjectMode::Read, ir::SharedObjectMode::Write},
          .name = pattern(name)};
}

// The profile `web`, with the defaults of a policy.
inline ir::Profile profile_with(std::vector<ir::Rule> rules) {
  ir::Profile profile;
  profile.name = "web";
  profile.rules = std::move(rules);
  return profile;
}

}  // namespace isola::backends::apparmor
