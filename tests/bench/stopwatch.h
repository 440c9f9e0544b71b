// Minimum and median of repeated runs, in microseconds. A shared machine disturbs medians; minima are
// comparable.

#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace isola::bench {

struct Times {
  double minimum = 0, median = 0;
};

inline Times times_of(std::vector<double> microseconds) {
  if (microseconds.empty()) return {};
  std::sort(microseconds.begin(), microseconds.end());
  return {microseconds.front(), microseconds[microseconds.size() / 2]};
}

template <typename Action>
Times measure(int runs, const Action& action) {
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - begin;
    times.push_back(spent.count());
  }
  return times_of(std::move(times));
}

}  // namespace isola::bench
