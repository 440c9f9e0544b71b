#include "grammar/scalar_text.h"

#include <algorithm>

#include "compiler/base/check.h"

namespace isola::grammar {

ScalarText ScalarText::verbatim(std::string decoded, FileId file, std::uint32_t begin) {
  ScalarText text;
  text.whole_ = {file, begin, begin + static_cast<std::uint32_t>(decoded.size())};
  text.decoded_ = std::move(decoded);
  return text;
}

ScalarText ScalarText::mapped(std::string decoded, FileId file, std::vector<Place> places,
                              SourceRange whole) {
  ISOLA_CHECK(decoded.size() == places.size(), "one place per decoded byte");
  ISOLA_CHECK(file == whole.file, "a scalar lies in one file");
  ScalarText text;
  text.decoded_ = std::move(decoded);
  text.whole_ = whole;
  text.places_ = std::move(places);
  return text;
}

ScalarText ScalarText::unplaced(std::string decoded) {
  ScalarText text;
  text.decoded_ = std::move(decoded);
  return text;
}

SourceRange ScalarText::source_range(std::size_t begin, std::size_t end) const {
  ISOLA_CHECK(begin <= end && end <= decoded_.size(), "a slice inside the text");
  if (!whole_.is_known()) return whole_;
  if (places_.empty()) {
    const auto size = static_cast<std::size_t>(whole_.end - whole_.begin);
    return {whole_.file, whole_.begin + static_cast<std::uint32_t>(std::min(begin, size)),
            whole_.begin + static_cast<std::uint32_t>(std::min(end, size))};
  }
  if (begin == end) {
    const std::uint32_t at = begin < places_.size() ? places_[begin].begin : places_.back().end;
    return {whole_.file, at, at};
  }
  return {whole_.file, places_[begin].begin, std::max(places_[end - 1].end, places_[begin].end)};
}

ScalarText ScalarText::slice(std::size_t begin, std::size_t end) const {
  ScalarText part;
  part.decoded_ = decoded_.substr(begin, end - begin);
  part.whole_ = source_range(begin, end);
  if (!places_.empty()) part.places_.assign(places_.begin() + begin, places_.begin() + end);
  return part;
}

ScalarText ScalarText::replaced(std::size_t begin, std::size_t end, llvm::StringRef text) const {
  const SourceRange old = source_range(begin, end);
  ScalarText result;
  result.decoded_ = decoded_.substr(0, begin) + text.str() + decoded_.substr(end);
  result.whole_ = whole_;
  if (!whole_.is_known()) return result;
  const auto place_of = [&](std::size_t at) {
    const SourceRange range = source_range(at, at + 1);
    return Place{range.begin, range.end};
  };
  for (std::size_t at = 0; at < begin; ++at) result.places_.push_back(place_of(at));
  result.places_.insert(result.places_.end(), text.size(), Place{old.begin, old.end});
  for (std::size_t at = end; at < decoded_.size(); ++at) result.places_.push_back(place_of(at));
  return result;
}

}  // namespace isola::grammar
