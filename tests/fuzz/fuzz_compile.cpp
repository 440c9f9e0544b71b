// Any bytes as a policy, the whole way: errors in the file and no artifact, or artifacts from every backend.

#include <cstdint>
#include <string>

#include "backends/backend.h"
#include "compiler/base/check.h"
#include "compiler/base/render.h"
#include "compiler/ir/dump.h"
#include "compiler/ir/flatten.h"
#include "compiler/lint/lint.h"
#include "compiler/resolve/resolve.h"
#include "grammar/policy_reader.h"

using namespace isola;

static void compile(const std::string& text) {
  SourceManager sources;
  const FileId file = sources.add("policy.yaml", text);
  Diagnostics diagnostics;
  const auto syntax = grammar::read_policy(sources, file, diagnostics);
  if (!syntax) return;
  resolve::NoImports imports;
  const auto policy = resolve::resolve(*syntax, imports, diagnostics);
  if (policy) {
    lint::lint(*policy, {.today = "2026-01-01"}, diagnostics);
    const ir::Profile profile = ir::flatten(*policy, ir::Target{}, diagnostics);
    ir::dump(profile);
    if (!diagnostics.has_errors()) {
      for (const backends::Backend* backend : backends::all_backends()) {
        const auto artifacts = backend->compile(profile, backends::Options{}, diagnostics);
        ISOLA_CHECK(diagnostics.has_errors() || !artifacts.empty(),
                    "a backend writes something or says why not");
      }
    }
  }
  render_text(sources, diagnostics, Colour::Off);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  compile(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
