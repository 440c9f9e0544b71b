// What filters can be made for; every test of meaning goes through all of them.

#pragma once

#include <string_view>

#include "backends/seccomp/lower.h"

namespace isola::testing {

struct NamedGoal {
  backends::seccomp::Goal goal;
  std::string_view name;
};

constexpr NamedGoal kGoals[] = {
    {backends::seccomp::Goal::Size, "size"},
    {backends::seccomp::Goal::Balanced, "balanced"},
    {backends::seccomp::Goal::Frequency, "frequency"},
    {backends::seccomp::Goal::Fast, "fast"},
};

}  // namespace isola::testing
