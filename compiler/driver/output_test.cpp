// Artifacts on a real file system: all or none, and nobody else's files.

#include "compiler/driver/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace isola;
using namespace isola::driver;
namespace fs = std::filesystem;

// A directory that is gone after the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_((fs::temp_directory_path() / "isola-output-XXXXXX").string()) {
    REQUIRE(::mkdtemp(path_.data()));
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

static std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Every file below a directory with its content, but for the manifests.
static std::map<std::string, std::string> tree(const std::string& root) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || entry.path().filename() == kManifestName) continue;
    files[entry.path().lexically_relative(root).string()] = read(entry.path());
  }
  return files;
}

using Tree = std::map<std::string, std::string>;

TEST_CASE("output: the sets of all policies are written, and replaced whole by the next run") {
  const TemporaryDirectory directory;
  CHECK_FALSE(
      write_artifact_sets(directory.path(), {{"a", {{"one", "1"}, {"two", "2"}}}, {"b", {{"one", "3"}}}}));
  CHECK(tree(directory.path()) == Tree{{"a/one", "1"}, {"a/two", "2"}, {"b/one", "3"}});
  CHECK_FALSE(write_artifact_sets(directory.path(), {{"a", {{"two", "4"}}}}));
  CHECK(tree(directory.path()) == Tree{{"a/two", "4"}, {"b/one", "3"}});
}

TEST_CASE("output: a directory that holds somebody else's file is left alone, and so is every other set") {
  const TemporaryDirectory directory;
  fs::create_directory(directory.path() + "/b");
  std::ofstream(directory.path() + "/b/policy.yaml") << "mine";
  const auto failed = write_artifact_sets(directory.path(), {{"a", {{"one", "1"}}}, {"b", {{"one", "2"}}}});
  REQUIRE(failed);
  CHECK(failed->reason.find("`policy.yaml`") != std::string::npos);
  CHECK(tree(directory.path()) == Tree{{"b/policy.yaml", "mine"}});
}

TEST_CASE("output: a file added to our own directory is not lost either") {
  const TemporaryDirectory directory;
  CHECK_FALSE(write_artifact_sets(directory.path(), {{"a", {{"config.json", "1"}}}}));
  fs::create_directory(directory.path() + "/a/rootfs");
  CHECK(write_artifact_sets(directory.path(), {{"a", {{"config.json", "2"}}}}));
  CHECK(tree(directory.path()) == Tree{{"a/config.json", "1"}});
}

TEST_CASE("output: a file in the place of the directory is not replaced") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() + "/a") << "mine";
  CHECK(write_artifact_sets(directory.path(), {{"a", {{"one", "1"}}}}));
  CHECK(tree(directory.path()) == Tree{{"a", "mine"}});
}

TEST_CASE("output: what a killed run left behind is cleaned up, what belongs to a living one is not") {
  const TemporaryDirectory directory;
  fs::create_directory(directory.path() + "/.a.isola-dead00");
  std::ofstream(directory.path() + "/.a.isola-dead00/one") << "half";
  fs::create_directory(directory.path() + "/.a.isola-alive0");
  const int alive = ::open((directory.path() + "/.a.isola-alive0").c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(::flock(alive, LOCK_EX | LOCK_NB) == 0);
  CHECK_FALSE(write_artifact_sets(directory.path(), {{"a", {{"one", "1"}}}}));
  CHECK_FALSE(fs::exists(directory.path() + "/.a.isola-dead00"));
  CHECK(fs::exists(directory.path() + "/.a.isola-alive0"));
  ::close(alive);
}

TEST_CASE("output: directories and files can be read by whom the umask lets") {
  const TemporaryDirectory directory;
  const mode_t before = ::umask(022);
  CHECK_FALSE(write_artifact_sets(directory.path(), {{"a", {{"one", "1"}}}}));
  ::umask(before);
  CHECK(fs::status(directory.path() + "/a").permissions() == fs::perms(0755));
  CHECK(fs::status(directory.path() + "/a/one").permissions() == fs::perms(0644));
}

TEST_CASE("output: a directory that cannot be made is a failure with the system's reason") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() + "/file") << "";
  const auto failed = write_artifact_sets(directory.path() + "/file/below", {{"a", {{"one", "1"}}}});
  REQUIRE(failed);
  CHECK(failed->reason == "Not a directory");
}

TEST_CASE("output: a file is replaced by one rename and keeps its permission bits") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/policy.yaml";
  std::ofstream(path) << "old";
  fs::permissions(path, fs::perms(0640));
  CHECK_FALSE(replace_file(path, "new"));
  CHECK(read(path) == "new");
  CHECK(fs::status(path).permissions() == fs::perms(0640));
  CHECK(replace_file(directory.path() + "/absent", "new"));
}
