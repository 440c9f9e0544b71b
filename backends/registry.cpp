// The list of backends, from backends.def.

#include <vector>

#include "backends/backend.h"

#define ISOLA_BACKEND(name)         \
  namespace isola::backends::name { \
  extern const Backend kBackend;    \
  }
#include "backends/backends.def"

namespace isola::backends {

static const std::vector<const Backend*>& registry() {
  static const std::vector<const Backend*> kBackends = {
#define ISOLA_BACKEND(name) &name::kBackend,
#include "backends/backends.def"
  };
  return kBackends;
}

llvm::ArrayRef<const Backend*> all_backends() {
  return registry();
}

const Backend* find_backend(llvm::StringRef name) {
  for (const Backend* backend : registry()) {
    if (backend->name == std::string_view(name)) return backend;
  }
  return nullptr;
}

}  // namespace isola::backends
