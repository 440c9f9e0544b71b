// `when` clauses: arch, kernel, lsm, engine, capability.NAME, feature.NAME.

#include <limits>

#include "compiler/base/check.h"
#include "compiler/kernel/nearest.h"
#include "compiler/resolve/context.h"

namespace isola::resolve {

namespace {

using grammar::Comparison;
using grammar::ComparisonSyntax;
using grammar::ConditionSyntax;
using ir::TargetCondition;

constexpr llvm::StringLiteral kLsms[] = {"apparmor", "selinux", "none"};
constexpr kernel::KernelVersion kNewestVersion{std::numeric_limits<std::uint16_t>::max(),
                                               std::numeric_limits<std::uint16_t>::max()};

class TargetResolver {
 public:
  explicit TargetResolver(const Context& context) : context_(context) {}

  std::optional<TargetCondition> resolve(const ConditionSyntax& syntax) {
    switch (syntax.kind) {
      case ConditionSyntax::Kind::Compare:
        return compare(syntax.compare, syntax.range);
      case ConditionSyntax::Kind::Word:
        return word(syntax.word);
      case ConditionSyntax::Kind::Not:
        return combine(TargetCondition::Kind::Not, syntax);
      case ConditionSyntax::Kind::All:
        return combine(TargetCondition::Kind::All, syntax);
      case ConditionSyntax::Kind::Any:
        return combine(TargetCondition::Kind::Any, syntax);
    }
    ISOLA_CHECK(false, "a condition of a known kind");
    return std::nullopt;
  }

 private:
  std::optional<TargetCondition> combine(TargetCondition::Kind kind, const ConditionSyntax& syntax) {
    TargetCondition combined{.kind = kind, .origin = syntax.range};
    bool is_complete = true;
    for (const ConditionSyntax& operand : syntax.operands) {
      if (auto inner = resolve(operand)) {
        combined.operands.push_back(std::move(*inner));
      } else {
        is_complete = false;
      }
    }
    if (!is_complete) return std::nullopt;
    return combined;
  }

  std::optional<TargetCondition> word(const ScalarText& word) {
    const llvm::StringRef text = word.decoded();
    if (text.starts_with("feature.")) {
      return TargetCondition{
          .kind = TargetCondition::Kind::Feature, .name = text.substr(8).str(), .origin = word.range()};
    }
    if (text.starts_with("capability.")) {
      const auto capability = resolve_capability(word.slice(11, text.size()), context_.diagnostics);
      if (!capability) return std::nullopt;
      return TargetCondition{
          .kind = TargetCondition::Kind::Capability, .capability = *capability, .origin = word.range()};
    }
    report_unknown(word);
    return std::nullopt;
  }

  void report_unknown(const ScalarText& word) {
    auto draft =
        context_.diagnostics.report<DiagnosticKind::UnknownTargetSubject>(word.range(), word.decoded());
    kernel::NearestName nearest(word.decoded());
    for (const char* known : {"arch", "kernel", "lsm", "engine"}) nearest.consider(known);
    if (const auto near = nearest.found()) draft.suggest(word.range(), near->str());
  }

  std::optional<TargetCondition> compare(const ComparisonSyntax& syntax, SourceRange range) {
    const llvm::StringRef subject = syntax.subject.decoded();
    if (subject == "kernel") return compare_kernel(syntax, range);
    const bool is_known = subject == "arch" || subject == "lsm" || subject == "engine";
    if (!is_known) {
      report_unknown(syntax.subject);
      return std::nullopt;
    }
    const bool is_negated =
        syntax.comparison == Comparison::NotEqual || syntax.comparison == Comparison::NotIn;
    const bool is_equality =
        is_negated || syntax.comparison == Comparison::Equal || syntax.comparison == Comparison::In;
    if (!is_equality || syntax.mask) {
      context_.diagnostics.report<DiagnosticKind::BadTargetComparison>(syntax.comparison_range, subject);
      return std::nullopt;
    }
    auto condition = subject == "arch" ? one_of_arches(syntax, range) : one_of_names(syntax, range);
    if (!condition || !is_negated) return condition;
    TargetCondition negated{.kind = TargetCondition::Kind::Not, .origin = range};
    negated.operands.push_back(std::move(*condition));
    return negated;
  }

  // The single words of a comparison's right side.
  std::optional<std::vector<ScalarText>> words_of(const ComparisonSyntax& syntax) {
    std::vector<ScalarText> words;
    for (const grammar::ValueRangeSyntax& value : syntax.values) {
      if (value.high || value.low.parts.size() != 1) {
        context_.diagnostics.report<DiagnosticKind::BadTargetComparison>(value.range,
                                                                         syntax.subject.decoded());
        return std::nullopt;
      }
      words.push_back(context_.expand(value.low.parts.front()));
    }
    return words;
  }

  std::optional<TargetCondition> one_of_arches(const ComparisonSyntax& syntax, SourceRange range) {
    const auto words = words_of(syntax);
    if (!words) return std::nullopt;
    TargetCondition condition{.kind = TargetCondition::Kind::Arch, .origin = range};
    for (const ScalarText& word : *words) {
      const auto arch = resolve_arch(word, context_.diagnostics);
      if (!arch) return std::nullopt;
      condition.arches.insert(*arch);
    }
    return condition;
  }

  std::optional<TargetCondition> one_of_names(const ComparisonSyntax& syntax, SourceRange range) {
    const auto words = words_of(syntax);
    if (!words) return std::nullopt;
    const bool is_lsm = syntax.subject.decoded() == "lsm";
    TargetCondition any{.kind = TargetCondition::Kind::Any, .origin = range};
    for (const ScalarText& word : *words) {
      if (is_lsm && !is_known_lsm(word)) return std::nullopt;
      any.operands.push_back({.kind = is_lsm ? TargetCondition::Kind::Lsm : TargetCondition::Kind::Engine,
                              .name = word.str(),
                              .origin = word.range()});
    }
    return any;
  }

  bool is_known_lsm(const ScalarText& word) {
    kernel::NearestName nearest(word.decoded());
    for (const llvm::StringLiteral lsm : kLsms) {
      if (word.decoded() == lsm) return true;
      nearest.consider(lsm);
    }
    auto draft = context_.diagnostics.report<DiagnosticKind::UnknownLsm>(word.range(), word.decoded());
    if (const auto near = nearest.found()) draft.suggest(word.range(), near->str());
    return false;
  }

  std::optional<TargetCondition> compare_kernel(const ComparisonSyntax& syntax, SourceRange range) {
    const auto words = words_of(syntax);
    if (!words || words->size() != 1 || syntax.mask) {
      if (words)
        context_.diagnostics.report<DiagnosticKind::BadTargetComparison>(syntax.comparison_range, "kernel");
      return std::nullopt;
    }
    const auto version = resolve_kernel_version(words->front(), context_.diagnostics);
    if (!version) return std::nullopt;
    TargetCondition at_least{
        .kind = TargetCondition::Kind::Kernel, .from = *version, .to = kNewestVersion, .origin = range};
    TargetCondition at_most{
        .kind = TargetCondition::Kind::Kernel, .from = {}, .to = *version, .origin = range};
    const auto negated = [&](TargetCondition inner) {
      TargetCondition condition{.kind = TargetCondition::Kind::Not, .origin = range};
      condition.operands.push_back(std::move(inner));
      return condition;
    };
    switch (syntax.comparison) {
      case Comparison::GreaterEqual:
        return at_least;
      case Comparison::Less:
        return negated(at_least);
      case Comparison::LessEqual:
        return at_most;
      case Comparison::Greater:
        return negated(at_most);
      case Comparison::Equal:
      case Comparison::In:
        at_least.to = *version;
        return at_least;
      case Comparison::NotEqual:
      case Comparison::NotIn:
        at_least.to = *version;
        return negated(at_least);
    }
    ISOLA_CHECK(false, "a known comparison");
    return std::nullopt;
  }

  const Context& context_;
};

// What a clause says when only the architecture is known.
ir::Truth truth_on(const TargetCondition& condition, kernel::Arch arch) {
  switch (condition.kind) {
    case TargetCondition::Kind::Always:
      return ir::Truth::True;
    case TargetCondition::Kind::Arch:
      return condition.arches.contains(arch) ? ir::Truth::True : ir::Truth::False;
    case TargetCondition::Kind::Kernel:
    case TargetCondition::Kind::Lsm:
    case TargetCondition::Kind::Engine:
    case TargetCondition::Kind::Capability:
    case TargetCondition::Kind::Feature:
      return ir::Truth::Unknown;
    case TargetCondition::Kind::Not: {
      const ir::Truth inner = truth_on(condition.operands.front(), arch);
      if (inner == ir::Truth::Unknown) return inner;
      return inner == ir::Truth::True ? ir::Truth::False : ir::Truth::True;
    }
    case TargetCondition::Kind::All: {
      ir::Truth truth = ir::Truth::True;
      for (const TargetCondition& operand : condition.operands)
        truth = std::min(truth, truth_on(operand, arch));
      return truth;
    }
    case TargetCondition::Kind::Any: {
      ir::Truth truth = ir::Truth::False;
      for (const TargetCondition& operand : condition.operands)
        truth = std::max(truth, truth_on(operand, arch));
      return truth;
    }
  }
  ISOLA_CHECK(false, "a condition of a known kind");
  return ir::Truth::Unknown;
}

}  // namespace

std::optional<TargetCondition> resolve_target_condition(const ConditionSyntax& syntax,
                                                        const Context& context) {
  return TargetResolver(context).resolve(syntax);
}

bool may_hold_on(const TargetCondition& condition, kernel::Arch arch) {
  return truth_on(condition, arch) != ir::Truth::False;
}

}  // namespace isola::resolve
