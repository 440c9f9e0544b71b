// Random profiles and calls for holding filters against decide: many rules on few calls, every operator,
// values that touch each other, and calls that sit on the edges of what the rules say.

#pragma once

#include <iterator>
#include <random>
#include <vector>

#include "compiler/ir/profile.h"
#include "compiler/ir/request.h"

namespace isola::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  std::size_t below(std::size_t count) { return engine_() % count; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename Container>
  const auto& pick(const Container& from) {
    return from[below(std::size(from))];
  }

 private:
  std::mt19937_64 engine_;
};

// What a profile may be made of.
struct ProfileShape {
  std::vector<kernel::Arch> arches;        // one to three of these; at least three
  std::vector<kernel::SyscallId> calls;    // a few of these
  std::vector<ir::SyscallAction> actions;  // of rules and defaults
  std::size_t most_rules = 200;
};

// Every architecture but those that share facts with another one, every call, every action.
ProfileShape any_shape();

ir::Profile random_profile(const ProfileShape& shape, Random& random);

// A call near one of the profile's rules or defaults: numbers that it lists, knows or does not know, x32
// numbers, -1, other architectures; arguments on and beside the rules' values, with anything in upper halves.
ir::SyscallRequest random_request(const ir::Profile& profile, Random& random);

// The profile with as few rules as still fail. `fails` must hold for `profile`.
template <typename Fails>
ir::Profile shrink(ir::Profile profile, const Fails& fails) {
  for (std::size_t at = profile.rules.size(); at-- > 0;) {
    ir::Profile smaller = profile;
    smaller.rules.erase(smaller.rules.begin() + static_cast<std::ptrdiff_t>(at));
    if (fails(smaller)) profile = std::move(smaller);
  }
  return profile;
}

}  // namespace isola::testing
