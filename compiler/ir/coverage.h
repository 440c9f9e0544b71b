// When one permission includes another: the set questions that decide and flatten share.

#pragma once

#include "compiler/ir/permission.h"

namespace isola::ir {

// Every operation on `inner` is one on `outer`.
bool endpoint_contains(const Endpoint& outer, const Endpoint& inner);
// Some operation is on both.
bool endpoints_overlap(const Endpoint& a, const Endpoint& b);

// Some socket of this address family and type (SOCK_* without flags) could serve the endpoint.
bool serves_endpoint(std::uint64_t family, std::uint64_t socket_type, std::uint64_t protocol,
                     const Endpoint& endpoint);

// Every operation of `inner` is one of `outer`. Exact but for patterns beyond the automata's budget, which
// count as not contained. System calls are not asked about here: decision_diagram.h compares them.
bool permission_contains(const Permission& outer, const Permission& inner);
// Some operation belongs to both; patterns beyond the budget count as overlapping.
bool permissions_overlap(const Permission& a, const Permission& b);

// `write` opens a file in every way that `append` does.
FileModes with_implied(FileModes modes);

}  // namespace isola::ir
