#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backends/apparmor/emit.h"
#include "backends/apparmor/lower.h"
#include "backends/apparmor/readback.h"
#include "tests/support/apparmor_parser.h"
#include "tests/support/policy_text.h"

using namespace isola;

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Below one of the folders that keep artifacts, sorted.
std::vector<std::filesystem::path> find_files(std::string_view extension) {
  std::vector<std::filesystem::path> found;
  for (const char* folder : {"backends/apparmor/tests", "examples"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(ISOLA_ROOT) / folder)) {
      if (entry.path().extension() == extension) found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The answers of the text and of decide differ in nothing that the sections of AppArmor judge.
constexpr ir::Judges kJudges{ir::Judge::Files, ir::Judge::Devices, ir::Judge::Ipc, ir::Judge::Capabilities};

}  // namespace

TEST_CASE("apparmor: the parser accepts every profile that is kept, without a word") {
  const std::vector<std::filesystem::path> profiles = find_files(".apparmor");
  CHECK(profiles.size() >= 4);
  for (const std::filesystem::path& path : profiles) {
    CAPTURE(path.string());
    const tests::ParserRun run = tests::run_apparmor_parser(read_file(path));
    CHECK(run.accepted);
    CHECK(run.messages == "");
  }
}

TEST_CASE("apparmor: a program's helper is held by both profiles") {
  tests::CompiledText compiled = tests::compile_text(
      read_file(std::filesystem::path(ISOLA_ROOT) / "backends/apparmor/tests/helper/policy.yaml"));
  REQUIRE_FALSE(compiled.diagnostics.has_errors());
  const backends::Artifact artifact{
      .name = "backup.apparmor",
      .bytes = backends::apparmor::emit(backends::apparmor::lower(compiled.profile, compiled.diagnostics))};
  const auto ask = [&](const char* child, const char* path, ir::FileMode mode) {
    const ir::Request request{.child = child,
                              .operation = ir::FileRequest{.path = path, .modes = {mode}, .is_owner = false}};
    const auto answer = backends::apparmor::readback(artifact, request);
    REQUIRE(answer);
    CHECK(answer->effect == ir::decide(compiled.profile, request, kJudges).effect);
    return answer->effect == ir::Effect::Allow;
  };
  CHECK(ask("", "/srv/data/a", ir::FileMode::Write));
  CHECK_FALSE(ask("script", "/srv/data/a", ir::FileMode::Write));
  CHECK(ask("script", "/srv/data/a", ir::FileMode::Read));
  CHECK_FALSE(ask("script", "/usr/bin/backup", ir::FileMode::Execute));
}
