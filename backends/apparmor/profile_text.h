// The text of a profile taken apart again, for read-back. Knows the words of apparmor.d(5), nothing of the
// model.

#pragma once

#include <llvm/ADT/StringRef.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace isola::backends::apparmor {

using Conditions = std::map<std::string, std::vector<std::string>>;

// One rule. Texts are as written, without quotes; escapes are left in them.
struct TextRule {
  bool denies = false, owner_only = false;
  std::string kind;                   // `file`, `capability`, `network`, ...
  std::vector<std::string> words;     // after the kind: names, a family and a type, `send`, `<=`
  std::vector<std::string> accesses;  // in parentheses: `(send, receive)`
  Conditions conditions;              // `set=(hup)`, `peer=label`, `bus=system`
  Conditions peer;                    // within `peer=(...)`
  std::string path, letters, target;  // of `file`
};

struct TextProfile {
  std::string name;
  std::vector<TextRule> rules;
  std::vector<TextProfile> children;
};

// The profile of an artifact. Nothing when the text is not one profile.
std::optional<TextProfile> read_profile_text(llvm::StringRef text);

// The bytes that a text without wildcards stands for: escapes resolved.
std::string unescape(llvm::StringRef text);

}  // namespace isola::backends::apparmor
