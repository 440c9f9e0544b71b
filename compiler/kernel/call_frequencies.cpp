#include "compiler/kernel/call_frequencies.h"

#include "compiler/base/check.h"

namespace isola::kernel {

namespace {

struct FrequencyRow {
  std::string_view name;
  double millionths = 0;
};

constexpr FrequencyRow kFrequencies[] = {
#define ISOLA_CALL_FREQUENCY(call, share) {#call, share},
#include "compiler/kernel/call_frequencies.def"
};

}  // namespace

CallFrequencies CallFrequencies::of_counts(std::vector<double> counts) {
  ISOLA_CHECK(counts.size() == syscall_count(), "a count for every call");
  double total = 0;
  for (const double count : counts) total += count;
  ISOLA_CHECK(total > 0, "some call is made");
  for (double& count : counts) count /= total;
  return {std::move(counts)};
}

CallFrequencies shipped_call_frequencies() {
  std::vector<double> counts(syscall_count());
  for (const FrequencyRow& row : kFrequencies) {
    const auto call = find_syscall(row.name);
    ISOLA_CHECK(call, "call_frequencies.def has known calls only");
    counts[static_cast<std::size_t>(*call)] = row.millionths;
  }
  return CallFrequencies::of_counts(std::move(counts));
}

}  // namespace isola::kernel
