// Rules about files and devices.

#include <fmt/format.h>

#include "compiler/base/match.h"
#include "compiler/kernel/nearest.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/keywords.h"

namespace isola::resolve {

namespace {

constexpr Keyword<ir::FileMode> kFileVerbs[] = {
    {"read", ir::FileMode::Read},     {"write", ir::FileMode::Write}, {"append", ir::FileMode::Append},
    {"create", ir::FileMode::Create}, {"map", ir::FileMode::Map},     {"execute", ir::FileMode::Execute},
    {"lock", ir::FileMode::Lock},     {"link", ir::FileMode::Link},
};

constexpr Keyword<ir::DeviceMode> kDeviceVerbs[] = {
    {"read", ir::DeviceMode::Read},
    {"write", ir::DeviceMode::Write},
    {"create", ir::DeviceMode::Create},
};

// `if owner` is the one condition that files have.
std::optional<bool> is_owner_only(const grammar::RuleSyntax& rule, const Context& context) {
  if (!rule.condition) return false;
  const grammar::ConditionSyntax& condition = *rule.condition;
  if (condition.kind == grammar::ConditionSyntax::Kind::Word && condition.word.decoded() == "owner")
    return true;
  context.diagnostics.report<DiagnosticKind::BadFileCondition>(condition.range);
  return std::nullopt;
}

// The sub-policy of `as`; empty without one.
std::optional<std::string> child_of(const grammar::RuleSyntax& rule, ir::FileModes modes,
                                    const Context& context) {
  if (!rule.child) return std::string();
  const ScalarText child = context.expand(*rule.child);
  if (!modes.contains(ir::FileMode::Execute)) {
    context.diagnostics.report<DiagnosticKind::ChildWithoutExecute>(child.range());
    return std::nullopt;
  }
  kernel::NearestName nearest(child.decoded());
  for (const std::string& known : context.children) {
    if (child.decoded() == known) return known;
    nearest.consider(known);
  }
  auto draft = context.diagnostics.report<DiagnosticKind::UnknownChild>(child.range(), child.decoded());
  if (const auto near = nearest.found()) draft.suggest(child.range(), near->str());
  return std::nullopt;
}

}  // namespace

std::optional<ir::PathPattern> resolve_path(const ScalarText& path, Diagnostics& diagnostics) {
  if (path.decoded().starts_with("$"))
    return std::nullopt;  // an unknown binding, reported where it was looked up
  std::variant<ir::PathPattern, ir::PatternError> parsed = ir::PathPattern::parse(path.decoded());
  if (auto* pattern = std::get_if<ir::PathPattern>(&parsed)) return std::move(*pattern);
  const auto& error = std::get<ir::PatternError>(parsed);
  const std::size_t end = std::min(error.offset + error.length, path.decoded().size());
  auto draft = diagnostics.report<DiagnosticKind::BadPath>(
      path.source_range(std::min(error.offset, end), end), ir::describe(error.kind));
  if (error.kind == ir::PatternError::Kind::NotAbsolute) draft.help("write the path from `/`");
  return std::nullopt;
}

std::optional<ir::FileModes> resolve_file_modes(llvm::ArrayRef<ScalarText> verbs, Diagnostics& diagnostics) {
  return resolve_keywords<ir::FileMode>(verbs, kFileVerbs, "files", diagnostics);
}

std::vector<ir::PolicyRule> resolve_file_rule(const grammar::RuleSyntax& rule, const Context& context) {
  reject_clauses(rule, {Clause::Condition, Clause::Child}, "files", context.diagnostics);
  const auto started = start_rule(rule, context);
  const auto modes = resolve_file_modes(rule.verbs, context.diagnostics);
  const auto owner_only = is_owner_only(rule, context);
  const auto child = modes ? child_of(rule, *modes, context) : std::nullopt;
  std::vector<ir::PolicyRule> resolved;
  for (const grammar::ObjectSyntax& object : rule.objects) {
    const auto word = word_of(object, context);
    auto path = word ? resolve_path(*word, context.diagnostics) : std::nullopt;
    if (!path || !started || !modes || !owner_only || !child) continue;
    resolved.push_back(*started);
    resolved.back().rule.permission =
        ir::FileAccess{.path = std::move(*path), .modes = *modes, .owner_only = *owner_only, .child = *child};
  }
  return resolved;
}

namespace {

std::optional<std::optional<std::uint32_t>> device_number(const ScalarText& text, Diagnostics& diagnostics) {
  std::uint32_t number = 0;
  if (text.decoded() == "*") return std::optional<std::uint32_t>();
  if (!text.decoded().getAsInteger(10, number)) return std::optional(number);
  diagnostics.report<DiagnosticKind::BadDeviceNumbers>(text.range(), text.decoded());
  return std::nullopt;
}

}  // namespace

std::optional<ir::DeviceNumbers> resolve_device_numbers(const ScalarText& type, const ScalarText& numbers,
                                                        Diagnostics& diagnostics) {
  const std::size_t colon = numbers.decoded().find(':');
  if (colon == llvm::StringRef::npos) {
    diagnostics.report<DiagnosticKind::BadDeviceNumbers>(numbers.range(), numbers.decoded());
    return std::nullopt;
  }
  const auto major_number = device_number(numbers.slice(0, colon), diagnostics);
  const auto minor_number = device_number(numbers.slice(colon + 1, numbers.decoded().size()), diagnostics);
  if (!major_number || !minor_number) return std::nullopt;
  const bool is_block = type.decoded() == "block";
  return ir::DeviceNumbers{
      .type = is_block ? ir::DeviceNumbers::Type::Block : ir::DeviceNumbers::Type::Character,
      .major_number = *major_number,
      .minor_number = *minor_number};
}

std::vector<ir::PolicyRule> resolve_device_rule(const grammar::RuleSyntax& rule, const Context& context) {
  reject_clauses(rule, {}, "devices", context.diagnostics);
  const auto started = start_rule(rule, context);
  const auto modes =
      resolve_keywords<ir::DeviceMode>(rule.verbs, kDeviceVerbs, "devices", context.diagnostics);
  std::vector<ir::PolicyRule> resolved;
  const auto add = [&](std::variant<ir::PathPattern, ir::DeviceNumbers> node) {
    if (!started || !modes) return;
    resolved.push_back(*started);
    resolved.back().rule.permission = ir::DeviceAccess{.node = std::move(node), .modes = *modes};
  };
  for (std::size_t index = 0; index < rule.objects.size(); ++index) {
    const auto word = word_of(rule.objects[index], context);
    if (!word) continue;
    const bool is_type = word->decoded() == "char" || word->decoded() == "block";
    if (is_type && index + 1 < rule.objects.size()) {
      const auto numbers = word_of(rule.objects[++index], context);
      const auto node = numbers ? resolve_device_numbers(*word, *numbers, context.diagnostics) : std::nullopt;
      if (node) add(*node);
    } else if (auto path = resolve_path(*word, context.diagnostics)) {
      add(std::move(*path));
    }
  }
  return resolved;
}

}  // namespace isola::resolve
