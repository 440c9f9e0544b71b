// Sections about the world the workload runs in.

#include "grammar/section_readers.h"

namespace isola::grammar {

ProcessSyntax read_process(const YamlEntry& section, ReadContext context) {
  ProcessSyntax process;
  process.range = section.key.range;
  KeyedEntries keys(section.value, section.key.range, Mapping::Process, context);
  process.path = keys.text(Key::Process_path);
  process.args = keys.texts(Key::Process_args);
  process.cwd = keys.text(Key::Process_cwd);
  process.environment = keys.settings(Key::Process_env);
  process.user = keys.text(Key::Process_user);
  process.groups = keys.texts(Key::Process_groups);
  process.umask = keys.text(Key::Process_umask);
  process.no_new_privileges = keys.text(Key::Process_noNewPrivileges);
  process.oom_score_adj = keys.text(Key::Process_oomScoreAdj);
  return process;
}

// `mount` or `network: host`.
static std::optional<NamespaceSyntax> read_namespace(const YamlNode& item, ReadContext context) {
  if (item.kind != YamlNode::Kind::Mapping) {
    std::optional<ScalarText> name = read_text(item, item.range, context);
    if (!name) return std::nullopt;
    return NamespaceSyntax{std::move(*name), std::nullopt};
  }
  if (item.entries.size() != 1) {
    context.diagnostics.report<DiagnosticKind::OneNamespace>(item.range, item.entries.size());
    return std::nullopt;
  }
  KeyedEntries keys(item, item.range, Mapping::Namespace, context);
  std::optional<NamespaceSyntax> found;
  for (const KeyInfo& info : keys_of(Mapping::Namespace)) {
    if (std::optional<ScalarText> target = keys.text(*find_key(Mapping::Namespace, info.name))) {
      found = NamespaceSyntax{item.entries.front().key.scalar, std::move(*target)};
    }
  }
  return found;
}

std::vector<NamespaceSyntax> read_namespaces(const YamlEntry& section, ReadContext context) {
  std::vector<NamespaceSyntax> namespaces;
  if (!expect_list(section.value, section.key.range, context)) return namespaces;
  for (const YamlNode& item : section.value.items) {
    if (std::optional<NamespaceSyntax> found = read_namespace(item, context))
      namespaces.push_back(std::move(*found));
  }
  return namespaces;
}

// `[0, 100000, 65536]` reads like "0 100000 65536".
static ScalarText join_words(llvm::ArrayRef<ScalarText> words) {
  std::string decoded;
  std::vector<ScalarText::Place> places;
  SourceRange whole = words.front().range();
  for (const ScalarText& word : words) {
    if (!decoded.empty()) {
      decoded += ' ';
      places.push_back({whole.end, word.range().begin});
    }
    for (std::size_t at = 0; at < word.decoded().size(); ++at) {
      const SourceRange place = word.source_range(at, at + 1);
      places.push_back({place.begin, place.end});
    }
    decoded += word.decoded();
    whole.end = word.range().end;
  }
  return ScalarText::mapped(std::move(decoded), whole.file, std::move(places), whole);
}

static bool is_one_word(const ScalarText& text) {
  return !text.empty() && text.decoded().find(' ') == llvm::StringRef::npos;
}

// A list of triples: each a text `0 100000 65536` or a list of three numbers. A list of three numbers alone
// is one.
static std::vector<ScalarText> read_triples(const YamlEntry& entry, ReadContext context) {
  std::vector<ScalarText> triples;
  if (!expect_list(entry.value, entry.key.range, context)) return triples;
  for (const YamlNode& item : entry.value.items) {
    if (item.kind == YamlNode::Kind::Sequence) {
      const std::vector<ScalarText> words = read_texts(item, item.range, context);
      if (!words.empty()) triples.push_back(join_words(words));
    } else if (std::optional<ScalarText> triple = read_text(item, item.range, context)) {
      triples.push_back(std::move(*triple));
    }
  }
  if (triples.size() == 3 && llvm::all_of(triples, is_one_word)) return {join_words(triples)};
  return triples;
}

IdMapSyntax read_idmap(const YamlEntry& section, ReadContext context) {
  IdMapSyntax idmap;
  idmap.range = section.key.range;
  KeyedEntries keys(section.value, section.key.range, Mapping::IdMap, context);
  if (const YamlEntry* const entry = keys.find(Key::IdMap_uid)) idmap.uid = read_triples(*entry, context);
  if (const YamlEntry* const entry = keys.find(Key::IdMap_gid)) idmap.gid = read_triples(*entry, context);
  return idmap;
}

std::vector<MountSyntax> read_mounts(const YamlEntry& section, ReadContext context) {
  std::vector<MountSyntax> mounts;
  if (!expect_list(section.value, section.key.range, context)) return mounts;
  for (const YamlNode& item : section.value.items) {
    KeyedEntries keys(item, item.range, Mapping::Mount, context);
    MountSyntax mount;
    mount.range = item.range;
    mount.destination = keys.text(Key::Mount_destination);
    mount.source = keys.text(Key::Mount_source);
    mount.type = keys.text(Key::Mount_type);
    mount.options = keys.texts(Key::Mount_options);
    mount.label = keys.text(Key::Mount_label);
    mount.idmap = keys.text(Key::Mount_idmap);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

static SelinuxLabelSyntax read_selinux(const YamlEntry& entry, ReadContext context) {
  SelinuxLabelSyntax label;
  if (entry.value.kind == YamlNode::Kind::Scalar) {
    label.name = entry.value.scalar;
    return label;
  }
  KeyedEntries keys(entry.value, entry.key.range, Mapping::Selinux, context);
  label.name = keys.text(Key::Selinux_name);
  label.inherits = keys.text(Key::Selinux_inherits);
  label.level = keys.text(Key::Selinux_level);
  return label;
}

LabelsSyntax read_labels(const YamlEntry& section, ReadContext context) {
  LabelsSyntax labels;
  labels.range = section.key.range;
  KeyedEntries keys(section.value, section.key.range, Mapping::Labels, context);
  labels.apparmor = keys.text(Key::Labels_apparmor);
  if (const YamlEntry* const entry = keys.find(Key::Labels_selinux))
    labels.selinux = read_selinux(*entry, context);
  return labels;
}

}  // namespace isola::grammar
