// NOTE: what a call's fate is stands here a second time, in the words of decide.cpp, and on purpose: a proof
// that asked the lowering what the policy means would prove little.

#include "backends/seccomp/prove.h"

#include <map>
#include <set>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/action_code.h"
#include "backends/seccomp/walk.h"
#include "compiler/base/check.h"
#include "compiler/kernel/syscalls.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;
using kernel::Arch;

// From this number to the next one's: this function of the arguments.
using Expected = std::map<std::uint32_t, Diagram>;

constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call

class Proof {
 public:
  Proof(const Program& program, const ir::Profile& profile, kernel::ArchSet arches)
      : program_(program), profile_(profile), arches_(arches), written_(program, diagrams_) {
    for (const ir::Rule& rule : profile.rules) {
      const auto* use = std::get_if<ir::SyscallUse>(&rule.permission);
      if (use != nullptr) rules_[{use->arch, use->syscall}].push_back(use);
    }
  }

  void run() {
    std::set<std::uint32_t> own;
    for (const Arch arch : arches_) {
      const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
      if (own.insert(audit_arch).second) compare(audit_arch, expected(arch));
    }
    for (const std::uint32_t audit_arch : foreign_arches(own)) compare(audit_arch, {{0, foreign()}});
  }

 private:
  Diagram answer(ir::SyscallAction action) { return diagrams_.outcome(encode_action(action)); }
  Diagram foreign() { return answer(profile_.syscalls.foreign); }
  Diagram newer() { return answer(profile_.syscalls.newer); }

  // As the architecture is tested for equality only, all values that the program does not mention go one way.
  std::set<std::uint32_t> foreign_arches(const std::set<std::uint32_t>& own) const {
    std::set<std::uint32_t> values;
    for (const sock_filter& instruction : program_.instructions) values.insert(instruction.k);
    std::uint32_t unmentioned = 0;
    while (values.contains(unmentioned) || own.contains(unmentioned)) ++unmentioned;
    values.insert(unmentioned);
    for (const std::uint32_t audit_arch : own) values.erase(audit_arch);
    return values;
  }

  // The first rule whose condition holds decides.
  Diagram listed(const std::vector<const ir::SyscallUse*>& rules) {
    Diagram function = answer(profile_.syscalls.otherwise);
    for (auto use = rules.rbegin(); use != rules.rend(); ++use) {
      function = diagrams_.choose(diagrams_.condition((*use)->condition), answer((*use)->action), function);
    }
    return function;
  }

  Diagram fate(Arch arch, kernel::SyscallId call) {
    const auto rules = rules_.find({arch, call});
    if (rules != rules_.end()) return listed(rules->second);
    const bool is_known = kernel::since(call, arch) <= profile_.syscalls.vocabulary;
    return is_known ? answer(profile_.syscalls.otherwise) : newer();
  }

  void expect_table(Arch arch, Expected& expected) {
    for (std::size_t index = 0; index < kernel::syscall_count(); ++index) {
      const auto number = kernel::number(static_cast<kernel::SyscallId>(index), arch);
      if (!number) continue;
      const auto call = kernel::syscall_at(arch, *number);
      ISOLA_CHECK(call, "a number of the table has a call");
      expected[*number] = fate(arch, *call);
      expected.try_emplace(*number + 1, newer());
    }
  }

  Expected expected(Arch arch) {
    Expected expected{{0, newer()}};
    if (arch != Arch::X86_64 && arch != Arch::X32) {
      expect_table(arch, expected);
      return expected;
    }
    const bool has_native = arches_.contains(Arch::X86_64);
    const bool has_x32 = arches_.contains(Arch::X32);
    expected[0] = has_native ? newer() : foreign();
    expected[kernel::kX32Bit] = has_x32 ? newer() : foreign();
    expected[kNoCall] = newer();
    if (has_native) expect_table(Arch::X86_64, expected);
    if (has_x32) expect_table(Arch::X32, expected);
    return expected;
  }

  void compare(std::uint32_t audit_arch, const Expected& expected) {
    std::uint64_t next = 0;
    for (const NumberSegment& segment : number_segments(program_, audit_arch)) {
      ISOLA_CHECK(segment.first == next, "the segments cover every number once");
      next = std::uint64_t{segment.last} + 1;
      const Diagram found = written_.diagram(segment.at);
      auto at = std::prev(expected.upper_bound(segment.first));
      for (; at != expected.end() && at->first <= segment.last; ++at) {
        ISOLA_CHECK(at->second == found, "the emitted filter answers as the policy says");
      }
    }
    ISOLA_CHECK(next == std::uint64_t{1} << 32, "the segments cover every number once");
  }

  const Program& program_;
  const ir::Profile& profile_;
  kernel::ArchSet arches_;
  ir::DecisionDiagrams diagrams_;
  ArgumentDiagrams written_;
  std::map<std::pair<Arch, kernel::SyscallId>, std::vector<const ir::SyscallUse*>> rules_;
};

}  // namespace

void prove_meaning(const Program& program, const ir::Profile& profile, kernel::ArchSet arches) {
  Proof(program, profile, arches).run();
}

void prove_cacheable(const Program& program, kernel::ArchSet arches) {
  ir::DecisionDiagrams diagrams;
  ArgumentDiagrams written(program, diagrams);
  for (const Arch arch : arches) {
    if (arch == Arch::X32) continue;  // the kernel has no cache for x32
    const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
    for (const NumberSegment& segment : number_segments(program, audit_arch)) {
      if (written.diagram(segment.at) != diagrams.outcome(SECCOMP_RET_ALLOW)) continue;
      ISOLA_CHECK(is_cached(program, segment.first, audit_arch), "a call that is always allowed is cached");
    }
  }
}

}  // namespace isola::backends::seccomp
