// The document: which kind of file it is, and its sections, in the order of keys.def.

#include "grammar/policy_reader.h"

#include "grammar/section_readers.h"

namespace isola::grammar {

// Reports sections that only the other kind of file has.
static void check_places_of_keys(const YamlNode& root, bool is_bundle, ReadContext context) {
  for (const YamlEntry& entry : root.entries) {
    const std::optional<Key> key = find_key(Mapping::Document, entry.key.scalar.decoded());
    if (!key || *key == Key::Document_policy || *key == Key::Document_bundle) continue;
    const Presence presence = info(*key).presence;
    if (is_bundle && presence == Presence::PolicyOnly) {
      context.diagnostics.report<DiagnosticKind::KeyNotInBundle>(entry.key.range, info(*key).name);
    } else if (!is_bundle && presence == Presence::BundleOnly) {
      context.diagnostics.report<DiagnosticKind::KeyNotInPolicy>(entry.key.range, info(*key).name);
    }
  }
}

static void read_identity(const YamlNode& root, KeyedEntries& keys, PolicySyntax& policy,
                          ReadContext context) {
  const YamlEntry* const bundle = root.find("bundle");
  const YamlEntry* const name = root.find("policy");
  policy.is_bundle = bundle != nullptr;
  policy.name = keys.text(Key::Document_policy);
  const std::optional<ScalarText> bundle_name = keys.text(Key::Document_bundle);
  if (bundle && name) {
    context.diagnostics.report<DiagnosticKind::TwoNames>(bundle->key.range)
        .label(name->key.range, "a policy here");
  } else if (bundle) {
    policy.name = bundle_name;
  } else if (!name) {
    const SourceRange place{root.range.file, root.range.begin, root.range.begin};
    context.diagnostics.report<DiagnosticKind::NoName>(place);
  }
  policy.schema = keys.text(Key::Document_schema);
  policy.about = keys.text(Key::Document_about);
  policy.parameters = keys.settings(Key::Document_params);
  policy.bindings = keys.settings(Key::Document_let);
}

static void read_sections(KeyedEntries& keys, PolicySyntax& policy, ReadContext context) {
  // Reads a section that is present into its field.
  const auto read = [&](Key key, auto& field, auto reader) {
    if (const YamlEntry* const section = keys.find(key)) field = reader(*section, context);
  };
  read(Key::Document_extends, policy.extends, read_extends);
  read(Key::Document_process, policy.process, read_process);
  read(Key::Document_capabilities, policy.capabilities, read_capabilities);
  read(Key::Document_namespaces, policy.namespaces, read_namespaces);
  read(Key::Document_idmap, policy.idmap, read_idmap);
  read(Key::Document_syscalls, policy.syscalls, read_syscalls);
  policy.files = keys.rules(Key::Document_files, RuleForm::Access);
  read(Key::Document_mounts, policy.mounts, read_mounts);
  policy.devices = keys.rules(Key::Document_devices, RuleForm::Access);
  policy.network = keys.rules(Key::Document_network, RuleForm::Access);
  policy.ipc = keys.rules(Key::Document_ipc, RuleForm::Access);
  policy.limits = keys.settings(Key::Document_limits);
  policy.sysctls = keys.settings(Key::Document_sysctls);
  read(Key::Document_labels, policy.labels, read_labels);
  read(Key::Document_require, policy.require, read_require);
  read(Key::Document_children, policy.children, read_children);
  read(Key::Document_waive, policy.waivers, read_waivers);
  read(Key::Document_tests, policy.tests, read_tests);
}

std::optional<PolicySyntax> read_policy(const SourceManager& sources, FileId file, Diagnostics& diagnostics) {
  const std::optional<YamlNode> root = read_yaml(sources, file, diagnostics);
  if (!root) return std::nullopt;
  if (root->kind != YamlNode::Kind::Mapping) {
    diagnostics.report<DiagnosticKind::NotAPolicy>({file, root->range.begin, root->range.begin});
    return std::nullopt;
  }
  const ReadContext context{sources, diagnostics};
  PolicySyntax policy;
  policy.file = file;
  policy.range = root->range;
  KeyedEntries keys(*root, root->range, Mapping::Document, context);
  read_identity(*root, keys, policy, context);
  read_sections(keys, policy, context);
  check_places_of_keys(*root, policy.is_bundle, context);
  return policy;
}

}  // namespace isola::grammar
