// Indented lines with places; dump.cpp writes documents with it, dump_rule.cpp rules.

#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <string>

#include "grammar/rule_syntax.h"

namespace isola::grammar {

class DumpWriter {
 public:
  // Without `sources` there are no places, and verbs stand in the order of their letters. They outlive the
  // writer.
  explicit DumpWriter(const SourceManager* sources) : sources_(sources) {}

  // A line of its own; what is written until close() stands below it.
  void open(llvm::StringRef title);
  void open(llvm::StringRef title, const ScalarText& text);
  void open(llvm::StringRef title, SourceRange range);
  void close() { --depth_; }
  void text(llvm::StringRef title, const ScalarText& text);
  void place(llvm::StringRef title, SourceRange range);

  void rule(const RuleSyntax& rule);
  void action(llvm::StringRef title, const ActionSyntax& action);
  void test(const TestSyntax& test);

  std::string take() { return std::move(out_); }

 private:
  void line(llvm::StringRef content);
  std::string show_place(SourceRange range) const;
  void verbs(llvm::ArrayRef<ScalarText> verbs);
  void value(llvm::StringRef title, const ValueSyntax& value);
  void condition(llvm::StringRef title, const ConditionSyntax& condition);
  void comparison(const ComparisonSyntax& comparison);
  void peer(const PeerSyntax& peer);
  void request(const RequestSyntax& request);

  const SourceManager* sources_;
  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace isola::grammar
