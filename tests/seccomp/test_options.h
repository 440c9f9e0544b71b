// Command lines of the test programs here: `--name NUMBER`, in any order.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>

namespace isola::testing {

class TestOptions {
 public:
  // Ends the program when there is a word that is none of `--NAME NUMBER`.
  TestOptions(int count, char** words, llvm::ArrayRef<llvm::StringRef> names);

  // `fallback` where the option was not given.
  std::uint64_t number(llvm::StringRef name, std::uint64_t fallback) const;
  // As given, or another one in each run.
  std::uint64_t seed() const;

 private:
  llvm::ArrayRef<const char*> words_;  // the process's own
};

}  // namespace isola::testing
