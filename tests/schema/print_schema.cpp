// Prints the JSON Schema of policy files: the source of grammar/policy.schema.json.

#include <cstdio>

#include "grammar/schema.h"

int main() {
  const std::string schema = isola::grammar::policy_schema();
  std::fwrite(schema.data(), 1, schema.size(), stdout);
  return 0;
}
