// The stage itself: layers of `extends`, each section's rules, `drop`, children, and what is said about the
// policy.

#include "compiler/resolve/resolve.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>
#include <functional>

#include "compiler/base/check.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/imports.h"
#include "compiler/resolve/keywords.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

namespace {

using grammar::ChildSyntax;
using grammar::PolicySyntax;
using grammar::RuleSyntax;

// A section's rules and how each is resolved.
struct RuleSection {
  const std::vector<RuleSyntax>* rules = nullptr;
  std::vector<ir::PolicyRule> (*resolve)(const RuleSyntax&, const Context&) = nullptr;
};

std::vector<RuleSection> sections_of(const PolicySyntax& syntax) {
  std::vector<RuleSection> sections;
  if (syntax.syscalls) sections.push_back({&syntax.syscalls->rules, resolve_syscall_rule});
  sections.push_back({&syntax.files, resolve_file_rule});
  sections.push_back({&syntax.devices, resolve_device_rule});
  sections.push_back({&syntax.network, resolve_network_rule});
  sections.push_back({&syntax.ipc, resolve_ipc_rule});
  if (syntax.capabilities) sections.push_back({&syntax.capabilities->bounding, resolve_capability_rule});
  return sections;
}

// The rules gathered so far, with the layer each came from.
struct Gathered {
  ir::PolicyRule rule;
  std::size_t layer = 0;
};

// Takes what a `drop` names out of the rules that its file inherited.
void drop_rules(const RuleSyntax& rule, const std::vector<ir::PolicyRule>& named, std::size_t first_layer,
                std::size_t own_layer, std::vector<Gathered>& gathered, Diagnostics& diagnostics) {
  const auto is_named = [&](const Gathered& candidate) {
    if (candidate.layer < first_layer || candidate.layer >= own_layer) return false;
    return std::any_of(named.begin(), named.end(),
                       [&](const ir::PolicyRule& wanted) { return wanted.rule == candidate.rule.rule; });
  };
  if (std::erase_if(gathered, is_named) > 0 || named.empty()) return;
  diagnostics.report<DiagnosticKind::DropMatchesNothing>(rule.range);
}

void resolve_defaults(const PolicySyntax& syntax, ir::SyscallDefaults& defaults, Diagnostics& diagnostics) {
  if (!syntax.syscalls) return;
  const grammar::SyscallsSyntax& section = *syntax.syscalls;
  for (const ScalarText& name : section.architectures) {
    const auto arch = resolve_arch(name, diagnostics);
    if (!arch) continue;
    if (defaults.arches.contains(*arch))
      diagnostics.report<DiagnosticKind::SaidTwice>(name.range(), name.decoded());
    defaults.arches.insert(*arch);
  }
  if (section.known) {
    constexpr llvm::StringLiteral kPrefix = "linux ";
    const ScalarText& known = *section.known;
    const std::size_t skip = known.decoded().starts_with(kPrefix) ? kPrefix.size() : 0;
    if (const auto version = resolve_kernel_version(known.slice(skip, known.decoded().size()), diagnostics)) {
      defaults.vocabulary = *version;
      if (*version > kernel::kVocabularyVersion) {
        diagnostics.report<DiagnosticKind::VocabularyTooNew>(known.range(), known.decoded(),
                                                             kernel::text(kernel::kVocabularyVersion));
      }
    }
  }
  const auto take = [&](const std::optional<grammar::ActionSyntax>& action, ir::SyscallAction& into) {
    if (!action) return;
    const auto resolved = resolve_action(*action, diagnostics);
    if (!resolved) return;
    if (resolved->lets_call_run()) {
      diagnostics.report<DiagnosticKind::DefaultMustDeny>(action->range, ir::to_text(*resolved));
      return;
    }
    into = *resolved;
  };
  take(section.otherwise, defaults.otherwise);
  take(section.newer, defaults.newer);
  defaults.flags = resolve_filter_flags(section, diagnostics);
}

constexpr Keyword<ir::Fidelity> kFidelities[] = {
    {"exact", ir::Fidelity::Exact},
    {"wider", ir::Fidelity::Wider},
    {"narrower", ir::Fidelity::Narrower},
    {"none", ir::Fidelity::None},
};

class PolicyResolver {
 public:
  PolicyResolver(const PolicySyntax& syntax, ImportLibrary& imports, Diagnostics& diagnostics)
      : syntax_(syntax), imports_(imports), diagnostics_(diagnostics) {}

  ir::Policy run() {
    resolve_identity();
    resolve_defaults(syntax_, policy_.syscalls, diagnostics_);
    const std::vector<Layer> layers = collect_layers(syntax_, imports_, diagnostics_);
    check_arches(layers);
    for (const ChildSyntax& child : syntax_.children) child_names_.push_back(child.name.str());
    for (std::size_t index = 0; index < layers.size(); ++index) gather(layers[index], index);
    for (Gathered& one : gathered_) policy_.rules.push_back(std::move(one.rule));
    if (syntax_.syscalls) check_filter_flags(*syntax_.syscalls, policy_, diagnostics_);
    const Context own = context_for(layers.back());
    resolve_world(syntax_, own, policy_.world);
    for (const ChildSyntax& child : syntax_.children) resolve_child(child, own);
    check_children(policy_, diagnostics_);
    resolve_statements(own);
    for (const Layer& layer : layers) layer.scope->report_unused(diagnostics_);
    return std::move(policy_);
  }

 private:
  void resolve_identity() {
    if (syntax_.name) {
      policy_.name = syntax_.name->str();
      policy_.origin = syntax_.name->range();
      const llvm::StringRef name = syntax_.name->decoded();
      constexpr llvm::StringLiteral kNameBytes = "abcdefghijklmnopqrstuvwxyz0123456789_-";
      const bool is_path_like = syntax_.is_bundle && name.contains('/');
      const bool is_good = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                           name.find_first_not_of(kNameBytes) == llvm::StringRef::npos;
      if (!is_good && !is_path_like)
        diagnostics_.report<DiagnosticKind::BadPolicyName>(syntax_.name->range(), name);
    }
    if (syntax_.schema && syntax_.schema->decoded() != "1") {
      diagnostics_.report<DiagnosticKind::UnsupportedSchema>(syntax_.schema->range(),
                                                             syntax_.schema->decoded());
    }
    if (syntax_.about) policy_.about = syntax_.about->str();
    if (!syntax_.is_bundle && !syntax_.process)
      diagnostics_.report<DiagnosticKind::MissingProcess>(policy_.origin);
  }

  // A policy must say which architectures it is for; a bundle checked by itself is tried on the two usual
  // ones.
  void check_arches(const std::vector<Layer>& layers) {
    if (!policy_.syscalls.arches.empty()) return;
    const bool has_calls = llvm::any_of(layers, [](const Layer& layer) {
      return layer.syntax->syscalls && !layer.syntax->syscalls->rules.empty();
    });
    if (has_calls && !syntax_.is_bundle) {
      diagnostics_.report<DiagnosticKind::MissingArchitectures>(syntax_.syscalls ? syntax_.syscalls->range
                                                                                 : policy_.origin);
    }
    policy_.syscalls.arches = {kernel::Arch::X86_64, kernel::Arch::AArch64};
  }

  Context context_for(const Layer& layer) {
    return {.diagnostics = diagnostics_,
            .budget = budget_,
            .scope = *layer.scope,
            .arches = policy_.syscalls.arches,
            .otherwise = policy_.syscalls.otherwise,
            .brought_by = layer.brought_by,
            .children = child_names_};
  }

  void gather(const Layer& layer, std::size_t index) {
    const Context context = context_for(layer);
    for (const RuleSection& section : sections_of(*layer.syntax)) {
      for (const RuleSyntax& rule : *section.rules) {
        if (budget_.is_spent()) return;
        std::vector<ir::PolicyRule> resolved = section.resolve(rule, context);
        if (rule.drop) {
          drop_rules(rule, resolved, layer.first_inherited, index, gathered_, diagnostics_);
          continue;
        }
        for (ir::PolicyRule& one : resolved) gathered_.push_back({std::move(one), index});
      }
    }
  }

  // A child's own sections replace the parent's; those it leaves out are the parent's.
  void resolve_child(const ChildSyntax& child, const Context& context) {
    if (llvm::any_of(policy_.children,
                     [&](const ir::ChildPolicy& other) { return other.name == child.name.decoded(); })) {
      diagnostics_.report<DiagnosticKind::SaidTwice>(child.name.range(), child.name.decoded());
      return;
    }
    ir::ChildPolicy resolved{.name = child.name.str(), .rules = {}, .origin = child.name.range()};
    const auto take = [&](ir::Section section, const std::optional<std::vector<RuleSyntax>>& rules,
                          std::vector<ir::PolicyRule> (*resolve)(const RuleSyntax&, const Context&)) {
      if (!rules) {
        llvm::copy_if(policy_.rules, std::back_inserter(resolved.rules),
                      [&](const ir::PolicyRule& inherited) {
                        return ir::section_of(ir::kind_of(inherited.rule.permission)) == section &&
                               budget_.take_rule(inherited, child.name.range(), diagnostics_);
                      });
        return;
      }
      for (const RuleSyntax& rule : *rules) {
        if (budget_.is_spent()) return;
        llvm::move(resolve(rule, context), std::back_inserter(resolved.rules));
      }
    };
    take(ir::Section::Files, child.files, resolve_file_rule);
    take(ir::Section::Devices, child.devices, resolve_device_rule);
    take(ir::Section::Network, child.network, resolve_network_rule);
    take(ir::Section::Ipc, child.ipc, resolve_ipc_rule);
    const auto bounding = child.capabilities ? std::optional(child.capabilities->bounding) : std::nullopt;
    take(ir::Section::Capabilities, bounding, resolve_capability_rule);
    policy_.children.push_back(std::move(resolved));
  }

  // `require`, `waive` and `tests`.
  void resolve_statements(const Context& context) {
    for (const grammar::RequireSyntax& require : syntax_.require) {
      const auto fidelity =
          resolve_keyword<ir::Fidelity>(require.fidelity, kFidelities, "require", diagnostics_);
      if (fidelity)
        policy_.requirements.push_back({require.section.str(), *fidelity, require.section.range()});
    }
    for (const grammar::WaiverSyntax& waiver : syntax_.waivers) resolve_waiver(waiver);
    const kernel::Arch arch = *policy_.syscalls.arches.begin();
    for (const grammar::TestSyntax& test : syntax_.tests) {
      if (auto resolved = resolve_test(test, context, arch)) policy_.tests.push_back(std::move(*resolved));
    }
  }

  void resolve_waiver(const grammar::WaiverSyntax& waiver) {
    const auto missing = [&](const std::optional<ScalarText>& text, llvm::StringRef key) {
      if (!text) diagnostics_.report<DiagnosticKind::IncompleteWaiver>(waiver.range, key);
      return !text;
    };
    if (missing(waiver.lint, "lint") | missing(waiver.because, "because") | missing(waiver.until, "until"))
      return;
    if (!is_date(waiver.until->decoded())) {
      diagnostics_.report<DiagnosticKind::BadDate>(waiver.until->range(), waiver.until->decoded());
      return;
    }
    policy_.waivers.push_back({.lint = waiver.lint->str(),
                               .at = waiver.at ? waiver.at->str() : "",
                               .because = waiver.because->str(),
                               .until = waiver.until->str(),
                               .origin = waiver.range});
  }

  const PolicySyntax& syntax_;
  ImportLibrary& imports_;
  Diagnostics& diagnostics_;
  Budget budget_;
  ir::Policy policy_;
  std::vector<Gathered> gathered_;
  std::vector<std::string> child_names_;
};

}  // namespace

std::optional<ir::Policy> resolve(const PolicySyntax& syntax, ImportLibrary& imports,
                                  Diagnostics& diagnostics) {
  return PolicyResolver(syntax, imports, diagnostics).run();
}

}  // namespace isola::resolve
