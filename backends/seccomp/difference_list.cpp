#include "backends/seccomp/difference_list.h"

#include <algorithm>

#include "backends/seccomp/action_code.h"

namespace isola::backends::seccomp {

static Direction direction_of(std::uint32_t filter_answer, std::uint32_t policy_answer) {
  const bool filter_runs = decode_action(filter_answer).lets_call_run();
  const bool policy_runs = decode_action(policy_answer).lets_call_run();
  if (filter_runs == policy_runs) return Direction::Otherwise;
  return filter_runs ? Direction::AllowsMore : Direction::AllowsLess;
}

void DifferenceList::add(Difference difference) {
  difference.direction = direction_of(difference.filter_answer, difference.policy_answer);
  const int arch = difference.arch ? static_cast<int>(*difference.arch) : -1;
  const auto number = static_cast<std::uint32_t>(difference.example[ir::kHeadWord]);
  const std::uint64_t call = difference.call ? number : std::uint64_t{1} << 32;
  const auto [place, is_new] =
      found_.try_emplace({arch, call, difference.filter_answer, difference.policy_answer}, difference);
  if (!is_new) place->second.width += difference.width;
}

std::vector<Difference> DifferenceList::take() {
  std::vector<Difference> differences;
  for (const auto& [key, difference] : found_) differences.push_back(difference);
  std::stable_sort(differences.begin(), differences.end(), [](const Difference& a, const Difference& b) {
    return a.direction != b.direction ? a.direction < b.direction : a.width > b.width;
  });
  return differences;
}

}  // namespace isola::backends::seccomp
