#include "compiler/ir/world.h"

#include <algorithm>

namespace isola::ir {

static constexpr std::string_view kSettingNames[] = {
#define ISOLA_SETTING(kind, spelling, summary) spelling,
#include "compiler/ir/settings.def"
};

std::string_view name_of(Setting setting) {
  return kSettingNames[static_cast<std::size_t>(setting)];
}

bool Mount::has_option(std::string_view option) const {
  return std::find(options.begin(), options.end(), option) != options.end();
}

}  // namespace isola::ir
