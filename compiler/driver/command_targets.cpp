// isola targets: the backends and architectures there are; with --table, how well each backend holds what.

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/enforcement_table.h"

namespace isola::driver {

void run_targets(Session&, const Arguments& arguments) {
  if (arguments.table) {
    print(enforcement_table());
    return;
  }
  std::string lines = "targets (--target):\n";
  for (const backends::Backend* backend : backends::all_backends()) {
    lines += fmt::format("  {:<12} {}\n", backend->name, backend->summary);
  }
  lines += "\narchitectures (--arch):\n";
  for (const kernel::ArchInfo& arch : kernel::all_arches()) {
    lines += fmt::format("  {:<12} {}\n", arch.name, arch.scmp_name);
  }
  print(lines);
}

}  // namespace isola::driver
