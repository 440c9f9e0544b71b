// A policy text formatted, with everything that formatting must not change.

#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/base/render.h"
#include "grammar/comment_tree.h"
#include "grammar/dump.h"
#include "grammar/policy_reader.h"
#include "grammar/print.h"

namespace isola::grammar {

struct Formatted {
  std::string errors;                 // with these, the rest is empty
  std::string text;                   // canonical
  std::string syntax;                 // the dump of what was read
  std::vector<std::string> comments;  // sorted
};

inline Formatted format_text(const std::string& text) {
  SourceManager sources;
  const FileId file = sources.add("policy.yaml", text);
  Diagnostics diagnostics;
  Formatted formatted;
  const auto policy = read_policy(sources, file, diagnostics);
  formatted.errors = render_text(sources, diagnostics, Colour::Off);
  if (!policy || diagnostics.has_errors()) return formatted;
  Diagnostics again;
  const auto tree = read_yaml(sources, file, again);
  if (!tree) return formatted;
  formatted.text = print_policy(sources, file, *tree);
  formatted.syntax = dump_meaning(*policy);
  formatted.comments = find_comments(sources.text(file), *tree);
  std::sort(formatted.comments.begin(), formatted.comments.end());
  return formatted;
}

}  // namespace isola::grammar
