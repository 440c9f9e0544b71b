#include "compiler/base/source.h"

#include <algorithm>

#include "compiler/base/check.h"

namespace isola {

SourceRange cover(SourceRange first, SourceRange second) {
  if (!first.is_known()) return second;
  if (first.file != second.file) return first;
  return {first.file, std::min(first.begin, second.begin), std::max(first.end, second.end)};
}

FileId SourceManager::add(std::string name, std::string text) {
  File added{.name = std::move(name), .text = std::move(text), .line_starts = {0}};
  for (std::uint32_t at = 0; at < added.text.size(); ++at) {
    if (added.text[at] == '\n') added.line_starts.push_back(at + 1);
  }
  files_.push_back(std::move(added));
  return FileId{static_cast<std::uint32_t>(files_.size())};
}

const SourceManager::File& SourceManager::file(FileId id) const {
  const auto index = static_cast<std::uint32_t>(id);
  ISOLA_CHECK(index >= 1 && index <= files_.size(), "a source range without a file");
  return files_[index - 1];
}

llvm::StringRef SourceManager::name(FileId id) const {
  return file(id).name;
}

llvm::StringRef SourceManager::text(FileId id) const {
  return file(id).text;
}

llvm::StringRef SourceManager::text(SourceRange range) const {
  return text(range.file).slice(range.begin, range.end);
}

static bool starts_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

LineColumn SourceManager::line_column(FileId id, std::uint32_t offset) const {
  const File& source = file(id);
  const auto next = std::upper_bound(source.line_starts.begin(), source.line_starts.end(), offset);
  const std::uint32_t start = *(next - 1);
  const std::size_t stop = std::min<std::size_t>(offset, source.text.size());
  const auto column =
      std::count_if(source.text.begin() + start, source.text.begin() + stop, starts_code_point);
  return {.line = static_cast<std::uint32_t>(next - source.line_starts.begin()),
          .column = static_cast<std::uint32_t>(column) + 1};
}

SourceRange SourceManager::line_range(FileId id, std::uint32_t line) const {
  const File& source = file(id);
  ISOLA_CHECK(line >= 1 && line <= source.line_starts.size(), "a line number outside its file");
  const std::uint32_t begin = source.line_starts[line - 1];
  std::size_t end = source.text.find('\n', begin);
  if (end == std::string::npos) end = source.text.size();
  if (end > begin && source.text[end - 1] == '\r') --end;
  return {id, begin, static_cast<std::uint32_t>(end)};
}

}  // namespace isola
