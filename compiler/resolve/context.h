// What the resolving of one file's rules needs to know of its surroundings. Private to compiler/resolve.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/base/diagnostics.h"
#include "compiler/ir/flatten.h"
#include "compiler/ir/policy.h"
#include "grammar/policy_syntax.h"

namespace isola::resolve {

using grammar::ScalarText;

// The `let` values and parameters of one file. A `$name` inside a word stands for the value's text.
class Scope {
 public:
  // Later definitions may use earlier ones. Reports names used twice.
  void define(const ScalarText& name, ScalarText value, Diagnostics& diagnostics);
  // The text with every `$name` and `${name}` replaced; the place stays that of the `$name`. Reports a text
  // that grows too long, and leaves it as it is.
  ScalarText expand(const ScalarText& text, Diagnostics& diagnostics) const;
  // Reports `let` values that nothing used.
  void report_unused(Diagnostics& diagnostics) const;

 private:
  void report_unknown(SourceRange range, llvm::StringRef name, Diagnostics& diagnostics) const;

  struct Binding {
    ScalarText name, value;
    mutable bool is_used = false;
  };
  std::map<std::string, Binding> bindings_;
  mutable std::size_t expanded_bytes_ = 0;  // of all texts so far
};

// What one policy may ask for; counts down. A few lines can stand for more rules than there is memory.
class Budget {
 public:
  // Whether one more rule fits; reports at `place` when it is the first that does not.
  bool take_rule(const ir::PolicyRule& rule, SourceRange place, Diagnostics& diagnostics);
  bool is_spent() const { return is_spent_; }

  std::size_t diagram_work = 1'000'000;  // for the diagrams of conditions (decision_diagram.h)

 private:
  std::size_t rules_ = 100'000;
  bool is_spent_ = false;
};

struct Context {
  Diagnostics& diagnostics;
  Budget& budget;
  const Scope& scope;
  kernel::ArchSet arches;                // of the policy that is being compiled
  ir::SyscallAction otherwise;           // what a `deny` without an action answers
  SourceRange brought_by;                // the `extends` entry; unknown in the policy itself
  llvm::ArrayRef<std::string> children;  // names that `as` may use

  ScalarText expand(const ScalarText& text) const { return scope.expand(text, diagnostics); }
};

// The words of a rule that a kind of rule does not use, each of which is then an error.
enum class Clause { Condition, Peer, Child, Action };
// Reports the clauses of `rule` that are not in `allowed`.
void reject_clauses(const grammar::RuleSyntax& rule, std::initializer_list<Clause> allowed,
                    llvm::StringRef section, Diagnostics& diagnostics);

// A rule with its origin, effect, reason and `when` filled in; nothing when the `when` is at fault.
std::optional<ir::PolicyRule> start_rule(const grammar::RuleSyntax& rule, const Context& context);

// `when` clauses (target_condition.cpp).
std::optional<ir::TargetCondition> resolve_target_condition(const grammar::ConditionSyntax& syntax,
                                                            const Context& context);
// Whether a clause can hold on `arch`, whatever else the target is.
bool may_hold_on(const ir::TargetCondition& condition, kernel::Arch arch);

// The text of an object; reports a set where a word must stand.
std::optional<ScalarText> word_of(const grammar::ObjectSyntax& object, const Context& context);
SourceRange range_of(const grammar::ObjectSyntax& object);

// One per section: the written rule as any number of resolved ones.
std::vector<ir::PolicyRule> resolve_syscall_rule(const grammar::RuleSyntax& rule, const Context& context);
std::vector<ir::PolicyRule> resolve_file_rule(const grammar::RuleSyntax& rule, const Context& context);
std::vector<ir::PolicyRule> resolve_device_rule(const grammar::RuleSyntax& rule, const Context& context);
std::vector<ir::PolicyRule> resolve_network_rule(const grammar::RuleSyntax& rule, const Context& context);
std::vector<ir::PolicyRule> resolve_ipc_rule(const grammar::RuleSyntax& rule, const Context& context);
std::vector<ir::PolicyRule> resolve_capability_rule(const grammar::RuleSyntax& rule, const Context& context);

// Pieces that requests share with rules.
std::optional<ir::FileModes> resolve_file_modes(llvm::ArrayRef<ScalarText> verbs, Diagnostics& diagnostics);
std::optional<ir::PathPattern> resolve_path(const ScalarText& path, Diagnostics& diagnostics);
std::optional<ir::DeviceNumbers> resolve_device_numbers(const ScalarText& type, const ScalarText& numbers,
                                                        Diagnostics& diagnostics);
std::optional<ir::NetworkOperations> resolve_network_operations(llvm::ArrayRef<ScalarText> verbs,
                                                                Diagnostics& diagnostics);
std::optional<ir::Endpoint> resolve_endpoint(llvm::ArrayRef<ScalarText> words, Diagnostics& diagnostics);
std::optional<ir::Permission> resolve_ipc(const ScalarText& verb, llvm::ArrayRef<ScalarText> words,
                                          const grammar::SetSyntax* set, const grammar::PeerSyntax* peer,
                                          const Context& context);
bool is_ipc_verb(llvm::StringRef verb);
std::optional<ir::Peer> resolve_peer(const grammar::PeerSyntax& peer, const Context& context);
std::optional<kernel::Capability> resolve_capability(const ScalarText& name, Diagnostics& diagnostics);
std::optional<ir::SyscallAction> resolve_action(const grammar::ActionSyntax& action,
                                                Diagnostics& diagnostics);
std::optional<kernel::Arch> resolve_arch(const ScalarText& name, Diagnostics& diagnostics);
ir::FilterFlags resolve_filter_flags(const grammar::SyscallsSyntax& section, Diagnostics& diagnostics);
// Reports flags that `policy`, with all its rules, gives no use.
void check_filter_flags(const grammar::SyscallsSyntax& section, const ir::Policy& policy,
                        Diagnostics& diagnostics);
std::optional<kernel::KernelVersion> resolve_kernel_version(const ScalarText& text, Diagnostics& diagnostics);

// The value of `A|B`, `0x10`, `-1` on an architecture, as 64 bits in two's complement.
struct ResolvedValue {
  std::uint64_t bits = 0;
  bool is_negative = false;
};
std::optional<ResolvedValue> resolve_value(const grammar::ValueSyntax& value, kernel::Arch arch,
                                           const Context& context);

// Sections about the world (world.cpp, limits.cpp).
void resolve_world(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world);
void resolve_process(const grammar::ProcessSyntax& syntax, const Context& context, ir::Process& process);
void resolve_limits(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world);
void resolve_mounts(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world);

// Requests and tests (requests.cpp).
std::optional<ir::Request> resolve_request_in(const grammar::RequestSyntax& syntax, const Context& context,
                                              kernel::Arch default_arch);
std::optional<ir::PolicyTest> resolve_test(const grammar::TestSyntax& syntax, const Context& context,
                                           kernel::Arch default_arch);

// Reports children that may do what their parent may not.
void check_children(const ir::Policy& policy, Diagnostics& diagnostics);

}  // namespace isola::resolve
