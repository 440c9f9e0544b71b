// A decoded text together with the place of each of its bytes in the file.
//
// YAML decodes quotes, escapes, folding and indentation away, and `$name` is replaced later; an error found
// in the decoded text must still underline what the author typed. Every word of the syntax is a ScalarText.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <string>
#include <vector>

#include "compiler/base/source.h"

namespace isola::grammar {

class ScalarText {
 public:
  ScalarText() = default;

  // Text that stands in the file as it is: byte i of `decoded` is byte `begin + i` of the file.
  static ScalarText verbatim(std::string decoded, FileId file, std::uint32_t begin);

  // Text with a place per byte. `places[i]` is what the author typed for decoded byte i; ascending.
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  static ScalarText mapped(std::string decoded, FileId file, std::vector<Place> places, SourceRange whole);

  // Text without a file (a command-line request, a default).
  static ScalarText unplaced(std::string decoded);

  llvm::StringRef decoded() const { return decoded_; }
  bool empty() const { return decoded_.empty(); }
  std::string str() const { return decoded_; }

  // What the author typed for decoded bytes [begin, end). An empty range gives the place before `begin`.
  SourceRange source_range(std::size_t begin, std::size_t end) const;
  // What the author typed for the whole text, without quotes or block headers.
  SourceRange range() const { return whole_; }

  ScalarText slice(std::size_t begin, std::size_t end) const;
  // Puts `text` in the place of decoded bytes [begin, end); all of it stands where those bytes stood.
  ScalarText replaced(std::size_t begin, std::size_t end, llvm::StringRef text) const;

  // Two texts are equal when their decoded bytes are.
  friend bool operator==(const ScalarText& a, const ScalarText& b) { return a.decoded_ == b.decoded_; }

 private:
  std::string decoded_;
  SourceRange whole_;
  std::vector<Place> places_;  // empty when verbatim: byte i is at whole_.begin + i
};

}  // namespace isola::grammar
