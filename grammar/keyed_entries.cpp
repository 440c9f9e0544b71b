// The shapes of values: each reader says what it expected and what it found.

#include "grammar/keyed_entries.h"

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/base/check.h"
#include "grammar/yaml_scalar.h"

namespace isola::grammar {

// What a message calls a node.
static std::string_view describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return "nothing";
    case YamlNode::Kind::Scalar:
      return "a text";
    case YamlNode::Kind::Sequence:
      return "a list";
    case YamlNode::Kind::Mapping:
      return "a mapping";
  }
  return "";
}

// A node of the wrong kind is underlined on its first line only.
static SourceRange first_line(const YamlNode& node, SourceRange place, ReadContext context) {
  if (node.kind == YamlNode::Kind::Null) return place;
  const llvm::StringRef text = context.sources.text(node.range);
  const std::size_t line = std::min(text.find_first_of("\r\n"), text.size());
  return {node.range.file, node.range.begin, node.range.begin + static_cast<std::uint32_t>(line)};
}

std::optional<ScalarText> read_text(const YamlNode& node, SourceRange place, ReadContext context) {
  if (node.is_reported) return std::nullopt;
  if (node.kind == YamlNode::Kind::Scalar) return node.scalar;
  if (node.kind == YamlNode::Kind::Null) {
    context.diagnostics.report<DiagnosticKind::EmptyItem>(place);
  } else {
    context.diagnostics.report<DiagnosticKind::ExpectedText>(first_line(node, place, context),
                                                             describe(node));
  }
  return std::nullopt;
}

bool expect_list(const YamlNode& node, SourceRange place, ReadContext context) {
  if (node.kind == YamlNode::Kind::Sequence) return true;
  if (node.is_reported) return false;
  auto draft = context.diagnostics.report<DiagnosticKind::ExpectedList>(first_line(node, place, context),
                                                                        describe(node));
  if (node.kind == YamlNode::Kind::Scalar && node.style == ScalarStyle::Plain) {
    draft.suggest(node.range, fmt::format("[{}]", node.scalar.str()));
  }
  return false;
}

bool expect_mapping(const YamlNode& node, SourceRange place, ReadContext context) {
  if (node.kind == YamlNode::Kind::Mapping) return true;
  context.diagnostics.report<DiagnosticKind::ExpectedMapping>(first_line(node, place, context),
                                                              describe(node));
  return false;
}

std::vector<ScalarText> read_texts(const YamlNode& node, SourceRange place, ReadContext context) {
  std::vector<ScalarText> texts;
  if (!expect_list(node, place, context)) return texts;
  for (const YamlNode& item : node.items) {
    if (std::optional<ScalarText> text = read_text(item, item.range, context))
      texts.push_back(std::move(*text));
  }
  return texts;
}

std::vector<SettingSyntax> read_settings(const YamlNode& node, SourceRange place, ReadContext context) {
  std::vector<SettingSyntax> settings;
  if (!expect_mapping(node, place, context)) return settings;
  for (const YamlEntry& entry : node.entries) {
    if (entry.value.kind == YamlNode::Kind::Null) {
      context.diagnostics.report<DiagnosticKind::MissingValue>(entry.key.range, entry.key.scalar.decoded());
    } else if (std::optional<ScalarText> value = read_text(entry.value, entry.key.range, context)) {
      settings.push_back({entry.key.scalar, std::move(*value)});
    }
  }
  return settings;
}

// `- deny x because "ratio: 2"`: YAML made a mapping of the rule.
static void report_split_rule(const YamlNode& node, ReadContext context) {
  const YamlEntry& entry = node.entries.front();
  const llvm::StringRef key = entry.key.scalar.decoded();
  const SourceRange line = first_line(node, node.range, context);
  const std::string quoted = quote_once(context.sources.text(line).rtrim());
  if (key.count('"') % 2 == 1) {
    context.diagnostics.report<DiagnosticKind::QuoteSplitByColon>(line).suggest(line, quoted);
    return;
  }
  auto draft = context.diagnostics.report<DiagnosticKind::ExpectedRule>(line, describe(node));
  if (key.contains(' ')) {
    draft.suggest(line, quoted);
  } else if (entry.value.kind == YamlNode::Kind::Scalar) {
    // `read: /etc/hosts`
    draft.suggest(line, fmt::format("{} {}", key.str(), entry.value.scalar.str()));
  }
}

std::optional<ScalarText> read_rule_text(const YamlNode& node, ReadContext context) {
  if (node.is_reported) return std::nullopt;
  switch (node.kind) {
    case YamlNode::Kind::Scalar:
      return node.scalar;
    case YamlNode::Kind::Null:
      context.diagnostics.report<DiagnosticKind::EmptyItem>(node.range);
      break;
    case YamlNode::Kind::Sequence:
      context.diagnostics.report<DiagnosticKind::ExpectedRule>(first_line(node, node.range, context),
                                                               describe(node));
      break;
    case YamlNode::Kind::Mapping:
      if (!node.is_flow && node.entries.size() == 1) {
        report_split_rule(node, context);
      } else {
        context.diagnostics.report<DiagnosticKind::ExpectedRule>(first_line(node, node.range, context),
                                                                 describe(node));
      }
      break;
  }
  return std::nullopt;
}

std::vector<RuleSyntax> read_rules(const YamlNode& node, SourceRange place, RuleForm form,
                                   ReadContext context) {
  std::vector<RuleSyntax> rules;
  if (!expect_list(node, place, context)) return rules;
  rules.reserve(node.items.size());
  for (const YamlNode& item : node.items) {
    const std::optional<ScalarText> text = read_rule_text(item, context);
    if (!text) continue;
    if (std::optional<RuleSyntax> rule = parse_rule(*text, form, context.diagnostics)) {
      rules.push_back(std::move(*rule));
    }
  }
  return rules;
}

KeyedEntries::KeyedEntries(const YamlNode& node, SourceRange place, Mapping mapping, ReadContext context)
    : mapping_(mapping), context_(context) {
  const llvm::ArrayRef<KeyInfo> keys = keys_of(mapping);
  entries_.resize(keys.size(), nullptr);
  asked_.resize(keys.size(), false);
  if (!expect_mapping(node, place, context)) return;
  const auto first = static_cast<std::size_t>(*find_key(mapping, keys.front().name));
  for (const YamlEntry& entry : node.entries) {
    if (const std::optional<Key> key = find_key(mapping, entry.key.scalar.decoded())) {
      entries_[static_cast<std::size_t>(*key) - first] = &entry;
    } else {
      report_unknown(entry.key);
    }
  }
}

KeyedEntries::~KeyedEntries() {
  for (std::size_t index = 0; index < asked_.size(); ++index) {
    ISOLA_CHECK(asked_[index], "a key of keys.def that the policy reader never asks for");
  }
}

void KeyedEntries::report_unknown(const YamlNode& key) {
  auto draft = context_.diagnostics.report<DiagnosticKind::UnknownKey>(key.range, key.scalar.decoded(),
                                                                       info(mapping_).called);
  if (const std::optional<std::string_view> near = nearest_key(mapping_, key.scalar.decoded())) {
    draft.suggest(key.range, std::string(*near));
    return;
  }
  std::string known;
  for (const KeyInfo& each : keys_of(mapping_))
    known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
  draft.help(fmt::format("keys of {}: {}", info(mapping_).called, known));
}

const YamlEntry* KeyedEntries::find(Key key) {
  ISOLA_CHECK(info(key).mapping == mapping_, "a key of another mapping");
  const std::size_t index = &info(key) - keys_of(mapping_).data();
  asked_[index] = true;
  const YamlEntry* const entry = entries_[index];
  if (!entry || entry->value.kind != YamlNode::Kind::Null) return entry;
  context_.diagnostics.report<DiagnosticKind::MissingValue>(entry->key.range, info(key).name);
  return nullptr;
}

std::optional<ScalarText> KeyedEntries::text(Key key) {
  const YamlEntry* const entry = find(key);
  if (!entry) return std::nullopt;
  return read_text(entry->value, entry->key.range, context_);
}

std::vector<ScalarText> KeyedEntries::texts(Key key) {
  const YamlEntry* const entry = find(key);
  return entry ? read_texts(entry->value, entry->key.range, context_) : std::vector<ScalarText>();
}

std::vector<SettingSyntax> KeyedEntries::settings(Key key) {
  const YamlEntry* const entry = find(key);
  return entry ? read_settings(entry->value, entry->key.range, context_) : std::vector<SettingSyntax>();
}

std::vector<RuleSyntax> KeyedEntries::rules(Key key, RuleForm form) {
  const YamlEntry* const entry = find(key);
  return entry ? read_rules(entry->value, entry->key.range, form, context_) : std::vector<RuleSyntax>();
}

}  // namespace isola::grammar
