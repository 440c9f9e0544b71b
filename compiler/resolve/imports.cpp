#include "compiler/resolve/imports.h"

#include <set>

#include "compiler/kernel/nearest.h"
#include "compiler/resolve/keywords.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

namespace {

using grammar::ExtendSyntax;
using grammar::PolicySyntax;
using grammar::SettingSyntax;

enum class ParameterType { Port, Path, Name, Address, Size, Text };
constexpr Keyword<ParameterType> kParameterTypes[] = {
    {"port", ParameterType::Port},       {"path", ParameterType::Path}, {"name", ParameterType::Name},
    {"address", ParameterType::Address}, {"size", ParameterType::Size}, {"text", ParameterType::Text},
};

// A value a bundle can be checked with when nobody extends it.
llvm::StringRef sample_of(ParameterType type) {
  switch (type) {
    case ParameterType::Port:
      return "8080";
    case ParameterType::Path:
      return "/sample";
    case ParameterType::Name:
      return "sample";
    case ParameterType::Address:
      return "192.0.2.1";
    case ParameterType::Size:
      return "1M";
    case ParameterType::Text:
      return "sample";
  }
  return "";
}

bool is_of_type(ParameterType type, llvm::StringRef value) {
  std::uint16_t port = 0;
  switch (type) {
    case ParameterType::Port: {
      const auto [first, last] = value.split('-');
      return value == "*" ||
             (!first.getAsInteger(10, port) && (last.empty() || !last.getAsInteger(10, port)));
    }
    case ParameterType::Path:
      return value.starts_with("/");
    case ParameterType::Name:
      return !value.empty() && value.find_first_of(" /") == llvm::StringRef::npos;
    case ParameterType::Address:
      return value.find_first_not_of("0123456789abcdefABCDEF.:/[]*") == llvm::StringRef::npos;
    case ParameterType::Size:
      return parse_bytes(value).has_value();
    case ParameterType::Text:
      return !value.empty();
  }
  return false;
}

class Collector {
 public:
  Collector(ImportLibrary& imports, Diagnostics& diagnostics)
      : imports_(imports), diagnostics_(diagnostics) {}

  std::vector<Layer> run(const PolicySyntax& policy) {
    auto scope = std::make_unique<Scope>();
    for (const SettingSyntax& parameter : policy.parameters) {
      const auto type =
          resolve_keyword<ParameterType>(parameter.value, kParameterTypes, "params", diagnostics_);
      if (type) scope->define(parameter.key, ScalarText::unplaced(sample_of(*type).str()), diagnostics_);
    }
    visit(policy, std::move(scope), SourceRange{});
    return std::move(layers_);
  }

 private:
  void visit(const PolicySyntax& file, std::unique_ptr<Scope> scope, SourceRange brought_by) {
    for (const SettingSyntax& binding : file.bindings)
      scope->define(binding.key, binding.value, diagnostics_);
    const std::size_t first = layers_.size();
    chain_.push_back(&file);
    for (const ExtendSyntax& entry : file.extends) extend(entry, file, *scope, brought_by);
    chain_.pop_back();
    layers_.push_back(
        {.syntax = &file, .scope = std::move(scope), .brought_by = brought_by, .first_inherited = first});
  }

  void extend(const ExtendSyntax& entry, const PolicySyntax& from, const Scope& scope,
              SourceRange brought_by) {
    const PolicySyntax* found = imports_.load(entry.name.decoded(), from.file);
    if (found == nullptr) {
      auto draft =
          diagnostics_.report<DiagnosticKind::UnknownImport>(entry.name.range(), entry.name.decoded());
      kernel::NearestName nearest(entry.name.decoded());
      const std::vector<std::string> known = imports_.known_names();
      for (const std::string& name : known) nearest.consider(name);
      if (const auto near = nearest.found()) draft.suggest(entry.name.range(), near->str());
      return;
    }
    if (report_cycle(*found, entry)) return;
    std::string identity = std::to_string(static_cast<std::uint32_t>(found->file));
    auto inner = bind_arguments(entry, *found, scope, identity);
    if (!visited_.insert(identity).second) return;
    visit(*found, std::move(inner), brought_by.is_known() ? brought_by : entry.range);
  }

  bool report_cycle(const PolicySyntax& found, const ExtendSyntax& entry) {
    const auto at = std::find_if(chain_.begin(), chain_.end(),
                                 [&](const PolicySyntax* open) { return open->file == found.file; });
    if (at == chain_.end()) return false;
    std::string chain;
    for (auto link = at; link != chain_.end(); ++link) chain += name_of(**link) + " -> ";
    diagnostics_.report<DiagnosticKind::ImportCycle>(entry.range, chain + name_of(found));
    return true;
  }

  static std::string name_of(const PolicySyntax& file) { return file.name ? file.name->str() : "?"; }

  // The parameters of `found`, from the arguments of `entry`, which may use the values of the extending file.
  std::unique_ptr<Scope> bind_arguments(const ExtendSyntax& entry, const PolicySyntax& found,
                                        const Scope& outer, std::string& identity) {
    auto scope = std::make_unique<Scope>();
    std::set<std::string> given;
    for (const SettingSyntax& argument : entry.arguments) {
      const auto parameter =
          std::find_if(found.parameters.begin(), found.parameters.end(),
                       [&](const SettingSyntax& candidate) { return candidate.key == argument.key; });
      if (parameter == found.parameters.end()) {
        report_unknown_argument(argument, found);
        continue;
      }
      ScalarText value = outer.expand(argument.value, diagnostics_);
      const auto type =
          resolve_keyword<ParameterType>(parameter->value, kParameterTypes, "params", diagnostics_);
      if (type && !is_of_type(*type, value.decoded())) {
        diagnostics_.report<DiagnosticKind::BadImportArgument>(
            value.range(), value.decoded(), argument.key.decoded(), parameter->value.decoded());
        // The rules that use it would only say so again.
        value = ScalarText::unplaced(sample_of(*type).str());
      }
      given.insert(argument.key.str());
      identity += "\n" + argument.key.str() + "=" + value.str();
      scope->define(argument.key, value, diagnostics_);
    }
    for (const SettingSyntax& parameter : found.parameters) {
      if (given.count(parameter.key.str()) > 0) continue;
      diagnostics_.report<DiagnosticKind::MissingImportArgument>(entry.range, entry.name.decoded(),
                                                                 parameter.key.decoded());
      scope->define(parameter.key, ScalarText::unplaced("0"), diagnostics_);
    }
    return scope;
  }

  void report_unknown_argument(const SettingSyntax& argument, const PolicySyntax& found) {
    auto draft = diagnostics_.report<DiagnosticKind::UnknownImportArgument>(argument.key.range(),
                                                                            argument.key.decoded());
    kernel::NearestName nearest(argument.key.decoded());
    for (const SettingSyntax& candidate : found.parameters) nearest.consider(candidate.key.decoded());
    if (const auto near = nearest.found()) draft.suggest(argument.key.range(), near->str());
  }

  ImportLibrary& imports_;
  Diagnostics& diagnostics_;
  std::vector<Layer> layers_;
  std::vector<const PolicySyntax*> chain_;
  std::set<std::string> visited_;
};

}  // namespace

std::vector<Layer> collect_layers(const PolicySyntax& policy, ImportLibrary& imports,
                                  Diagnostics& diagnostics) {
  return Collector(imports, diagnostics).run(policy);
}

}  // namespace isola::resolve
