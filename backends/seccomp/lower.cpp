#include "backends/seccomp/lower.h"

#include <llvm/ADT/STLExtras.h>

#include <optional>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/argument_tree.h"
#include "backends/seccomp/call_weights.h"
#include "backends/seccomp/number_tree.h"
#include "backends/seccomp/program.h"
#include "backends/seccomp/reload.h"
#include "compiler/ir/decision_diagram.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

constexpr std::size_t kMostNodes = 4 * kMostInstructions;

// x32 calls all weigh the same, as next to nobody makes them; but for those whose arguments are asked: theirs
// are the longest ways of all.
constexpr double kFilteredX32Weight = 16;

using Uses = llvm::SmallVector<const ir::SyscallUse*, 4>;

class Lowering {
 public:
  Lowering(const ir::Profile& profile, const CallWeights& weights, Model& model)
      : profile_(profile),
        defaults_(profile.syscalls),
        weights_(weights),
        model_(model),
        trees_(model.graph, conditions_, weights.argument_goal()) {}

  void run() {
    collect_rules();
    NodeId node = answer(defaults_.foreign);
    std::vector<kernel::Arch> arches(model_.arches.begin(), model_.arches.end());
    for (auto arch = arches.rbegin(); arch != arches.rend(); ++arch) {
      const bool is_second_x86_64 =
          *arch == kernel::Arch::X32 && model_.arches.contains(kernel::Arch::X86_64);
      if (is_second_x86_64) continue;
      node = graph().test(Node::Kind::Equal, kernel::info(*arch).audit_arch, number_tree(*arch), node);
    }
    model_.root = graph().load(kArchWord, node);
    // What is far beyond any filter's length is refused later, and not walked before.
    if (graph().reachable_from(model_.root) <= kMostNodes) model_.root = drop_reloads(graph(), model_.root);
  }

 private:
  DecisionGraph& graph() { return model_.graph; }
  NodeId answer(ir::SyscallAction action) { return graph().answer(encode_action(action)); }

  // The rules of each call as a list through the profile's rules, in their order.
  void collect_rules() {
    constexpr std::uint32_t kNone = 0;
    first_rule_.assign(kernel::kArchCount * kernel::syscall_count(), kNone);
    next_rule_.resize(profile_.rules.size() + 1);
    for (std::size_t at = profile_.rules.size(); at > 0; --at) {
      const auto* use = std::get_if<ir::SyscallUse>(&profile_.rules[at - 1].permission);
      if (use == nullptr) continue;
      std::uint32_t& first = first_rule_[place(use->syscall, use->arch)];
      next_rule_[at] = first;
      first = static_cast<std::uint32_t>(at);
    }
  }

  static std::size_t place(kernel::SyscallId call, kernel::Arch arch) {
    return static_cast<std::size_t>(arch) * kernel::syscall_count() + static_cast<std::size_t>(call);
  }

  Uses rules_of(kernel::SyscallId call, kernel::Arch arch) const {
    Uses uses;
    for (std::uint32_t at = first_rule_[place(call, arch)]; at != 0; at = next_rule_[at]) {
      uses.push_back(&std::get<ir::SyscallUse>(profile_.rules[at - 1].permission));
    }
    return uses;
  }

  // Where a call leads that the architecture's table has.
  NodeId target_of(kernel::SyscallId call, kernel::Arch arch) {
    const Uses uses = rules_of(call, arch);
    if (uses.empty()) {
      const bool is_known = kernel::since(call, arch) <= defaults_.vocabulary;
      return answer(is_known ? defaults_.otherwise : defaults_.newer);
    }
    const std::optional<std::uint32_t> only = only_answer(uses);
    return only ? graph().answer(*only) : argument_tree(uses);
  }

  NodeId argument_tree(llvm::ArrayRef<const ir::SyscallUse*> uses) {
    std::vector<ConditionalAnswer> rules;
    for (const ir::SyscallUse* use : uses) {
      rules.push_back({conditions_.intern(use->condition), answer(use->action)});
    }
    return trees_.build(std::move(rules), answer(defaults_.otherwise));
  }

  // The answer of a call whose arguments make no difference, however many conditions its rules have. To be
  // found exactly: where it is ALLOW, looking at arguments would keep the call out of the kernel's cache.
  std::optional<std::uint32_t> only_answer(llvm::ArrayRef<const ir::SyscallUse*> uses) {
    if (uses.front()->condition.is_always()) return encode_action(uses.front()->action);
    if (has_two_answers(uses)) return std::nullopt;
    ir::DecisionDiagrams::Node function = diagrams_.outcome(encode_action(defaults_.otherwise));
    for (const ir::SyscallUse* use : llvm::reverse(uses)) {
      const ir::DecisionDiagrams::Node found = diagrams_.outcome(encode_action(use->action));
      function = diagrams_.choose(diagrams_.condition(use->condition), found, function);
    }
    const std::vector<std::uint32_t> answers = diagrams_.outcomes(function);
    return answers.size() == 1 ? std::optional(answers.front()) : std::nullopt;
  }

  // Whether a few guesses get different answers, as they do for nearly all rules: spares the diagrams.
  bool has_two_answers(llvm::ArrayRef<const ir::SyscallUse*> uses) const {
    ir::Arguments ones{};
    ones.fill(~std::uint64_t{0});
    const ir::SyscallAction first = action_for(uses, {});
    if (action_for(uses, ones) != first) return true;
    for (const ir::SyscallUse* use : uses) {
      ir::Arguments inside{};
      ir::Arguments beyond{};
      guess(use->condition, inside, beyond);
      if (action_for(uses, inside) != first || action_for(uses, beyond) != first) return true;
    }
    return false;
  }

  ir::SyscallAction action_for(llvm::ArrayRef<const ir::SyscallUse*> uses,
                               const ir::Arguments& arguments) const {
    for (const ir::SyscallUse* use : uses) {
      if (use->condition.holds(arguments)) return use->action;
    }
    return defaults_.otherwise;
  }

  // Arguments for which the condition holds, and some just beyond, unless its parts get into each other's
  // way.
  static void guess(const ir::ArgumentCondition& condition, ir::Arguments& inside, ir::Arguments& beyond) {
    const ir::ArgumentTest& test = condition.test;
    if (condition.kind == ir::ArgumentCondition::Kind::Test && !test.ranges.empty()) {
      inside[test.index] |= test.ranges.front().low;
      beyond[test.index] |= test.ranges.front().high + 1;
    }
    for (const ir::ArgumentCondition& operand : condition.operands) {
      guess(operand, inside, beyond);
      if (condition.kind == ir::ArgumentCondition::Kind::Any) return;
    }
  }

  // The numbers of `arch`, x32 ones without their bit.
  NumberTable numbers_of(kernel::Arch arch) {
    const bool is_x32 = arch == kernel::Arch::X32;
    NumberTable table{
        .targets = {}, .gap = answer(defaults_.newer), .newer_weight = is_x32 ? 0 : weights_.newer_weight()};
    const llvm::ArrayRef<std::uint16_t> calls = kernel::calls_by_number(arch);
    table.targets.reserve(calls.size());
    for (const std::uint16_t index : calls) {
      const kernel::SyscallId call{index};
      const std::uint32_t number = *kernel::number(call, arch) & ~(is_x32 ? kernel::kX32Bit : 0);
      // Where two names share a number, the first one decides.
      if (!table.targets.empty() && table.targets.back().number == number) continue;
      const NodeId node = target_of(call, arch);
      const bool is_filtered = graph().node(node).kind != Node::Kind::Answer;
      const double x32_weight = is_filtered ? kFilteredX32Weight : 1;
      table.targets.push_back({number, node, is_x32 ? x32_weight : weights_.weight(call)});
    }
    return table;
  }

  NodeId number_tree(kernel::Arch arch) {
    const bool is_x86_64 = arch == kernel::Arch::X86_64 || arch == kernel::Arch::X32;
    return graph().load(kNumberWord, is_x86_64 ? x86_64_tree() : plain_tree(arch));
  }

  NodeId plain_tree(kernel::Arch arch) {
    std::vector<Interval> intervals;
    append_intervals(intervals, numbers_of(arch), 0);
    return build_dispatch(graph(), intervals, weights_.number_goal());
  }

  // x86_64 below kX32Bit, x32 above, and kNoCall, which is no call of either.
  NodeId x86_64_tree() {
    const NodeId foreign = answer(defaults_.foreign);
    const bool has_native = model_.arches.contains(kernel::Arch::X86_64);
    const bool has_x32 = model_.arches.contains(kernel::Arch::X32);
    if (has_native && has_x32) {
      const NumberTable native = numbers_of(kernel::Arch::X86_64);
      const NumberTable x32 = numbers_of(kernel::Arch::X32);
      return build_x86_64_and_x32(graph(), native, x32, weights_.x32_share(), weights_.number_goal());
    }
    std::vector<Interval> intervals;
    if (has_native) {
      append_intervals(intervals, numbers_of(kernel::Arch::X86_64), 0);
      intervals.push_back({kernel::kX32Bit, foreign, 0});
      intervals.push_back({kNoCall, answer(defaults_.newer), 0});
      return build_dispatch(graph(), intervals, weights_.number_goal());
    }
    NumberTable x32 = numbers_of(kernel::Arch::X32);
    for (NumberTarget& target : x32.targets) target.number |= kernel::kX32Bit;
    intervals.push_back({0, foreign, 0});
    append_intervals(intervals, x32, kernel::kX32Bit);
    return build_dispatch(graph(), intervals, weights_.number_goal());
  }

  const ir::Profile& profile_;
  const ir::SyscallDefaults& defaults_;
  const CallWeights& weights_;
  Model& model_;
  WordConditions conditions_;
  ir::DecisionDiagrams diagrams_;
  ArgumentTrees trees_;
  std::vector<std::uint32_t> first_rule_;  // by architecture and call; one more than the index, 0 for none
  std::vector<std::uint32_t> next_rule_;   // likewise, the next rule of the same call
};

Model lower_byte_order(const ir::Profile& profile, const CallWeights& weights, ByteOrder byte_order,
                       kernel::ArchSet arches) {
  Model model{.byte_order = byte_order, .arches = arches, .graph = {}, .root = 0};
  Lowering(profile, weights, model).run();
  return model;
}

}  // namespace

std::vector<Model> lower(const ir::Profile& profile, Goal goal, const kernel::CallFrequencies& frequencies) {
  kernel::ArchSet little;
  kernel::ArchSet big;
  for (const kernel::Arch arch : profile.syscalls.arches) {
    (kernel::info(arch).is_big_endian ? big : little).insert(arch);
  }
  const CallWeights weights(goal, frequencies);
  std::vector<Model> models;
  if (!little.empty()) models.push_back(lower_byte_order(profile, weights, ByteOrder::Little, little));
  if (!big.empty()) models.push_back(lower_byte_order(profile, weights, ByteOrder::Big, big));
  return models;
}

}  // namespace isola::backends::seccomp
