#include <doctest/doctest.h>

#include "compiler/base/render.h"

using namespace isola;

TEST_CASE("diagnostics: a finding is underlined, with its suggestion") {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", "policy: a\n  - allow opnat mkdirat\n");
  Diagnostics diagnostics;
  diagnostics.report<DiagnosticKind::UnknownSyscall>({file, 20, 25}, "opnat")
      .suggest({file, 20, 25}, "openat");
  CHECK(render_text(sources, diagnostics, Colour::Off) ==
        "a.yaml:2:11: error[E301]: unknown system call `opnat`\n"
        "    2 |   - allow opnat mkdirat\n"
        "      |           ^^^^^\n"
        "      = help: did you mean `openat`?\n");
  CHECK(diagnostics.has_errors());
}
