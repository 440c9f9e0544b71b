// The entries of a mapping, looked up by the keys of keys.def; every wrong key and wrong shape is reported
// here.

#pragma once

#include <llvm/ADT/SmallVector.h>

#include <optional>
#include <vector>

#include "grammar/key_table.h"
#include "grammar/policy_syntax.h"
#include "grammar/rule_grammar.h"
#include "grammar/yaml_reader.h"

namespace isola::grammar {

// What every part of the policy reader works with. Both outlive the reading.
struct ReadContext {
  const SourceManager& sources;
  Diagnostics& diagnostics;
};

// The shapes that are not bound to one key. `place` is underlined when `node` is empty: usually its key.
// Each reports what it finds wrong and returns what is left.
std::optional<ScalarText> read_text(const YamlNode& node, SourceRange place, ReadContext context);
std::vector<ScalarText> read_texts(const YamlNode& node, SourceRange place, ReadContext context);
std::vector<SettingSyntax> read_settings(const YamlNode& node, SourceRange place, ReadContext context);
std::vector<RuleSyntax> read_rules(const YamlNode& node, SourceRange place, RuleForm form,
                                   ReadContext context);
// True for a list, or a mapping; anything else is reported.
bool expect_list(const YamlNode& node, SourceRange place, ReadContext context);
bool expect_mapping(const YamlNode& node, SourceRange place, ReadContext context);
// A text that is a rule: a mapping or a comment cut out of it is explained.
std::optional<ScalarText> read_rule_text(const YamlNode& node, ReadContext context);

class KeyedEntries {
 public:
  // Reports unknown keys, and anything but a mapping. `node` outlives this.
  KeyedEntries(const YamlNode& node, SourceRange place, Mapping mapping, ReadContext context);
  KeyedEntries(const KeyedEntries&) = delete;
  KeyedEntries& operator=(const KeyedEntries&) = delete;
  // INVARIANT: every key of the table was asked for; otherwise what the author wrote would be lost silently.
  ~KeyedEntries();

  // The entry of `key`; null when there is none, or it has no value (which is reported).
  const YamlEntry* find(Key key);

  std::optional<ScalarText> text(Key key);
  std::vector<ScalarText> texts(Key key);
  std::vector<SettingSyntax> settings(Key key);
  std::vector<RuleSyntax> rules(Key key, RuleForm form);

 private:
  void report_unknown(const YamlNode& key);

  Mapping mapping_;
  ReadContext context_;
  llvm::SmallVector<const YamlEntry*, 32> entries_;  // by index in keys_of(mapping_)
  llvm::SmallVector<bool, 32> asked_;
};

}  // namespace isola::grammar
