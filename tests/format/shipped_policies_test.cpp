#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/formatted.h"

using namespace isola::grammar;

// The policies and bundles below a folder of the source tree, in the order of their names.
static std::vector<std::filesystem::path> find_policies(const char* folder) {
  std::vector<std::filesystem::path> files;
  const auto root = std::filesystem::path(ISOLA_SOURCE_DIR) / folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const bool is_policy =
        entry.path().filename() == "policy.yaml" || folder == std::string("stdlib-policies");
    if (is_policy && entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

static void check_policies(const char* folder) {
  const std::vector<std::filesystem::path> files = find_policies(folder);
  REQUIRE(!files.empty());
  for (const std::filesystem::path& file : files) {
    INFO(file.string());
    std::ifstream stream(file, std::ios::binary);
    const Formatted once =
        format_text({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()});
    CHECK(once.errors == "");
    const Formatted twice = format_text(once.text);
    CHECK(twice.errors == "");
    CHECK(twice.syntax == once.syntax);
    CHECK(twice.comments == once.comments);
    CHECK(twice.text == once.text);
  }
}

TEST_CASE("format: the standard library keeps its meaning and its comments") {
  check_policies("stdlib-policies");
}

TEST_CASE("format: the examples keep their meaning and their comments") {
  check_policies("examples");
}
