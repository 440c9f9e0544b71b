// Reading and writing of kernel versions.

#include "compiler/kernel/kernel_version.h"

#include <doctest/doctest.h>

using namespace isola::kernel;

TEST_CASE("kernel_version: read as people and uname write it") {
  CHECK(parse_kernel_version("6.12") == KernelVersion{6, 12});
  CHECK(parse_kernel_version("6.12.95-amd64") == KernelVersion{6, 12});
  CHECK(parse_kernel_version("6.12-rc3") == KernelVersion{6, 12});
  for (const char* wrong : {"", "6", "6.", ".12", "v6.12", "6.x", "6.12x", "-1.2", "6.70000"}) {
    CHECK_MESSAGE(!parse_kernel_version(wrong), wrong);
  }
}

TEST_CASE("kernel_version: 6.9 is older than 6.12") {
  CHECK(KernelVersion{6, 9} < KernelVersion{6, 12});
  CHECK(KernelVersion{5, 19} < KernelVersion{6, 0});
  CHECK(text(KernelVersion{6, 12}) == "6.12");
}
