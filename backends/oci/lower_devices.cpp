// Device nodes and the device controller's rules.
//
// The controller starts from "nothing" and adds what the policy grants. Runtimes add the nodes that every
// container has (null, zero, full, random, urandom, tty, ptmx) on their own, whatever the file says: the
// claims tell.

#include <llvm/ADT/StringRef.h>

#include "backends/oci/oci.h"

namespace isola::backends::oci {

struct KnownDevice {
  std::string_view path;
  std::uint32_t major_number, minor_number;
};

// Source: Documentation/admin-guide/devices.txt, Linux 6.12. All are character devices.
constexpr KnownDevice kKnownDevices[] = {
    {"/dev/null", 1, 3},         {"/dev/zero", 1, 5},       {"/dev/full", 1, 7},
    {"/dev/random", 1, 8},       {"/dev/urandom", 1, 9},    {"/dev/kmsg", 1, 11},
    {"/dev/tty", 5, 0},          {"/dev/console", 5, 1},    {"/dev/ptmx", 5, 2},
    {"/dev/watchdog", 10, 130},  {"/dev/net/tun", 10, 200}, {"/dev/hpet", 10, 228},
    {"/dev/fuse", 10, 229},      {"/dev/kvm", 10, 232},     {"/dev/loop-control", 10, 237},
    {"/dev/vhost-net", 10, 238},
};

static const KnownDevice* find_known_device(llvm::StringRef path) {
  for (const KnownDevice& device : kKnownDevices) {
    if (path == llvm::StringRef(device.path)) return &device;
  }
  return nullptr;
}

static std::string access_text(ir::DeviceModes modes) {
  std::string text;
  if (modes.contains(ir::DeviceMode::Read)) text += 'r';
  if (modes.contains(ir::DeviceMode::Write)) text += 'w';
  if (modes.contains(ir::DeviceMode::Create)) text += 'm';
  return text;
}

static void add_rule(bool allows, const ir::DeviceNumbers& numbers, ir::DeviceModes modes,
                     Resources& resources) {
  resources.devices.push_back({.allows = allows,
                               .type = numbers.type == ir::DeviceNumbers::Type::Block ? 'b' : 'c',
                               .major_number = numbers.major_number,
                               .minor_number = numbers.minor_number,
                               .access = access_text(modes)});
}

static void lower_device_path(const ir::Rule& rule, const ir::PathPattern& path, ir::DeviceModes modes,
                              Configuration& configuration, Diagnostics& diagnostics) {
  // Terminals are made by devpts, not as nodes; 136:* is theirs.
  if (path.literal_prefix().starts_with("/dev/pts/")) {
    add_rule(rule.effect == ir::Effect::Allow, {.type = {}, .major_number = 136, .minor_number = {}}, modes,
             configuration.resources);
    return;
  }
  const KnownDevice* device = path.is_literal() ? find_known_device(path.literal_prefix()) : nullptr;
  if (device == nullptr) {
    diagnostics.report<DiagnosticKind::OciUnknownDevice>(rule.origin, path.text());
    return;
  }
  add_rule(rule.effect == ir::Effect::Allow,
           {.type = {}, .major_number = device->major_number, .minor_number = device->minor_number}, modes,
           configuration.resources);
  if (rule.effect == ir::Effect::Deny) return;
  configuration.devices.push_back({.path = std::string(device->path),
                                   .type = 'c',
                                   .major_number = device->major_number,
                                   .minor_number = device->minor_number});
}

static void lower_rules(const ir::Profile& profile, ir::Effect effect, Configuration& configuration,
                        Diagnostics& diagnostics) {
  for (const ir::Rule* rule : profile.rules_of<ir::DeviceAccess>()) {
    if (rule->effect != effect) continue;
    const auto& access = std::get<ir::DeviceAccess>(rule->permission);
    if (const auto* path = std::get_if<ir::PathPattern>(&access.node)) {
      lower_device_path(*rule, *path, access.modes, configuration, diagnostics);
    } else {
      add_rule(effect == ir::Effect::Allow, std::get<ir::DeviceNumbers>(access.node), access.modes,
               configuration.resources);
    }
  }
}

void lower_devices(const ir::Profile& profile, Configuration& configuration, Diagnostics& diagnostics) {
  configuration.resources.devices.push_back({});
  // Later lines win in the controller, and a deny wins in a policy.
  lower_rules(profile, ir::Effect::Allow, configuration, diagnostics);
  lower_rules(profile, ir::Effect::Deny, configuration, diagnostics);
}

}  // namespace isola::backends::oci
