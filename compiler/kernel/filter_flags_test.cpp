// The table of filter flags against the kernel's header.

#include "compiler/kernel/filter_flags.h"

#include <doctest/doctest.h>
#include <linux/seccomp.h>

using namespace isola::kernel;

TEST_CASE("filter flags: the bits are those of linux/seccomp.h") {
  CHECK(all_filter_flags().size() == kFilterFlagCount);
  CHECK(info(FilterFlag::Tsync).bit == SECCOMP_FILTER_FLAG_TSYNC);
  CHECK(info(FilterFlag::Log).bit == SECCOMP_FILTER_FLAG_LOG);
  CHECK(info(FilterFlag::SpecAllow).bit == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  CHECK(info(FilterFlag::WaitKillable).bit == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

TEST_CASE("filter flags: found with and without the prefix") {
  for (const FilterFlagInfo& flag : all_filter_flags()) {
    CHECK(info(flag.flag).name == flag.name);
    CHECK(find_filter_flag(flag.name) == flag.flag);
  }
  CHECK(find_filter_flag("LOG") == FilterFlag::Log);
  CHECK(find_filter_flag("NEW_LISTENER") == std::nullopt);
  CHECK(nearest_filter_flag("SPEC_ALOW") == llvm::StringRef("SECCOMP_FILTER_FLAG_SPEC_ALLOW"));
  CHECK(nearest_filter_flag("SECCOMP_FILTER_FLAG_TSNC") == llvm::StringRef("SECCOMP_FILTER_FLAG_TSYNC"));
}
