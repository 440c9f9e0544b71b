// The model as the text of a profile. No decisions: every rule of the model is one line, in the model's
// order.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <string>

#include "backends/apparmor/model.h"

namespace isola::backends::apparmor {

std::string emit(const ProfileModel& profile);

// `text` as one word of a profile: as it is where the parser takes it so, otherwise in quotes.
// Holds for every pattern and label; the result has no quote and no backslash before the closing quote.
std::string quote(llvm::StringRef text);

}  // namespace isola::backends::apparmor
