// Any bytes as rule text: an error inside the text, or syntax that survives being printed and parsed.
//
// The first byte says what the rest is read as.

#include <cstdint>
#include <string>

#include "compiler/base/check.h"
#include "grammar/print.h"
#include "grammar/rule_grammar.h"

using namespace isola;
using namespace isola::grammar;

static void check_places(const Diagnostics& diagnostics, std::size_t size) {
  ISOLA_CHECK(diagnostics.has_errors(), "what is refused is explained");
  for (const Diagnostic& finding : diagnostics.all()) {
    ISOLA_CHECK(finding.range.begin <= finding.range.end && finding.range.end <= size,
                "an error lies in the text");
  }
}

// `parse` takes a text and diagnostics, `print` the syntax.
template <typename Parse, typename Print>
static void check_round_trip(const std::string& text, const Parse& parse, const Print& print) {
  Diagnostics diagnostics;
  const auto syntax = parse(ScalarText::verbatim(text, FileId(1), 0), diagnostics);
  if (!syntax) {
    check_places(diagnostics, text.size());
    return;
  }
  ISOLA_CHECK(!diagnostics.has_errors(), "syntax comes without errors");
  const std::string printed = print(*syntax);
  Diagnostics none;
  const auto again = parse(ScalarText::unplaced(printed), none);
  ISOLA_CHECK(again && print(*again) == printed, "printed text means what was parsed");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto parse_as = [](RuleForm form) {
    return [form](const ScalarText& written, Diagnostics& diagnostics) {
      return parse_rule(written, form, diagnostics);
    };
  };
  switch (data[0]) {
    case 'a':
      check_round_trip(text, parse_action, print_action);
      break;
    case 'i':
      check_round_trip(text, parse_as(RuleForm::Item), print_rule);
      break;
    case 'r':
      check_round_trip(text, parse_request, print_request);
      break;
    case 's':
      check_round_trip(text, parse_as(RuleForm::Syscall), print_rule);
      break;
    case 't':
      check_round_trip(text, parse_test, print_test);
      break;
    default:
      check_round_trip(text, parse_as(RuleForm::Access), print_rule);
      break;
  }
  return 0;
}
