// Reads how often a program makes each call, as people can measure it.
//
// Three forms, told apart by what they begin with: lines of `name,count` (a first line of words is a
// heading), the table of `strace -c`, and the summary of `perf trace -s`, whose tables of several threads are
// added up.

#pragma once

#include <optional>

#include "compiler/base/diagnostics.h"
#include "compiler/base/source.h"
#include "compiler/kernel/call_frequencies.h"

namespace isola::driver {

// Nothing after a line that is none of the form's, and where no call is counted. A name that is no system
// call of ours is a warning.
std::optional<kernel::CallFrequencies> read_frequencies(const SourceManager& sources, FileId file,
                                                        Diagnostics& diagnostics);

}  // namespace isola::driver
