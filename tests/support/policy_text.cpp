#include "tests/support/policy_text.h"

#include <fmt/format.h>
#include <llvm/ADT/Twine.h>

#include "compiler/ir/decide.h"
#include "compiler/kernel/constants.h"
#include "grammar/policy_reader.h"
#include "grammar/rule_grammar.h"

namespace isola::tests {

CompiledText compile_text(llvm::StringRef text) {
  CompiledText compiled;
  const FileId file = compiled.sources.add("policy.yaml", text.str());
  const auto syntax = grammar::read_policy(compiled.sources, file, compiled.diagnostics);
  if (!syntax) return compiled;
  resolve::NoImports imports;
  if (auto policy = resolve::resolve(*syntax, imports, compiled.diagnostics)) {
    compiled.policy = std::move(*policy);
    compiled.profile = ir::flatten(compiled.policy, ir::Target{}, compiled.diagnostics);
  }
  return compiled;
}

CompiledText compile_sections(llvm::StringRef sections) {
  static constexpr llvm::StringLiteral kHead =
      "policy: sample\n"
      "schema: 1\n"
      "process:\n"
      "  path: /usr/bin/sample\n"
      "  user: 1000:1000\n";
  return compile_text((kHead + sections).str());
}

std::string CompiledText::findings() const {
  std::string found;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    found += info(diagnostic.kind).code;
    if (diagnostic.range.is_known()) found += " " + sources.text(diagnostic.range).str();
    found += '\n';
  }
  return found;
}

static std::string action_text(const ir::Decision& decision) {
  switch (decision.action.kind) {
    case ir::SyscallAction::Kind::Allow:
      return "allow";
    case ir::SyscallAction::Kind::Log:
      return "log";
    case ir::SyscallAction::Kind::Errno:
      return kernel::errno_name(decision.action.value, kernel::Arch::X86_64)->str();
    case ir::SyscallAction::Kind::Trace:
      return "trace";
    case ir::SyscallAction::Kind::Trap:
      return "trap";
    case ir::SyscallAction::Kind::KillThread:
    case ir::SyscallAction::Kind::KillProcess:
      return "kill";
    case ir::SyscallAction::Kind::Notify:
      return "notify";
  }
  return "?";
}

std::string CompiledText::decide(llvm::StringRef request) {
  const FileId file = sources.add("request", request.str());
  const auto text = grammar::ScalarText::verbatim(request.str(), file, 0);
  const auto syntax = grammar::parse_request(text, diagnostics);
  const auto resolved =
      syntax ? resolve::resolve_request(*syntax, policy, std::nullopt, diagnostics) : std::nullopt;
  if (!resolved) return "no request: " + findings();
  const ir::Decision decision = ir::decide(profile, *resolved);
  std::string answer = action_text(decision);
  if (decision.origin.is_known())
    answer += fmt::format(" {}", sources.line_column(decision.origin.file, decision.origin.begin).line);
  return answer;
}

}  // namespace isola::tests
