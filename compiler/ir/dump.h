// Stable texts of policies and profiles, for `isola dump`, goldens and messages.

#pragma once

#include <string>

#include "compiler/ir/profile.h"

namespace isola::ir {

std::string dump(const Policy& policy);
std::string dump(const Profile& profile);

}  // namespace isola::ir
