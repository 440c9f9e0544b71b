// When one permission includes another: the set questions that decide and flatten share.

#pragma once

#include "compiler/ir/pattern_comparer.h"
#include "compiler/ir/permission.h"

namespace isola::ir {

// Some socket of this address family and type (SOCK_* without flags) could serve the endpoint.
bool serves_endpoint(std::uint64_t family, std::uint64_t socket_type, std::uint64_t protocol,
                     const Endpoint& endpoint);

// Every operation of `inner` is one of `outer`. System calls are not asked about here: decision_diagram.h
// compares them.
bool permission_contains(const Permission& outer, const Permission& inner);
// Some operation belongs to both.
bool permissions_overlap(const Permission& a, const Permission& b);

// For many comparisons: within the budget of `paths`, beyond which patterns count as not contained and as
// overlapping.
bool permission_contains(const Permission& outer, const Permission& inner, PatternComparer& paths);
bool permissions_overlap(const Permission& a, const Permission& b, PatternComparer& paths);

// `write` opens a file in every way that `append` does.
FileModes with_implied(FileModes modes);

}  // namespace isola::ir
