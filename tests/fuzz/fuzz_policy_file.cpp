// Any bytes as a policy file: errors inside the file, or a policy that formatting does not change
// (format_policy checks that itself).

#include <cstdint>
#include <string>

#include "compiler/base/check.h"
#include "compiler/base/render.h"
#include "grammar/print.h"

using namespace isola;
using namespace isola::grammar;

// The canonical text; empty when the file has errors, which must be shown without harm.
static std::string format(const std::string& text) {
  SourceManager sources;
  const FileId file = sources.add("policy.yaml", text);
  Diagnostics diagnostics;
  const std::optional<std::string> formatted = format_policy(sources, file, diagnostics);
  if (formatted) return *formatted;
  ISOLA_CHECK(diagnostics.has_errors(), "what is refused is explained");
  render_text(sources, diagnostics, Colour::Off);
  return "";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string once = format(std::string(reinterpret_cast<const char*>(data), size));
  if (!once.empty()) ISOLA_CHECK(format(once) == once, "formatting twice is formatting once");
  return 0;
}
