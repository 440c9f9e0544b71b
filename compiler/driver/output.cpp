#include "compiler/driver/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "compiler/base/check.h"
#include "compiler/driver/session.h"

namespace isola::driver {

namespace {

namespace fs = std::filesystem;

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

// A set that has been written beside its place. The lock on its directory tells other runs that it is alive.
struct StagedSet {
  std::string final_path;
  std::string staged_path;
  Descriptor lock;
  bool is_in_place = false;
  bool has_replaced = false;  // then `staged_path` holds the set that was there before
};

OutputFailure failure(const std::string& path) {
  return {.path = path, .reason = std::strerror(errno)};
}

// A file that has been written and not yet flushed.
struct WrittenFile {
  std::string path;
  Descriptor descriptor;
};

std::optional<OutputFailure> write_file(const std::string& path, llvm::StringRef bytes, mode_t mode,
                                        std::vector<WrittenFile>& written) {
  written.push_back({path, Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode))});
  const Descriptor& file = written.back().descriptor;
  if (!file.is_open()) return failure(path);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return failure(path);
    if (count > 0) bytes = bytes.drop_front(static_cast<std::size_t>(count));
  }
  // Starts the writing now, so that one commit of the file system's journal serves the flushes of all files.
  // It is allowed to fail: flushing is what counts.
  ::sync_file_range(file.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return std::nullopt;
}

std::optional<OutputFailure> flush_files(llvm::ArrayRef<WrittenFile> written) {
  for (const WrittenFile& file : written) {
    if (::fsync(file.descriptor.number()) != 0) return failure(file.path);
  }
  return std::nullopt;
}

std::optional<OutputFailure> flush_directory(const std::string& path) {
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot flush a directory; the renames are then as safe as they get.
  if (!opened.is_open() || (::fsync(opened.number()) != 0 && errno != EINVAL)) return failure(path);
  return std::nullopt;
}

std::string stage_prefix(const std::string& policy) {
  return "." + policy + ".isola-";
}

std::string manifest_of(const ArtifactSet& set) {
  std::string names;
  for (const backends::Artifact& artifact : set.artifacts) names += artifact.name + "\n";
  return names;
}

// Why the directory in place must not be replaced; empty when it may be, or when there is none.
std::string find_obstacle(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return "";
  if (status.type() != fs::file_type::directory) return "it exists and is not a directory";
  std::set<std::string> ours = {kManifestName};
  const FileBytes manifest = read_bytes(path + "/" + kManifestName);
  llvm::SmallVector<llvm::StringRef, 16> names;
  if (manifest.bytes) llvm::StringRef(*manifest.bytes).split(names, '\n', -1, /*KeepEmpty=*/false);
  for (const llvm::StringRef name : names) ours.insert(name.str());
  std::set<std::string> foreign;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    if (!ours.contains(entry.path().filename())) foreign.insert(entry.path().filename());
  }
  if (error) return error.message();
  if (foreign.empty()) return "";
  return fmt::format("it holds `{}`, which isola did not write, and would be replaced", *foreign.begin());
}

// Removes what a run that was killed left behind. A directory whose lock is held belongs to a run that is
// alive.
void remove_leftovers(const std::string& directory, const std::string& policy) {
  std::error_code error;
  std::set<fs::path> candidates;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (llvm::StringRef(entry.path().filename().string()).starts_with(stage_prefix(policy))) {
      candidates.insert(entry.path());
    }
  }
  for (const fs::path& candidate : candidates) {
    const Descriptor lock(::open(candidate.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!lock.is_open() || ::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) continue;
    fs::remove_all(candidate, error);
  }
}

// The permission bits that the process's own umask leaves of `mode`.
mode_t without_umask(mode_t mode) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mode & ~mask;
}

std::optional<OutputFailure> write_set(const ArtifactSet& set, const std::string& staged_path) {
  std::vector<WrittenFile> written;
  for (const backends::Artifact& artifact : set.artifacts) {
    ISOLA_CHECK(
        !artifact.name.empty() && artifact.name[0] != '.' && artifact.name.find('/') == std::string::npos,
        "an artifact's name is a plain file name");
    if (auto failed = write_file(staged_path + "/" + artifact.name, artifact.bytes, 0666, written))
      return failed;
  }
  if (auto failed = write_file(staged_path + "/" + kManifestName, manifest_of(set), 0666, written))
    return failed;
  if (auto failed = flush_files(written)) return failed;
  return flush_directory(staged_path);
}

// Writes one set under its hidden name. It is added to `staged` as soon as it has a directory, complete or
// not.
std::optional<OutputFailure> stage(const std::string& directory, const ArtifactSet& set,
                                   std::vector<StagedSet>& staged) {
  const std::string final_path = directory + "/" + set.policy;
  const std::string obstacle = find_obstacle(final_path);
  if (!obstacle.empty()) return OutputFailure{.path = final_path, .reason = obstacle};
  remove_leftovers(directory, set.policy);
  std::string path = directory + "/" + stage_prefix(set.policy) + "XXXXXX";
  if (!::mkdtemp(path.data())) return failure(path);
  staged.push_back({.final_path = final_path,
                    .staged_path = path,
                    .lock = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))});
  ::flock(staged.back().lock.number(), LOCK_EX | LOCK_NB);
  ::chmod(path.c_str(), without_umask(0777));
  return write_set(set, path);
}

// Puts a staged set in place, exchanging it with the one that is there.
std::optional<OutputFailure> put_in_place(StagedSet& set) {
  const char* from = set.staged_path.c_str();
  const char* to = set.final_path.c_str();
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
    set.is_in_place = true;
    return std::nullopt;
  }
  if (errno == EEXIST && ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0) {
    set.is_in_place = set.has_replaced = true;
    return std::nullopt;
  }
  return failure(set.final_path);
}

void put_back(const StagedSet& set) {
  const char* from = set.final_path.c_str();
  const char* to = set.staged_path.c_str();
  ::renameat2(AT_FDCWD, from, AT_FDCWD, to, set.has_replaced ? RENAME_EXCHANGE : RENAME_NOREPLACE);
}

std::optional<OutputFailure> write_and_place(const std::string& directory, llvm::ArrayRef<ArtifactSet> sets,
                                             std::vector<StagedSet>& staged) {
  for (const ArtifactSet& set : sets) {
    if (auto failed = stage(directory, set, staged)) return failed;
  }
  for (StagedSet& set : staged) {
    if (auto failed = put_in_place(set)) return failed;
  }
  return flush_directory(directory);
}

}  // namespace

std::optional<OutputFailure> write_artifact_sets(const std::string& directory,
                                                 llvm::ArrayRef<ArtifactSet> sets) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return OutputFailure{.path = directory, .reason = error.message()};
  std::vector<StagedSet> staged;
  std::optional<OutputFailure> failed = write_and_place(directory, sets, staged);
  for (const StagedSet& set : staged) {
    if (failed && set.is_in_place) put_back(set);
    // What is under the hidden name now: nothing, the set that was replaced, or the new set that is given up.
    fs::remove_all(set.staged_path, error);
  }
  return failed;
}

std::optional<OutputFailure> replace_file(const std::string& path, llvm::StringRef bytes) {
  struct stat before{};
  if (::stat(path.c_str(), &before) != 0) return failure(path);
  const std::string real = fs::canonical(path).string();
  const std::string staged = real + fmt::format(".isola-{}", ::getpid());
  std::vector<WrittenFile> written;
  std::optional<OutputFailure> failed = write_file(staged, bytes, before.st_mode & 07777, written);
  if (!failed) failed = flush_files(written);
  if (!failed &&
      (::chmod(staged.c_str(), before.st_mode & 07777) != 0 || ::rename(staged.c_str(), real.c_str()) != 0)) {
    failed = failure(path);
  }
  if (failed) ::unlink(staged.c_str());
  return failed;
}

}  // namespace isola::driver
