#include "backends/seccomp/prove.h"

#include <set>

#include "backends/seccomp/action_cache.h"
#include "backends/seccomp/policy_function.h"
#include "backends/seccomp/walk.h"
#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;
using kernel::Arch;

class Proof {
 public:
  Proof(const Program& program, const ir::Profile& profile, kernel::ArchSet arches)
      : program_(program),
        arches_(arches),
        policy_(profile, arches, diagrams_),
        written_(program, diagrams_) {}

  void run() {
    std::set<std::uint32_t> own;
    for (const Arch arch : arches_) {
      const std::uint32_t audit_arch = kernel::info(arch).audit_arch;
      if (own.insert(audit_arch).second) compare(audit_arch, policy_.by_number(arch));
    }
    for (const std::uint32_t audit_arch : foreign_arches(own)) compare(audit_arch, {{0, policy_.foreign()}});
  }

 private:
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

  void compare(std::uint32_t audit_arch, const PolicyFunction::ByNumber& expected) {
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
  kernel::ArchSet arches_;
  ir::DecisionDiagrams diagrams_;
  PolicyFunction policy_;
  ArgumentDiagrams written_;
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
