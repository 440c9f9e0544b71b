// Differences as they are found, put together: those of one call with the same answers are one.

#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "backends/seccomp/compare.h"

namespace isola::backends::seccomp {

class DifferenceList {
 public:
  // Its direction is worked out here. Numbers without a call, and architectures that are not the policy's,
  // are told apart by their answers only; the first example stays.
  void add(Difference difference);
  bool empty() const { return found_.empty(); }
  // By direction, then the widest first.
  std::vector<Difference> take();

 private:
  // Architecture or -1, number or 2^32, both answers.
  std::map<std::tuple<int, std::uint64_t, std::uint32_t, std::uint32_t>, Difference> found_;
};

}  // namespace isola::backends::seccomp
