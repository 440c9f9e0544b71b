// An overload set for std::visit: one lambda per alternative, so a new alternative breaks the build
// wherever it is not handled.

#pragma once

namespace isola {

template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace isola
