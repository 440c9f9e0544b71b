// Sections about what is granted and what is expected; the world's sections are in world_readers.cpp.

#include "grammar/section_readers.h"

namespace isola::grammar {

CapabilitiesSyntax read_capabilities(const YamlEntry& section, ReadContext context) {
  CapabilitiesSyntax syntax{.range = section.key.range, .bounding = {}, .ambient = {}, .inheritable = {}};
  if (section.value.kind != YamlNode::Kind::Mapping) {
    syntax.bounding = read_rules(section.value, section.key.range, RuleForm::Item, context);
    return syntax;
  }
  KeyedEntries keys(section.value, section.key.range, Mapping::Capabilities, context);
  syntax.bounding = keys.rules(Key::Capabilities_bounding, RuleForm::Item);
  const auto read_set = [&](Key key) -> std::optional<std::vector<RuleSyntax>> {
    const YamlEntry* const entry = keys.find(key);
    if (!entry) return std::nullopt;
    return read_rules(entry->value, entry->key.range, RuleForm::Item, context);
  };
  syntax.ambient = read_set(Key::Capabilities_ambient);
  syntax.inheritable = read_set(Key::Capabilities_inheritable);
  return syntax;
}

SyscallsSyntax read_syscalls(const YamlEntry& section, ReadContext context) {
  SyscallsSyntax syntax;
  syntax.range = section.key.range;
  KeyedEntries keys(section.value, section.key.range, Mapping::Syscalls, context);
  syntax.architectures = keys.texts(Key::Syscalls_architectures);
  syntax.known = keys.text(Key::Syscalls_known);
  const auto read_action = [&](Key key) -> std::optional<ActionSyntax> {
    const std::optional<ScalarText> text = keys.text(key);
    return text ? parse_action(*text, context.diagnostics) : std::nullopt;
  };
  syntax.otherwise = read_action(Key::Syscalls_otherwise);
  syntax.newer = read_action(Key::Syscalls_newer);
  syntax.flags = keys.texts(Key::Syscalls_flags);
  syntax.rules = keys.rules(Key::Syscalls_rules, RuleForm::Syscall);
  return syntax;
}

std::vector<RequireSyntax> read_require(const YamlEntry& section, ReadContext context) {
  std::vector<RequireSyntax> demands;
  KeyedEntries keys(section.value, section.key.range, Mapping::Require, context);
  for (const KeyInfo& info : keys_of(Mapping::Require)) {
    const Key key = *find_key(Mapping::Require, info.name);
    const YamlEntry* const entry = keys.find(key);
    if (!entry) continue;
    if (std::optional<ScalarText> fidelity = read_text(entry->value, entry->key.range, context)) {
      demands.push_back({entry->key.scalar, std::move(*fidelity)});
    }
  }
  return demands;
}

static ChildSyntax read_child(const YamlEntry& entry, ReadContext context) {
  ChildSyntax child;
  child.name = entry.key.scalar;
  child.range = entry.key.range;
  KeyedEntries keys(entry.value, entry.key.range, Mapping::Child, context);
  // An empty list says "nothing granted", an absent one "as the parent": unlike elsewhere they differ.
  const auto read_section = [&](Key key) -> std::optional<std::vector<RuleSyntax>> {
    const YamlEntry* const section = keys.find(key);
    if (!section) return std::nullopt;
    return read_rules(section->value, section->key.range, RuleForm::Access, context);
  };
  if (const YamlEntry* const section = keys.find(Key::Child_capabilities)) {
    child.capabilities = read_capabilities(*section, context);
  }
  child.files = read_section(Key::Child_files);
  child.devices = read_section(Key::Child_devices);
  child.network = read_section(Key::Child_network);
  child.ipc = read_section(Key::Child_ipc);
  return child;
}

std::vector<ChildSyntax> read_children(const YamlEntry& section, ReadContext context) {
  std::vector<ChildSyntax> children;
  if (!expect_mapping(section.value, section.key.range, context)) return children;
  for (const YamlEntry& entry : section.value.entries) {
    if (entry.value.kind == YamlNode::Kind::Null) {
      context.diagnostics.report<DiagnosticKind::MissingValue>(entry.key.range, entry.key.scalar.decoded());
    } else {
      children.push_back(read_child(entry, context));
    }
  }
  return children;
}

std::vector<WaiverSyntax> read_waivers(const YamlEntry& section, ReadContext context) {
  std::vector<WaiverSyntax> waivers;
  if (!expect_list(section.value, section.key.range, context)) return waivers;
  for (const YamlNode& item : section.value.items) {
    KeyedEntries keys(item, item.range, Mapping::Waiver, context);
    WaiverSyntax waiver;
    waiver.range = item.range;
    waiver.lint = keys.text(Key::Waiver_lint);
    waiver.at = keys.text(Key::Waiver_at);
    waiver.because = keys.text(Key::Waiver_because);
    waiver.until = keys.text(Key::Waiver_until);
    waivers.push_back(std::move(waiver));
  }
  return waivers;
}

std::vector<TestSyntax> read_tests(const YamlEntry& section, ReadContext context) {
  std::vector<TestSyntax> tests;
  if (!expect_list(section.value, section.key.range, context)) return tests;
  for (const YamlNode& item : section.value.items) {
    const std::optional<ScalarText> text = read_rule_text(item, context);
    if (!text) continue;
    if (std::optional<TestSyntax> test = parse_test(*text, context.diagnostics))
      tests.push_back(std::move(*test));
  }
  return tests;
}

}  // namespace isola::grammar
