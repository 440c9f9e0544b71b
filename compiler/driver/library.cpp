#include "compiler/driver/library.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "grammar/policy_reader.h"

namespace isola::driver {

namespace fs = std::filesystem;

constexpr std::string_view kStandardPrefix = "std/";
constexpr std::string_view kExtension = ".yaml";

// `net/tcp-server`, and nothing that climbs out of the library.
static bool is_standard_path(llvm::StringRef path) {
  llvm::SmallVector<llvm::StringRef, 4> components;
  path.split(components, '/');
  return std::all_of(components.begin(), components.end(), [](llvm::StringRef component) {
    return !component.empty() &&
           component.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == llvm::StringRef::npos;
  });
}

std::string FileSystemLibrary::find_standard(llvm::StringRef name) const {
  const llvm::StringRef path = name.drop_front(kStandardPrefix.size());
  if (!is_standard_path(path)) return "";
  std::error_code error;
  for (const std::string& directory : session_->library_directories) {
    const fs::path candidate = fs::path(directory) / (path.str() + std::string(kExtension));
    if (fs::is_regular_file(candidate, error)) return candidate.string();
  }
  return "";
}

const grammar::PolicySyntax* FileSystemLibrary::load(llvm::StringRef name, FileId from) {
  if (name.starts_with(kStandardPrefix)) {
    const std::string path = find_standard(name);
    return path.empty() ? nullptr : parse(path, name.str() + std::string(kExtension));
  }
  // Relative to where the importing file really is, which for a bundle is not what its name says.
  const auto known = paths_.find(from);
  const fs::path importer = known != paths_.end() ? known->second : session_->sources.name(from).str();
  const fs::path path = (importer.parent_path() / name.str()).lexically_normal();
  std::error_code error;
  return fs::exists(path, error) ? parse(path.string(), path.string()) : nullptr;
}

const grammar::PolicySyntax* FileSystemLibrary::parse(const std::string& path, const std::string& shown) {
  const auto [place, is_new] = parsed_.try_emplace(path);
  if (!is_new) return &place->second;
  FileBytes read = read_bytes(path);
  if (!read.bytes) {
    session_->diagnostics.report<DiagnosticKind::CannotReadFile>({}, path, read.error);
    place->second.is_bundle = true;
    return &place->second;
  }
  const FileId file = session_->sources.add(shown, std::move(*read.bytes));
  paths_.emplace(file, path);
  std::optional<grammar::PolicySyntax> syntax =
      grammar::read_policy(session_->sources, file, session_->diagnostics);
  if (syntax) {
    place->second = std::move(*syntax);
  } else {
    place->second.file = file;
    place->second.is_bundle = true;
  }
  return &place->second;
}

std::vector<std::string> FileSystemLibrary::known_names() const {
  std::set<std::string> names;
  std::error_code error;
  for (const std::string& directory : session_->library_directories) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory, error)) {
      if (entry.path().extension() != kExtension) continue;
      names.insert(std::string(kStandardPrefix) +
                   entry.path().lexically_relative(directory).replace_extension().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace isola::driver
