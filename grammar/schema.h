// The JSON Schema (2020-12) of policy files, for editors; written from the same table as the reader.
//
// It says which keys there are and what shape their values have. What rules and names mean, it cannot say:
// `isola check` does.

#pragma once

#include <string>

namespace isola::grammar {

// The whole schema, ending with a newline. The same bytes on every run.
std::string policy_schema();

}  // namespace isola::grammar
