#include "grammar/key_table.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace isola::grammar;

TEST_CASE("key table: each mapping's keys stand together, once, with a sentence") {
  std::size_t count = 0;
  for (std::size_t index = 0; index < all_mappings().size(); ++index) {
    const Mapping mapping = Mapping(index);
    CHECK(std::string(info(mapping).doc).back() == '.');
    std::set<std::string_view> names;
    for (const KeyInfo& key : keys_of(mapping)) {
      CAPTURE(key.name);
      CHECK(names.insert(key.name).second);
      CHECK(std::string(key.doc).back() == '.');
      CHECK(&info(*find_key(mapping, key.name)) == &key);
    }
    CHECK(!names.empty());
    count += names.size();
  }
  // A key that stood apart from the others of its mapping would not have been counted.
  std::size_t lines = 0;
#define ISOLA_KEY(mapping, key, shape, presence, doc) ++lines;
#include "grammar/keys.def"
  CHECK(count == lines);
}

TEST_CASE("key table: the nearest key is a misspelling, not another word") {
  const auto near = [](llvm::StringRef name) {
    return std::string(nearest_key(Mapping::Process, name).value_or("-"));
  };
  CHECK(near("noNewPrivilege") == "noNewPrivileges");
  CHECK(near("nonewprivileges") == "noNewPrivileges");
  CHECK(near("umaks") == "umask");
  CHECK(near("usr") == "user");
  CHECK(near("memory") == "-");
  CHECK(near("") == "-");
}
