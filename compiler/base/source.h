// The texts a compilation reads, and places in them.
//
// Every later structure carries a SourceRange instead of text positions of its own, so that any stage can
// underline what the author wrote. Reading files is the driver's; this only keeps their bytes.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace isola {

// Index of a text in its SourceManager; 0 means "no file" (a command-line value, a built-in default).
enum class FileId : std::uint32_t { None = 0 };

// Bytes [begin, end) of a file, counted from its first byte (a byte order mark included).
struct SourceRange {
  FileId file{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool is_known() const { return file != FileId::None; }
  friend bool operator==(const SourceRange&, const SourceRange&) = default;
};

// The smallest range that covers both; they must lie in one file, otherwise `first` is returned.
SourceRange cover(SourceRange first, SourceRange second);

// A place as people count: both from 1, columns in Unicode code points.
struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

class SourceManager {
 public:
  // Keeps `text` under `name` (what messages show). Files are numbered in the order of their adding.
  FileId add(std::string name, std::string text);

  // Files are 1..count().
  std::size_t count() const { return files_.size(); }
  llvm::StringRef name(FileId file) const;
  llvm::StringRef text(FileId file) const;
  llvm::StringRef text(SourceRange range) const;

  // `offset` may be one past the last byte.
  LineColumn line_column(FileId file, std::uint32_t offset) const;
  // The line (from 1) without its line break.
  SourceRange line_range(FileId file, std::uint32_t line) const;

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  const File& file(FileId id) const;

  std::deque<File> files_;  // a deque: StringRefs into the texts stay valid while files are added
};

}  // namespace isola
