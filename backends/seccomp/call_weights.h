// What a filter is made cheap for, in numbers: how much each call weighs in the search tree, and how much a
// test.

#pragma once

#include "backends/seccomp/dispatch.h"
#include "backends/seccomp/lower.h"

namespace isola::backends::seccomp {

class CallWeights {
 public:
  CallWeights(Goal goal, const kernel::CallFrequencies& frequencies);

  // The average call weighs about 1.
  double weight(kernel::SyscallId call) const {
    return frequencies_.is_empty() ? 1 : floor_ + scale_ * frequencies_.share(call);
  }
  // Of all numbers beyond a table together: calls of the next two years that newer programs try.
  double newer_weight() const { return 10 * (frequencies_.is_empty() ? 1 : floor_); }
  // x32 calls to one of x86_64.
  double x32_share() const { return x32_share_; }
  // For the tree over the numbers.
  DispatchGoal number_goal() const { return {test_cost_, search_}; }
  // For a tree over the values of an argument.
  DispatchGoal argument_goal() const { return {argument_test_cost_, search_}; }

 private:
  kernel::CallFrequencies frequencies_;  // empty: all calls weigh the same
  double floor_ = 0;
  double scale_ = 0;
  double x32_share_ = 0.1;
  double test_cost_ = 1;
  double argument_test_cost_ = 1;
  Search search_ = Search::Exact;
};

}  // namespace isola::backends::seccomp
