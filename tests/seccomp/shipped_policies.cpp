#include "tests/seccomp/shipped_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "compiler/driver/compile.h"
#include "compiler/driver/library.h"
#include "compiler/driver/session.h"
#include "tests/seccomp/workload.h"

namespace isola::testing {

namespace fs = std::filesystem;

static std::vector<fs::path> find_files() {
  std::vector<fs::path> found;
  const fs::path root = ISOLA_SOURCE_DIR;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "examples")) {
    if (fs::exists(entry.path() / "policy.yaml")) found.push_back(entry.path() / "policy.yaml");
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / "stdlib-policies")) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<NamedProfile> shipped_profiles() {
  std::vector<NamedProfile> profiles;
  for (const fs::path& path : find_files()) {
    driver::Session session = driver::make_session({});
    session.library_directories = {std::string(ISOLA_SOURCE_DIR) + "/stdlib-policies"};
    const std::string name = path.lexically_relative(ISOLA_SOURCE_DIR).string();
    const std::optional<FileId> file = driver::read_source(session, path.string());
    driver::FileSystemLibrary library(session);
    auto resolved = file
                        ? driver::compile_to_profile(session.sources, *file, library, {}, session.diagnostics)
                        : std::nullopt;
    if (!resolved) {
      fmt::print("{} does not compile:\n{}", name,
                 render_text(session.sources, session.diagnostics, Colour::Off));
      std::exit(EXIT_FAILURE);
    }
    profiles.push_back({name, std::move(resolved->profile)});
  }
  return profiles;
}

std::vector<NamedProfile> workload_profiles() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) return {};
  std::vector<NamedProfile> profiles;
  for (const char* name : {"a_docker3", "b_docker1", "c_podman1", "d_nginx40", "e_args"}) {
    const llvm::json::Object workload = read_json_object(fmt::format("{}/seccomp/{}.json", corpus, name));
    profiles.push_back({fmt::format("{}, 64-bit", name), workload_profile(workload, Width::Register)});
    profiles.push_back({fmt::format("{}, typed", name), workload_profile(workload, Width::Parameter)});
  }
  return profiles;
}

}  // namespace isola::testing
