// A policy in its canonical form, and the proof that it is still the same policy.
//
// The text is what replaces the author's file, so it is read again: a layout that YAML takes for something
// else is our mistake and must not reach the disk.

#include <llvm/ADT/STLExtras.h>

#include "compiler/base/check.h"
#include "grammar/comment_tree.h"
#include "grammar/dump.h"
#include "grammar/policy_reader.h"
#include "grammar/print.h"

namespace isola::grammar {

namespace {

struct ReadFile {
  PolicySyntax policy;
  YamlNode tree;
};

// Nothing when the file has errors.
std::optional<ReadFile> read_file(const SourceManager& sources, FileId file, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  std::optional<PolicySyntax> policy = read_policy(sources, file, diagnostics);
  if (!policy || diagnostics.error_count() > errors_before) return std::nullopt;
  Diagnostics already_reported;
  std::optional<YamlNode> tree = read_yaml(sources, file, already_reported);
  ISOLA_CHECK(tree.has_value(), "a file reads the same twice");
  return ReadFile{*std::move(policy), *std::move(tree)};
}

// In the order of their letters: sections may have changed places.
std::vector<std::string> sorted_comments(llvm::StringRef text, const YamlNode& tree) {
  std::vector<std::string> comments = find_comments(text, tree);
  llvm::sort(comments);
  return comments;
}

}  // namespace

std::optional<std::string> format_policy(const SourceManager& sources, FileId file,
                                         Diagnostics& diagnostics) {
  const std::optional<ReadFile> before = read_file(sources, file, diagnostics);
  if (!before) return std::nullopt;
  std::string formatted = print_policy(sources, file, before->tree);
  SourceManager own;
  const FileId again = own.add(sources.name(file).str(), formatted);
  Diagnostics none;
  const std::optional<ReadFile> after = read_file(own, again, none);
  ISOLA_CHECK(after.has_value(), "formatted text reads without errors");
  ISOLA_CHECK(dump_meaning(after->policy) == dump_meaning(before->policy), "formatting keeps the meaning");
  ISOLA_CHECK(sorted_comments(formatted, after->tree) == sorted_comments(sources.text(file), before->tree),
              "formatting keeps the comments");
  return formatted;
}

}  // namespace isola::grammar
