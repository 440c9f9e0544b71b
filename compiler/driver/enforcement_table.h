// The enforcement table: how well every backend holds each kind of rule and each setting, as Markdown.
//
// Made from the claims alone, so that the README that shows it cannot say more than the code does.

#pragma once

#include <string>

namespace isola::driver {

// The tables and the notes below them, ending with a newline.
std::string enforcement_table();

}  // namespace isola::driver
