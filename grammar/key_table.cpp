#include "grammar/key_table.h"

#include <algorithm>

namespace isola::grammar {

static constexpr MappingInfo kMappings[] = {
#define ISOLA_MAPPING(mapping, called, doc) {#mapping, called, doc},
#include "grammar/keys.def"
};

// INVARIANT: the keys of one mapping stand together (key_table_test.cpp).
static constexpr KeyInfo kKeys[] = {
#define ISOLA_KEY(mapping, key, shape, presence, doc) \
  {Mapping::mapping, #key, Shape::shape, Presence::presence, doc},
#include "grammar/keys.def"
};

const KeyInfo& info(Key key) {
  return kKeys[static_cast<std::size_t>(key)];
}

const MappingInfo& info(Mapping mapping) {
  return kMappings[static_cast<std::size_t>(mapping)];
}

llvm::ArrayRef<MappingInfo> all_mappings() {
  return kMappings;
}

llvm::ArrayRef<KeyInfo> keys_of(Mapping mapping) {
  const auto is_ours = [&](const KeyInfo& key) { return key.mapping == mapping; };
  const KeyInfo* const first = std::find_if(std::begin(kKeys), std::end(kKeys), is_ours);
  return {first, std::find_if_not(first, std::end(kKeys), is_ours)};
}

std::optional<Key> find_key(Mapping mapping, llvm::StringRef name) {
  for (const KeyInfo& key : keys_of(mapping)) {
    if (key.name == std::string_view(name)) return Key(&key - kKeys);
  }
  return std::nullopt;
}

std::optional<std::string_view> nearest_key(Mapping mapping, llvm::StringRef name) {
  // Beyond a third of its letters a name is another name, not a misspelling; two letters may always differ.
  unsigned best_distance = std::max<unsigned>(2, static_cast<unsigned>(name.size()) / 3) + 1;
  std::optional<std::string_view> best;
  for (const KeyInfo& key : keys_of(mapping)) {
    const llvm::StringRef known(key.name);
    const bool differs_in_case = known.equals_insensitive(name);
    const unsigned distance = differs_in_case ? 0 : known.edit_distance(name, true, best_distance);
    if (distance >= best_distance || distance >= known.size()) continue;
    best_distance = distance;
    best = key.name;
  }
  return best;
}

}  // namespace isola::grammar
