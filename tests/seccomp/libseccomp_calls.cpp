#include "tests/seccomp/libseccomp_calls.h"

#include <map>

#include "compiler/base/check.h"

namespace isola::testing {

using Kind = ir::SyscallAction::Kind;

ir::SyscallAction action_of(llvm::StringRef text) {
  static const std::map<std::string, Kind, std::less<>> kKinds = {{"ALLOW", Kind::Allow},
                                                                  {"LOG", Kind::Log},
                                                                  {"ERRNO", Kind::Errno},
                                                                  {"TRACE", Kind::Trace},
                                                                  {"TRAP", Kind::Trap},
                                                                  {"KILL", Kind::KillThread},
                                                                  {"KILL_PROCESS", Kind::KillProcess}};
  const auto [name, rest] = text.split('(');
  const auto found = kKinds.find(name.str());
  ISOLA_CHECK(found != kKinds.end(), "a known action");
  std::uint16_t value = 0;
  rest.rtrim(')').getAsInteger(10, value);
  return {.kind = found->second, .value = value};
}

static std::string text_of(const llvm::json::Value& value) {
  if (const auto text = value.getAsString()) return text->str();
  return std::to_string(*value.getAsInteger());
}

static void add_rule(Filter& filter, const llvm::json::Array& call) {
  filter.rules.push_back({.action = action_of(*call[1].getAsString()),
                          .call = text_of(call[2]),
                          .conditions = *call[3].getAsArray()});
}

Filter replay(const llvm::json::Array& calls, const std::string& native) {
  std::vector<Filter> stack(1);
  stack.back().arches = {native};
  for (const llvm::json::Value& one : calls) {
    const llvm::json::Array& call = *one.getAsArray();
    const llvm::StringRef name = *call[0].getAsString();
    Filter& filter = stack.back();
    if (name == "init") filter.otherwise = action_of(*call[1].getAsString());
    if (name == "add_rule" || name == "add_rule_exactly") add_rule(filter, call);
    if (name == "reset") {
      filter.rules.clear();
      filter.arches = {native};
    }
    if (name == "add_arch" || name == "remove_arch") {
      const std::string arch = *call[1].getAsString() == "None" ? native : call[1].getAsString()->str();
      std::erase(filter.arches, arch);
      if (name == "add_arch") filter.arches.push_back(arch);
    }
    if (name == "start_transaction") stack.push_back(Filter(stack.back()));
    // Ending a transaction that was not started is an error that changes nothing.
    if (name == "commit_transaction" && stack.size() > 1) stack.erase(stack.end() - 2);
    if (name == "reject_transaction" && stack.size() > 1) stack.pop_back();
  }
  return stack.back();
}

}  // namespace isola::testing
