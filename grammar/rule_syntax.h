// A rule as written: words with their places, before any name has a meaning.
//
//   [drop] [deny] VERB[,VERB...] OBJECT... [if CONDITION] [to|from PEER] [as CHILD] [-> ACTION]
//          [when TARGET] [because "text"]
//
// One grammar serves all sections (rule_grammar.h); what the words mean is compiler/resolve.

#pragma once

#include <llvm/ADT/SmallVector.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "grammar/scalar_text.h"

namespace isola::grammar {

// `AF_UNIX`, `0x10`, `-1`, or parts joined by `|`.
struct ValueSyntax {
  llvm::SmallVector<ScalarText, 1> parts;
  SourceRange range;
};

// `LOW` or `LOW..HIGH`, both ends inclusive.
struct ValueRangeSyntax {
  ValueSyntax low;
  std::optional<ValueSyntax> high;
  SourceRange range;
};

enum class Comparison { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In, NotIn };

// `subject [& mask] OP value`; `in` and `not in` take a set `{A, B..C}` or a range `A..B`.
struct ComparisonSyntax {
  ScalarText subject;
  std::optional<ValueSyntax> mask;
  Comparison comparison{};
  SourceRange comparison_range;          // the operator
  std::vector<ValueRangeSyntax> values;  // exactly one unless In or NotIn
};

// `if` (about the operation) and `when` (about the target) share one form.
struct ConditionSyntax {
  enum class Kind { Compare, Word, Not, All, Any };

  Kind kind{};
  SourceRange range;
  ComparisonSyntax compare;  // Kind::Compare
  ScalarText word;           // Kind::Word: `owner`, `feature.io_uring`, `capability.CAP_SYS_NICE`
  std::vector<ConditionSyntax> operands;  // Not: one; All, Any: two or more
};

// `SCMP_ACT_ERRNO(EPERM)`, `SCMP_ACT_KILL_PROCESS`.
struct ActionSyntax {
  ScalarText name;
  std::optional<ValueSyntax> argument;
  SourceRange range;
};

// `{SIGTERM, SIGQUIT}` standing alone as an object.
struct SetSyntax {
  std::vector<ScalarText> items;
  SourceRange range;
};

// A word is any run of characters without white space, with balanced braces: a path glob, an address, a name,
// `create,read,write`. A quoted string is a word too, for paths with spaces.
using ObjectSyntax = std::variant<ScalarText, SetSyntax>;

// `to self`, `from engine`, `to child archive`, `from "label"`.
struct PeerSyntax {
  enum class Direction { To, From };
  Direction direction{};
  llvm::SmallVector<ScalarText, 2> words;
  SourceRange range;
};

struct RuleSyntax {
  SourceRange range;
  std::optional<SourceRange> drop;
  std::optional<SourceRange> deny;
  llvm::SmallVector<ScalarText, 2> verbs;  // empty for RuleForm::Item
  llvm::SmallVector<ObjectSyntax, 2> objects;
  std::optional<ConditionSyntax> condition;
  std::optional<PeerSyntax> peer;
  std::optional<ScalarText> child;
  std::optional<ActionSyntax> action;
  std::optional<ConditionSyntax> when;
  std::optional<ScalarText> because;  // without its quotes
};

// `socket(AF_INET, SOCK_STREAM, _)`.
struct CallSyntax {
  ScalarText name;
  std::vector<std::optional<ValueSyntax>> arguments;  // nullopt for `_`
};

// A concrete operation: `NAME(ARG, ...) [on ARCH]` or `VERB OBJECT... [to|from PEER] [as CHILD]`.
struct RequestSyntax {
  SourceRange range;
  std::optional<CallSyntax> call;
  llvm::SmallVector<ScalarText, 2> verbs;    // without a call
  llvm::SmallVector<ScalarText, 4> objects;  // without a call
  std::optional<ScalarText> arch;
  std::optional<ScalarText> child;
  std::optional<PeerSyntax> peer;
};

// `allow REQUEST`, `deny REQUEST`, `kill REQUEST`, `ENOSYS REQUEST`.
struct TestSyntax {
  SourceRange range;
  ScalarText expectation;
  RequestSyntax request;
  std::optional<ScalarText> because;
};

}  // namespace isola::grammar
