// Syntax to meaning: bundles are brought in, names become numbers, texts become typed values, every rule a
// permission.
//
// All mistakes are reported, as many as can be found in one run; what could be resolved is returned for the
// stages that find more, but a caller writes nothing once an error was reported.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/diagnostics.h"
#include "compiler/ir/policy.h"
#include "grammar/policy_syntax.h"

namespace isola::resolve {

// Where `extends` finds other files. The driver's looks at the disk; tests bring texts of their own.
class ImportLibrary {
 public:
  virtual ~ImportLibrary() = default;

  // The syntax of `std/net/tcp-server`, or of a path relative to the file `from`. It stays where it is for
  // the library's lifetime. Null when there is none or it could not be read (then its errors are reported
  // already).
  virtual const grammar::PolicySyntax* load(llvm::StringRef name, FileId from) = 0;
  // Names of the standard library, for suggestions, sorted.
  virtual std::vector<std::string> known_names() const = 0;
};

// An ImportLibrary without anything in it.
class NoImports final : public ImportLibrary {
 public:
  const grammar::PolicySyntax* load(llvm::StringRef, FileId) override { return nullptr; }
  std::vector<std::string> known_names() const override { return {}; }
};

std::optional<ir::Policy> resolve(const grammar::PolicySyntax& syntax, ImportLibrary& imports,
                                  Diagnostics& diagnostics);

// A request as `decide` and `tests` write them. Calls without `on` are made on `default_arch`, else on the
// first architecture of the policy.
std::optional<ir::Request> resolve_request(const grammar::RequestSyntax& syntax, const ir::Policy& policy,
                                           std::optional<kernel::Arch> default_arch,
                                           Diagnostics& diagnostics);

}  // namespace isola::resolve
