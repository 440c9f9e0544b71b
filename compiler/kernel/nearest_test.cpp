// How far a misspelt name may be from the one suggested.

#include "compiler/kernel/nearest.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace isola::kernel;

static std::string nearest(llvm::StringRef wanted, std::initializer_list<const char*> candidates) {
  NearestName search(wanted);
  for (const char* candidate : candidates) {
    search.consider(candidate);
  }
  return search.found().value_or("none").str();
}

TEST_CASE("nearest: the longer the word, the more may be wrong") {
  CHECK(nearest("opn", {"open", "read"}) == "open");
  CHECK(nearest("opnat", {"openat"}) == "openat");
  CHECK(nearest("oprt", {"openat"}) == "none");
  CHECK(nearest("epol_wiat", {"epoll_wait"}) == "epoll_wait");
  CHECK(nearest("io_uring_xyz", {"io_uring_setup"}) == "none");
}

TEST_CASE("nearest: the closest wins, and the first of equals") {
  CHECK(nearest("statx", {"stat", "statx64", "stats"}) == "stat");
  CHECK(nearest("dup9", {"dup2", "dup3"}) == "dup2");
}

TEST_CASE("nearest: two neighbours that changed places are one mistake") {
  CHECK(nearest("raed", {"write", "read"}) == "read");
  CHECK(nearest("lcok", {"lock"}) == "lock");
  CHECK(nearest("rxad", {"draw"}) == "none");
}

TEST_CASE("nearest: case does not count, and a word of two letters has no neighbour") {
  CHECK(nearest("af_inett", {"AF_INET"}) == "AF_INET");
  CHECK(nearest("rx", {"ro", "rw"}) == "none");
}
