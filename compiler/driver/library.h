// The import library over the file system: `std/net/tcp-server` and `./common.yaml` to parsed files.
//
// A standard name is a path below one of the library directories, with `.yaml` added; messages call the file
// `std/net/tcp-server.yaml` wherever the directory is, so that the same policy gives the same messages
// anywhere. Other names are paths relative to the file that imports.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/driver/session.h"
#include "compiler/resolve/resolve.h"

namespace isola::driver {

class FileSystemLibrary final : public resolve::ImportLibrary {
 public:
  // `session` outlives the library: it keeps the texts and takes the findings.
  explicit FileSystemLibrary(Session& session) : session_(&session) {}

  // A file that exists but cannot be read has been reported; it then counts as an empty bundle.
  const grammar::PolicySyntax* load(llvm::StringRef name, FileId from) override;
  std::vector<std::string> known_names() const override;

 private:
  const grammar::PolicySyntax* parse(const std::string& path, const std::string& shown);
  std::string find_standard(llvm::StringRef name) const;

  Session* session_;
  std::map<std::string, grammar::PolicySyntax> parsed_;  // by path; a map keeps the addresses of its values
  std::map<FileId, std::string> paths_;                  // where a file that was loaded here really is
};

}  // namespace isola::driver
