// Words out of a short list: verbs, modes, protocols. A misspelt one is told its nearest neighbour.

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <optional>
#include <string>

#include "compiler/base/diagnostics.h"
#include "compiler/ir/permission.h"
#include "compiler/kernel/nearest.h"
#include "grammar/scalar_text.h"

namespace isola::resolve {

template <typename Value>
struct Keyword {
  llvm::StringLiteral word;
  Value value;
};

// `place` is the section or clause, for the message.
template <typename Value>
std::optional<Value> resolve_keyword(const grammar::ScalarText& text, llvm::ArrayRef<Keyword<Value>> keywords,
                                     llvm::StringRef place, Diagnostics& diagnostics) {
  kernel::NearestName nearest(text.decoded());
  std::string known;
  for (const Keyword<Value>& keyword : keywords) {
    if (text.decoded() == keyword.word) return keyword.value;
    nearest.consider(keyword.word);
    known += (known.empty() ? "`" : ", `") + keyword.word.str() + "`";
  }
  auto draft = diagnostics.report<DiagnosticKind::UnknownWord>(text.range(), text.decoded(), place);
  if (const auto near = nearest.found()) {
    draft.suggest(text.range(), near->str());
  } else {
    draft.help("known there: " + known);
  }
  return std::nullopt;
}

// Several words as a set; all are looked at before giving up.
template <typename Mode>
std::optional<ir::ModeSet<Mode>> resolve_keywords(llvm::ArrayRef<grammar::ScalarText> words,
                                                  llvm::ArrayRef<Keyword<Mode>> keywords,
                                                  llvm::StringRef place, Diagnostics& diagnostics) {
  ir::ModeSet<Mode> modes;
  bool is_complete = true;
  for (const grammar::ScalarText& word : words) {
    if (const auto mode = resolve_keyword<Mode>(word, keywords, place, diagnostics)) {
      modes.insert(*mode);
    } else {
      is_complete = false;
    }
  }
  if (!is_complete || modes.is_empty()) return std::nullopt;
  return modes;
}

// `create,read,write` inside one word, taken apart.
llvm::SmallVector<grammar::ScalarText, 4> split_commas(const grammar::ScalarText& word);

}  // namespace isola::resolve
