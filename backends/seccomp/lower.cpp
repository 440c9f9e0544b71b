#include "backends/seccomp/lower.h"

#include <llvm/ADT/STLExtras.h>

#include <map>
#include <optional>

#include "backends/seccomp/action_code.h"
#include "backends/seccomp/argument_tree.h"
#include "backends/seccomp/dispatch.h"
#include "backends/seccomp/program.h"
#include "backends/seccomp/reload.h"
#include "compiler/ir/decision_diagram.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

// What a test costs against a call's weight. Balanced: within a few instructions of the smallest tree and a
// tenth of a test of the flattest one, measured on the workloads of README.md. Smallest: depth only breaks
// ties.
constexpr double size_cost(Goal goal) {
  return goal == Goal::Balanced ? 15 : 1000;
}

constexpr std::size_t kMostNodes = 4 * kMostInstructions;

// How much a call counts. The kernel answers a call that is always allowed without running the filter.
// Source: seccomp_cache_check_allow, kernel/seccomp.c, since Linux 5.11.
constexpr double kCachedWeight = 1;
constexpr double kFilteredWeight = 4;
constexpr double kRefusedWeight = 1;

// Calls of one architecture: where each number leads. What is not in the map is not in the vocabulary.
struct Target {
  NodeId node = 0;
  double weight = 0;
};
using Numbers = std::map<std::uint32_t, Target>;

class Lowering {
 public:
  Lowering(const ir::Profile& profile, Goal goal, Model& model)
      : profile_(profile),
        defaults_(profile.syscalls),
        size_cost_(size_cost(goal)),
        model_(model),
        trees_(model.graph, conditions_) {}

  void run() {
    collect_rules();
    NodeId node = graph().answer(encode_action(defaults_.foreign));
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

  void collect_rules() {
    for (const ir::Rule& rule : profile_.rules) {
      const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
      if (use != nullptr) rules_[{use->arch, use->syscall}].push_back(use);
    }
  }

  // Where a number of `arch` leads that its table has.
  Target target_of(kernel::SyscallId call, kernel::Arch arch) {
    const NodeId otherwise = graph().answer(encode_action(defaults_.otherwise));
    const auto listed = rules_.find({arch, call});
    if (listed == rules_.end()) {
      const bool is_known = kernel::since(call, arch) <= defaults_.vocabulary;
      return {is_known ? otherwise : newer(), is_known ? kRefusedWeight : 0};
    }
    const std::optional<std::uint32_t> only = only_answer(listed->second);
    const NodeId node = only ? graph().answer(*only) : argument_tree(listed->second, otherwise);
    return {node, only == encode_action({}) ? kCachedWeight : kFilteredWeight};
  }

  NodeId argument_tree(llvm::ArrayRef<const ir::SyscallUse*> uses, NodeId otherwise) {
    std::vector<ConditionalAnswer> rules;
    for (const ir::SyscallUse* use : uses) {
      rules.push_back({conditions_.intern(use->condition), graph().answer(encode_action(use->action))});
    }
    return trees_.build(std::move(rules), otherwise);
  }

  // The answer of a call whose arguments make no difference, however many conditions its rules have. To be
  // found exactly: where it is ALLOW, looking at arguments would keep the call out of the kernel's cache.
  std::optional<std::uint32_t> only_answer(llvm::ArrayRef<const ir::SyscallUse*> uses) {
    if (uses.front()->condition.is_always()) return encode_action(uses.front()->action);
    ir::DecisionDiagrams::Node function = diagrams_.outcome(encode_action(defaults_.otherwise));
    for (const ir::SyscallUse* use : llvm::reverse(uses)) {
      const ir::DecisionDiagrams::Node answer = diagrams_.outcome(encode_action(use->action));
      function = diagrams_.choose(diagrams_.condition(use->condition), answer, function);
    }
    const std::vector<std::uint32_t> answers = diagrams_.outcomes(function);
    return answers.size() == 1 ? std::optional(answers.front()) : std::nullopt;
  }

  NodeId newer() { return graph().answer(encode_action(defaults_.newer)); }

  Numbers numbers_of(kernel::Arch arch) {
    Numbers numbers;
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      const auto call = static_cast<kernel::SyscallId>(index);
      const auto number = kernel::number(call, arch);
      // Where two names share a number, the one that the table gives for it decides.
      if (number && kernel::syscall_at(arch, *number) == call)
        numbers.emplace(*number, target_of(call, arch));
    }
    return numbers;
  }

  // Appends the intervals of `numbers` from `first` on; between them lies `gap`.
  static void append(std::vector<Interval>& intervals, const Numbers& numbers, std::uint32_t first,
                     NodeId gap) {
    for (const auto& [number, target] : numbers) {
      if (number > first) intervals.push_back({first, gap, 0});
      intervals.push_back({number, target.node, target.weight});
      first = number + 1;
    }
    intervals.push_back({first, gap, 0});
  }

  NodeId number_tree(kernel::Arch arch) {
    const bool is_x86_64 = arch == kernel::Arch::X86_64 || arch == kernel::Arch::X32;
    if (is_x86_64) return x86_64_tree();
    std::vector<Interval> intervals;
    append(intervals, numbers_of(arch), 0, newer());
    return graph().load(kNumberWord, build_dispatch(graph(), intervals, size_cost_));
  }

  // x86_64 below kX32Bit, x32 above, and 0xffffffff, which is no call of either.
  NodeId x86_64_tree() {
    const NodeId foreign = graph().answer(encode_action(defaults_.foreign));
    std::vector<Interval> intervals;
    Numbers native;
    if (model_.arches.contains(kernel::Arch::X86_64)) {
      native = numbers_of(kernel::Arch::X86_64);
      append(intervals, native, 0, newer());
    } else {
      intervals.push_back({0, foreign, 0});
    }
    if (!model_.arches.contains(kernel::Arch::X32)) {
      intervals.push_back({kernel::kX32Bit, foreign, 0});
      intervals.push_back({kNoCall, newer(), 0});
      return graph().load(kNumberWord, build_dispatch(graph(), intervals, size_cost_));
    }
    Numbers x32 = numbers_of(kernel::Arch::X32);
    for (auto& [number, target] : x32) target.weight *= kX32Share;
    const NodeId apart = x32_apart(intervals, x32);
    if (native.empty()) return apart;
    const NodeId shared = x32_shared(intervals, native, x32);
    return graph().reachable_from(shared) < graph().reachable_from(apart) ? shared : apart;
  }

  NodeId x32_apart(std::vector<Interval> intervals, const Numbers& x32) {
    append(intervals, x32, kernel::kX32Bit, newer());
    return graph().load(kNumberWord, build_dispatch(graph(), intervals, size_cost_));
  }

  // Most x32 numbers lead where the x86_64 number below leads: those lose their bit and go through the same
  // tree.
  NodeId x32_shared(llvm::ArrayRef<Interval> native_intervals, const Numbers& native, const Numbers& x32) {
    const NodeId native_tree = build_dispatch(graph(), native_intervals, size_cost_);
    const NodeId joined = graph().mask(~kernel::kX32Bit, native_tree);
    std::vector<Interval> intervals{{0, native_tree, 1}};
    Numbers different;
    const auto lead = [](const Numbers& numbers, std::uint32_t number, NodeId gap) {
      const auto found = numbers.find(number);
      return found == numbers.end() ? gap : found->second.node;
    };
    for (const auto& [number, target] : x32) {
      if (target.node != lead(native, number - kernel::kX32Bit, newer())) different.emplace(number, target);
    }
    for (const auto& [number, target] : native) {
      const std::uint32_t there = number + kernel::kX32Bit;
      if (!x32.contains(there) && target.node != newer()) different.emplace(there, Target{newer(), 0});
    }
    append(intervals, different, kernel::kX32Bit, joined);
    intervals.push_back({2 * kernel::kX32Bit, newer(), 0});
    return graph().load(kNumberWord, build_dispatch(graph(), intervals, size_cost_));
  }

  static constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call
  static constexpr double kX32Share = 1e-3;             // of all calls: next to nobody makes them

  const ir::Profile& profile_;
  const ir::SyscallDefaults& defaults_;
  const double size_cost_;
  Model& model_;
  WordConditions conditions_;
  ir::DecisionDiagrams diagrams_;
  ArgumentTrees trees_;
  std::map<std::pair<kernel::Arch, kernel::SyscallId>, std::vector<const ir::SyscallUse*>> rules_;
};

Model lower_byte_order(const ir::Profile& profile, Goal goal, ByteOrder byte_order, kernel::ArchSet arches) {
  Model model{.byte_order = byte_order, .arches = arches, .graph = {}, .root = 0};
  Lowering(profile, goal, model).run();
  return model;
}

}  // namespace

std::vector<Model> lower(const ir::Profile& profile, Goal goal) {
  kernel::ArchSet little;
  kernel::ArchSet big;
  for (const kernel::Arch arch : profile.syscalls.arches) {
    (kernel::info(arch).is_big_endian ? big : little).insert(arch);
  }
  std::vector<Model> models;
  if (!little.empty()) models.push_back(lower_byte_order(profile, goal, ByteOrder::Little, little));
  if (!big.empty()) models.push_back(lower_byte_order(profile, goal, ByteOrder::Big, big));
  return models;
}

}  // namespace isola::backends::seccomp
