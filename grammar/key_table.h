// The keys of each mapping of a policy file, from keys.def.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <optional>
#include <string_view>

namespace isola::grammar {

enum class Mapping {
#define ISOLA_MAPPING(mapping, called, doc) mapping,
#include "grammar/keys.def"
};

enum class Key {
#define ISOLA_KEY(mapping, key, shape, presence, doc) mapping##_##key,
#include "grammar/keys.def"
};

// What the value of a key looks like.
enum class Shape {
  Text,
  Name,          // a text: a lower-case letter, then lower-case letters, digits, `-` or `_`
  Path,          // names joined by `/`
  Date,          // YYYY-MM-DD
  Boolean,       // true or false
  Fidelity,      // exact, wider, narrower or none
  Action,        // SCMP_ACT_*
  Texts,         // a list of texts
  Settings,      // a mapping from any name to a text
  Extends,       // a text or a list of texts, each `name` or `name(key: value, ...)`
  SyscallRules,  // lists of rules, by RuleForm
  AccessRules,
  ItemRules,
  Tests,       // a list of texts
  Namespaces,  // a list of texts and Namespace mappings
  IdTriples,   // a list of triples
  Process,     // a mapping of that name
  IdMap,
  Syscalls,
  Labels,
  Require,
  Capabilities,  // a list as in ItemRules, or the mapping
  Selinux,       // a text or the mapping
  Mounts,        // a list of Mount mappings
  Waivers,       // a list of Waiver mappings
  Children,      // a mapping from any name to a Child mapping
};

enum class Presence {
  Optional,
  Required,    // said by the schema; resolve reports its absence
  PolicyOnly,  // Document: not in bundles
  BundleOnly,  // Document: only in bundles
};

struct KeyInfo {
  Mapping mapping{};
  std::string_view name;
  Shape shape{};
  Presence presence{};
  std::string_view doc;  // one sentence
};

struct MappingInfo {
  std::string_view name;    // as in the enumeration
  std::string_view called;  // for "unknown key `x` in ..."
  std::string_view doc;     // one sentence or two
};

const KeyInfo& info(Key key);
const MappingInfo& info(Mapping mapping);
// In the order of the table.
llvm::ArrayRef<MappingInfo> all_mappings();
llvm::ArrayRef<KeyInfo> keys_of(Mapping mapping);

std::optional<Key> find_key(Mapping mapping, llvm::StringRef name);
// The known key that `name` is most likely a misspelling of.
std::optional<std::string_view> nearest_key(Mapping mapping, llvm::StringRef name);

}  // namespace isola::grammar
