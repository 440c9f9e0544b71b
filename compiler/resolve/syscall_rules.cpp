// Rules about system calls: names and sets to calls of each architecture, conditions to exact argument tests.

#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/check.h"
#include "compiler/ir/decision_diagram.h"
#include "compiler/kernel/nearest.h"
#include "compiler/kernel/syscall_sets.h"
#include "compiler/resolve/context.h"

namespace isola::resolve {

namespace {

using grammar::Comparison;
using grammar::ComparisonSyntax;
using grammar::ConditionSyntax;
using ir::ArgumentCondition;
using ir::ArgumentTest;
using ir::ValueRange;

// Comparisons at the width and signedness of one parameter, as sets of unsigned values.
class ValueSets {
 public:
  ValueSets(unsigned bits, bool is_signed)
      : all_ones_(bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1),
        sign_bit_(std::uint64_t{1} << (bits - 1)),
        is_signed_(is_signed) {}

  std::uint64_t all_ones() const { return all_ones_; }

  // low..high in the parameter's own order. Empty when low comes after high.
  std::vector<ValueRange> between(std::uint64_t low, std::uint64_t high) const {
    const std::uint64_t flip = is_signed_ ? sign_bit_ : 0;
    if ((low ^ flip) > (high ^ flip)) return {};
    if (low <= high) return {{low, high}};
    return ir::normalise({{0, high}, {low, all_ones_}});
  }
  std::uint64_t smallest() const { return is_signed_ ? sign_bit_ : 0; }
  std::uint64_t largest() const { return is_signed_ ? sign_bit_ - 1 : all_ones_; }

  std::vector<ValueRange> compare(Comparison comparison, std::uint64_t value) const {
    const std::vector<ValueRange> equal{{value, value}};
    switch (comparison) {
      case Comparison::Equal:
      case Comparison::In:
        return equal;
      case Comparison::NotEqual:
      case Comparison::NotIn:
        return ir::complement(equal, all_ones_);
      case Comparison::LessEqual:
        return between(smallest(), value);
      case Comparison::GreaterEqual:
        return between(value, largest());
      case Comparison::Less:
        return ir::complement(normalised(between(value, largest())), all_ones_);
      case Comparison::Greater:
        return ir::complement(normalised(between(smallest(), value)), all_ones_);
    }
    ISOLA_CHECK(false, "a known comparison");
    return {};
  }

 private:
  static std::vector<ValueRange> normalised(std::vector<ValueRange> ranges) {
    return ir::normalise(std::move(ranges));
  }

  std::uint64_t all_ones_;
  std::uint64_t sign_bit_;
  bool is_signed_;
};

// The condition of one rule, for one call on one architecture.
class ConditionResolver {
 public:
  ConditionResolver(kernel::SyscallId call, kernel::Arch arch, const Context& context)
      : call_(call), arch_(arch), context_(context) {}

  std::optional<ArgumentCondition> resolve(const ConditionSyntax& syntax) {
    switch (syntax.kind) {
      case ConditionSyntax::Kind::Compare:
        return compare(syntax.compare);
      case ConditionSyntax::Kind::Word:
        context_.diagnostics.report<DiagnosticKind::ConditionNeedsComparison>(syntax.word.range(),
                                                                              syntax.word.decoded());
        return std::nullopt;
      case ConditionSyntax::Kind::Not: {
        const auto inner = resolve(syntax.operands.front());
        if (!inner) return std::nullopt;
        return ArgumentCondition::negation(*inner);
      }
      case ConditionSyntax::Kind::All:
      case ConditionSyntax::Kind::Any:
        return combine(syntax);
    }
    ISOLA_CHECK(false, "a condition of a known kind");
    return std::nullopt;
  }

 private:
  std::optional<ArgumentCondition> combine(const ConditionSyntax& syntax) {
    std::vector<ArgumentCondition> operands;
    for (const ConditionSyntax& operand : syntax.operands) {
      if (auto inner = resolve(operand)) operands.push_back(std::move(*inner));
    }
    if (operands.size() != syntax.operands.size()) return std::nullopt;
    return syntax.kind == ConditionSyntax::Kind::All ? ArgumentCondition::all(std::move(operands))
                                                     : ArgumentCondition::any(std::move(operands));
  }

  struct Subject {
    std::uint8_t index = 0;
    kernel::Parameter parameter;
  };

  std::optional<Subject> find_subject(const ScalarText& name) {
    const llvm::ArrayRef<kernel::Parameter> parameters = kernel::parameters(call_, arch_);
    if (!kernel::has_known_parameters(call_, arch_)) return find_by_position(name);
    kernel::NearestName nearest(name.decoded());
    std::string known;
    for (std::size_t index = 0; index < parameters.size(); ++index) {
      const llvm::StringRef parameter_name = parameters[index].name;
      if (name.decoded() == parameter_name)
        return check_subject(name, {static_cast<std::uint8_t>(index), parameters[index]});
      nearest.consider(parameter_name);
      if (!parameter_name.empty()) known += (known.empty() ? "`" : ", `") + parameter_name.str() + "`";
    }
    auto draft = context_.diagnostics.report<DiagnosticKind::UnknownParameter>(
        name.range(), kernel::name(call_), name.decoded());
    if (const auto near = nearest.found()) draft.suggest(name.range(), near->str());
    draft.help(known.empty() ? "the call has no parameters" : "its parameters are " + known);
    return std::nullopt;
  }

  // Calls that are written in assembly have no names for their arguments.
  std::optional<Subject> find_by_position(const ScalarText& name) {
    llvm::StringRef digits = name.decoded();
    unsigned index = 0;
    if (digits.consume_front("arg") && !digits.getAsInteger(10, index) && index < ir::kMaxArguments) {
      const std::uint8_t bits = kernel::info(arch_).is_64_bit ? 64 : 32;
      return Subject{static_cast<std::uint8_t>(index),
                     {.name = "", .bits = bits, .is_signed = false, .kind = kernel::ParameterKind::Integer}};
    }
    context_.diagnostics
        .report<DiagnosticKind::UnknownParameter>(name.range(), kernel::name(call_), name.decoded())
        .help("the kernel names no parameters for this call: use `arg0` to `arg5`");
    return std::nullopt;
  }

  std::optional<Subject> check_subject(const ScalarText& name, Subject subject) {
    if (subject.parameter.kind != kernel::ParameterKind::Split) return subject;
    context_.diagnostics.report<DiagnosticKind::SplitParameter>(name.range(), name.decoded(),
                                                                kernel::info(arch_).name);
    return std::nullopt;
  }

  // Within the width, as the kernel reads it; negative numbers only where they mean something.
  std::optional<std::uint64_t> value_for(const grammar::ValueSyntax& syntax,
                                         const kernel::Parameter& parameter, const ValueSets& sets) {
    const auto value = resolve_value(syntax, arch_, context_);
    if (!value) return std::nullopt;
    const std::uint64_t high_bits = value->bits & ~sets.all_ones();
    const bool sign_extends =
        value->is_negative && high_bits == ~sets.all_ones() && (value->bits & (sets.all_ones() / 2 + 1)) != 0;
    if (high_bits != 0 && !sign_extends) {
      context_.diagnostics.report<DiagnosticKind::ValueTooWide>(syntax.range, text_of(syntax), parameter.name,
                                                                parameter.bits);
      return std::nullopt;
    }
    return value->bits & sets.all_ones();
  }

  static std::string text_of(const grammar::ValueSyntax& syntax) {
    std::string text;
    for (const ScalarText& part : syntax.parts) text += (text.empty() ? "" : "|") + part.str();
    return text;
  }

  std::optional<ArgumentCondition> compare(const ComparisonSyntax& syntax) {
    const auto subject = find_subject(syntax.subject);
    if (!subject) return std::nullopt;
    const kernel::Parameter& parameter = subject->parameter;
    ArgumentTest test{
        .index = subject->index, .bits = parameter.bits, .mask = ~std::uint64_t{0}, .ranges = {}};
    // A masked value is a set of bits: it has no sign.
    const ValueSets sets(parameter.bits, parameter.is_signed && !syntax.mask);
    if (syntax.mask) {
      const auto mask = value_for(*syntax.mask, parameter, sets);
      if (!mask) return std::nullopt;
      test.mask = *mask;
    }
    const bool is_negated = syntax.comparison == Comparison::NotIn;
    for (const grammar::ValueRangeSyntax& value : syntax.values) {
      if (!add_values(syntax, value, parameter, sets, test.ranges)) return std::nullopt;
    }
    test.ranges = ir::normalise(std::move(test.ranges));
    if (is_negated) test.ranges = ir::complement(test.ranges, sets.all_ones());
    if (parameter.kind == kernel::ParameterKind::Pointer && !is_null_test(test)) {
      context_.diagnostics.report<DiagnosticKind::PointerCondition>(syntax.subject.range(),
                                                                    syntax.subject.decoded());
      return std::nullopt;
    }
    return ArgumentCondition::of(std::move(test));
  }

  // Whether a pointer is NULL is in the register; everything else is not.
  static bool is_null_test(const ArgumentTest& test) {
    const bool is_null = test.ranges.size() == 1 && test.ranges[0] == ValueRange{0, 0};
    const bool is_not_null = test.ranges.size() == 1 && test.ranges[0] == ValueRange{1, test.all_ones()};
    return (test.mask & test.all_ones()) == test.all_ones() && (is_null || is_not_null);
  }

  bool add_values(const ComparisonSyntax& syntax, const grammar::ValueRangeSyntax& value,
                  const kernel::Parameter& parameter, const ValueSets& sets,
                  std::vector<ValueRange>& ranges) {
    const auto low = value_for(value.low, parameter, sets);
    const auto high = value.high ? value_for(*value.high, parameter, sets) : low;
    if (!low || !high) return false;
    std::vector<ValueRange> added;
    if (value.high) {
      added = sets.between(*low, *high);
      if (added.empty()) {
        context_.diagnostics.report<DiagnosticKind::EmptyRange>(value.range);
        return false;
      }
    } else {
      const Comparison comparison =
          syntax.comparison == Comparison::NotIn ? Comparison::In : syntax.comparison;
      added = sets.compare(comparison, *low);
    }
    ranges.insert(ranges.end(), added.begin(), added.end());
    return true;
  }

  kernel::SyscallId call_;
  kernel::Arch arch_;
  const Context& context_;
};

// What a rule names: calls by themselves, or through a set.
struct NamedCall {
  kernel::SyscallId call{};
  SourceRange range;
  bool from_set = false;
};

std::vector<NamedCall> named_calls(const grammar::RuleSyntax& rule, const Context& context) {
  std::vector<NamedCall> named;
  for (const grammar::ObjectSyntax& object : rule.objects) {
    const auto word = word_of(object, context);
    if (!word) continue;
    if (word->decoded().starts_with("@")) {
      if (const auto members = kernel::find_set(word->decoded())) {
        for (const kernel::SyscallId call : *members) named.push_back({call, word->range(), true});
        continue;
      }
      auto draft =
          context.diagnostics.report<DiagnosticKind::UnknownSyscallSet>(word->range(), word->decoded());
      if (const auto near = kernel::nearest_set(word->decoded())) draft.suggest(word->range(), near->str());
      continue;
    }
    if (const auto call = kernel::find_syscall(word->decoded())) {
      named.push_back({*call, word->range(), false});
      continue;
    }
    auto draft = context.diagnostics.report<DiagnosticKind::UnknownSyscall>(word->range(), word->decoded());
    if (const auto near = kernel::nearest_syscall(word->decoded())) draft.suggest(word->range(), near->str());
  }
  return named;
}

std::optional<ir::SyscallAction> action_of(const grammar::RuleSyntax& rule, const Context& context) {
  if (!rule.action) return rule.deny ? context.otherwise : ir::SyscallAction{};
  const auto action = resolve_action(*rule.action, context.diagnostics);
  if (!action) return std::nullopt;
  const bool is_trace =
      action->kind == ir::SyscallAction::Kind::Trace || action->kind == ir::SyscallAction::Kind::Notify;
  if (is_trace || action->lets_call_run() != rule.deny.has_value()) return action;
  context.diagnostics.report<DiagnosticKind::ActionContradictsVerb>(rule.action->range, ir::to_text(*action),
                                                                    rule.deny ? "deny" : "allow");
  return std::nullopt;
}

// Reports conditions that hold never or always; those are not what their author meant.
bool check_condition(const ArgumentCondition& condition, const grammar::RuleSyntax& rule,
                     kernel::SyscallId call, const Context& context) {
  if (condition.kind == ArgumentCondition::Kind::Test) return true;  // normalised: holds sometimes
  Diagnostics& diagnostics = context.diagnostics;
  std::size_t& work = context.budget.diagram_work;
  if (work == 0) return false;  // said already
  ir::DecisionDiagrams diagrams(ir::DecisionDiagrams::kUnlimited, work);
  const auto node = diagrams.condition(condition);
  work -= std::min(diagrams.work(), work);
  if (diagrams.is_exhausted()) {
    work = 0;
    diagnostics.report<DiagnosticKind::TooComplex>(
        rule.condition->range, "this condition, with those before it, takes too long to be understood");
    return false;
  }
  if (node == diagrams.outcome(0)) {
    diagnostics.report<DiagnosticKind::ConditionNeverHolds>(rule.condition->range, kernel::name(call));
    return false;
  }
  if (node == diagrams.outcome(1)) {
    diagnostics.report<DiagnosticKind::ConditionAlwaysHolds>(rule.condition->range, kernel::name(call));
    return false;
  }
  return true;
}

void report_missing(const NamedCall& named, kernel::ArchSet present, kernel::ArchSet missing,
                    Diagnostics& diagnostics) {
  const std::string where(kernel::info(*missing.begin()).name);
  auto draft =
      diagnostics.report<DiagnosticKind::SyscallNotOnArch>(named.range, kernel::name(named.call), where);
  if (present.empty()) return;
  std::string list;
  for (const kernel::Arch arch : present)
    list += (list.empty() ? "" : ", ") + std::string(kernel::info(arch).name);
  draft.help(present.size() == 1
                 ? fmt::format("give it a rule of its own that ends in `when arch == {}`", list)
                 : fmt::format("give it a rule of its own that ends in `when arch in {{{}}}`", list));
}

}  // namespace

std::vector<ir::PolicyRule> resolve_syscall_rule(const grammar::RuleSyntax& rule, const Context& context) {
  reject_clauses(rule, {Clause::Condition, Clause::Action}, "syscalls", context.diagnostics);
  const auto started = start_rule(rule, context);
  const auto action = action_of(rule, context);
  std::vector<ir::PolicyRule> resolved;
  for (const NamedCall& named : named_calls(rule, context)) {
    if (!started || !action) continue;
    kernel::ArchSet present, missing;
    for (const kernel::Arch arch : context.arches) {
      if (!may_hold_on(started->when, arch)) continue;
      if (!kernel::number(named.call, arch)) {
        missing.insert(arch);
        continue;
      }
      present.insert(arch);
      ir::SyscallUse use{.syscall = named.call, .arch = arch, .condition = {}, .action = *action};
      if (rule.condition) {
        auto condition = ConditionResolver(named.call, arch, context).resolve(*rule.condition);
        if (!condition || !check_condition(*condition, rule, named.call, context)) continue;
        use.condition = std::move(*condition);
      }
      resolved.push_back(*started);
      resolved.back().rule.permission = std::move(use);
      resolved.back().rule.from_set = named.from_set;
      if (!context.budget.take_rule(resolved.back(), rule.range, context.diagnostics)) return {};
    }
    if (!missing.empty() && !named.from_set) report_missing(named, present, missing, context.diagnostics);
  }
  return resolved;
}

}  // namespace isola::resolve
