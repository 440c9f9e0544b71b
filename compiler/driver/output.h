// Artifacts to files, all or none.
//
// Each policy's artifacts are one directory. It is written whole under a hidden name beside its place,
// flushed to the disk, and only when every policy of the run has got that far are the directories put in
// place, each by one rename; when one of those fails, the ones before it are put back. So a reader sees the
// old set or the new one, and after an error exactly what was there before.
//
// A directory is replaced only if this program made it and nothing else has been put there: the hidden file
// `.isola` in it lists what was written.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <optional>
#include <string>
#include <vector>

#include "backends/backend.h"

namespace isola::driver {

struct ArtifactSet {
  std::string policy;  // the directory's name
  std::vector<backends::Artifact> artifacts;
};

// A write that failed: what, and the system's reason.
struct OutputFailure {
  std::string path;
  std::string reason;
};

// The name of the file that lists what was written.
constexpr const char* kManifestName = ".isola";

// Writes every set to `directory`/POLICY; nothing is left of a run that fails, nor of one that was killed
// earlier.
std::optional<OutputFailure> write_artifact_sets(const std::string& directory,
                                                 llvm::ArrayRef<ArtifactSet> sets);

// Replaces a file's content by one rename, keeping its permission bits.
std::optional<OutputFailure> replace_file(const std::string& path, llvm::StringRef bytes);

}  // namespace isola::driver
