#include "tests/seccomp/test_options.h"

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include <cstdlib>
#include <random>

namespace isola::testing {

TestOptions::TestOptions(int count, char** words, llvm::ArrayRef<llvm::StringRef> names)
    : words_(words + 1, static_cast<std::size_t>(count - 1)) {
  bool is_fine = words_.size() % 2 == 0;
  for (std::size_t at = 0; is_fine && at < words_.size(); at += 2) {
    llvm::StringRef name = words_[at];
    std::uint64_t value = 0;
    is_fine = name.consume_front("--") && llvm::is_contained(names, name) &&
              !llvm::StringRef(words_[at + 1]).getAsInteger(0, value);
  }
  if (is_fine) return;
  fmt::print(stderr, "usage: {}", words[0]);
  for (const llvm::StringRef name : names) fmt::print(stderr, " [--{} N]", name.str());
  fmt::print(stderr, "\n");
  std::exit(2);
}

std::uint64_t TestOptions::number(llvm::StringRef name, std::uint64_t fallback) const {
  std::uint64_t value = fallback;
  for (std::size_t at = 0; at < words_.size(); at += 2) {
    if (llvm::StringRef(words_[at]).drop_front(2) == name) {
      llvm::StringRef(words_[at + 1]).getAsInteger(0, value);
    }
  }
  return value;
}

std::uint64_t TestOptions::seed() const {
  return number("seed", std::random_device{}());
}

}  // namespace isola::testing
