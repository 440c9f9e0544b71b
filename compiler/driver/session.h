// One run of the program: the texts read, the findings so far, and the surroundings it was started in.
//
// Made in main and handed to the stages in parts: a stage gets sources and diagnostics, never the session.
// Only this folder touches the file system, the environment or the clock.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/diagnostics.h"
#include "compiler/base/render.h"
#include "compiler/driver/arguments.h"

namespace isola::driver {

struct Session {
  SourceManager sources;
  Diagnostics diagnostics;
  Colour colour = Colour::Off;
  std::vector<std::string> library_directories;  // where `std/...` is looked for, first match wins
  std::string today;                             // YYYY-MM-DD, for waivers that end
};

// Reads the surroundings. The standard library is looked for in the directories of ISOLA_POLICY_PATH, then
// beside an installed binary (../share/isola/stdlib-policies), then in the source tree that the binary was
// built in. SOURCE_DATE_EPOCH, when set, is the time
// (https://reproducible-builds.org/specs/source-date-epoch/).
Session make_session(const Arguments& arguments);

// Adds a file, or standard input for `-`, to the session's sources; reports when it cannot be read.
// Reading stops one byte behind the largest policy there may be, whatever is at the other end.
std::optional<FileId> read_source(Session& session, const std::string& path);

// The bytes of a file, or the reason why there are none.
struct FileBytes {
  std::optional<std::string> bytes;
  std::string error;
};
FileBytes read_bytes(const std::string& path);

// Prints all findings on stderr and returns what the process ends with.
ExitStatus finish(const Session& session, const Arguments& arguments);

// The compiler's own version, from the project's CMake file.
llvm::StringRef version();

// Prints a result on stdout. A reader that went away ends the process silently, as with other tools.
void print(llvm::StringRef text);

}  // namespace isola::driver
