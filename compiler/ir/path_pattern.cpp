// Path patterns as values: canonical text, matching, expansion of alternatives.
//
// Matching runs all branches of the program side by side, so that no pattern makes it slow; the literal
// prefix is compared first and settles most questions.

#include "compiler/ir/path_pattern.h"

#include <llvm/ADT/STLExtras.h>

#include <utility>

#include "compiler/base/check.h"
#include "compiler/base/match.h"
#include "compiler/ir/path_automaton.h"
#include "compiler/ir/path_parse.h"

namespace isola::ir {

llvm::StringRef describe(PatternError::Kind kind) {
  switch (kind) {
    case PatternError::Kind::NotAbsolute:
      return "a path begins with `/`";
    case PatternError::Kind::NulByte:
      return "no path holds a NUL byte";
    case PatternError::Kind::VariableReference:
      return "`@{NAME}` is an AppArmor variable, which has no value here";
    case PatternError::Kind::TrailingBackslash:
      return "nothing follows the last `\\`";
    case PatternError::Kind::UnclosedBrace:
      return "`{` is never closed";
    case PatternError::Kind::UnmatchedBrace:
      return "`}` closes nothing";
    case PatternError::Kind::SingleAlternative:
      return "braces need two alternatives or more";
    case PatternError::Kind::UnclosedClass:
      return "`[` is never closed";
    case PatternError::Kind::UnmatchedBracket:
      return "`]` closes nothing";
    case PatternError::Kind::EmptyClass:
      return "no byte is in this set";
    case PatternError::Kind::WildcardInClass:
      return "a wildcard inside `[]` is written with a backslash";
    case PatternError::Kind::BadRange:
      return "a range in `[]` runs from the lower byte to the higher, and a `-` that is no range comes first";
    case PatternError::Kind::BadClassEscape:
      return "`^`, `-` and `,` take no backslash inside `[]`: `-` comes first, `^` last";
    case PatternError::Kind::TooDeep:
      return "more than 49 braces inside each other";
    case PatternError::Kind::TooLong:
      return "no path has more than 4096 bytes";
    case PatternError::Kind::TooComplex:
      return "too complex to compare with other patterns";
  }
  ISOLA_CHECK(false, "a pattern error of no kind");
}

PathPattern::PathPattern(PathSequence nodes)
    : nodes_(std::move(nodes)), program_(compile_program(nodes_)), text_(print_pattern(nodes_)) {}

std::variant<PathPattern, PatternError> PathPattern::parse(llvm::StringRef text) {
  std::variant<PathSequence, PatternError> nodes = parse_pattern_nodes(text);
  if (const auto* error = std::get_if<PatternError>(&nodes)) return *error;
  PathPattern pattern(std::move(std::get<PathSequence>(nodes)));
  if (!is_within_budget(pattern)) return PatternError{PatternError::Kind::TooComplex, 0, text.size()};
  return pattern;
}

PathPattern PathPattern::literal(llvm::StringRef path) {
  ISOLA_CHECK(path.starts_with("/") && !path.contains('\0'), "a literal path is absolute and without NUL");
  return PathPattern({PathNode{LiteralNode{path.str()}}});
}

PathPattern PathPattern::below(llvm::StringRef prefix, const PathPattern& pattern) {
  ISOLA_CHECK(prefix.starts_with("/") && !prefix.contains('\0'), "a prefix is absolute and without NUL");
  PathSequence nodes;
  append_node(nodes, {LiteralNode{prefix.str() + pattern.literal_prefix().drop_front().str()}});
  for (const PathNode& node : llvm::ArrayRef(pattern.nodes_).drop_front()) append_node(nodes, node);
  return PathPattern(std::move(nodes));
}

bool PathPattern::is_literal() const {
  return nodes_.size() == 1 && std::holds_alternative<LiteralNode>(nodes_.front().value);
}

llvm::StringRef PathPattern::literal_prefix() const {
  return std::get<LiteralNode>(nodes_.front().value).bytes;
}

bool PathPattern::is_recursive() const {
  const auto* star = std::get_if<StarNode>(&nodes_.back().value);
  return star && star->reach == StarNode::Reach::Below;
}

bool PathPattern::is_directory() const {
  const auto* literal = std::get_if<LiteralNode>(&nodes_.back().value);
  return literal && literal->bytes.back() == '/';
}

namespace {

// The instructions that are waiting for a byte, each once.
class ActiveSet {
 public:
  explicit ActiveSet(const PathProgram& program)
      : program_(&program), seen_(program.instructions.size(), 0) {}

  std::vector<std::uint32_t> items;

  void clear() {
    items.clear();
    ++round_;
  }

  void add(std::uint32_t instruction) {
    llvm::SmallVector<std::uint32_t, 8> pending = {instruction};
    while (!pending.empty()) {
      const std::uint32_t next = pending.pop_back_val();
      if (seen_[next] == round_) continue;
      seen_[next] = round_;
      const PathInstruction& step = program_->instructions[next];
      if (step.kind == PathInstruction::Kind::Fork) {
        pending.push_back(step.alternative);
        pending.push_back(step.next);
      } else {
        items.push_back(next);
      }
    }
  }

 private:
  const PathProgram* program_;  // the pattern's own; outlives the matching
  std::vector<std::uint32_t> seen_;
  std::uint32_t round_ = 1;
};

bool takes(const PathProgram& program, const PathInstruction& step, unsigned char byte) {
  switch (step.kind) {
    case PathInstruction::Kind::Byte:
      return step.byte == byte;
    case PathInstruction::Kind::Set:
      return program.sets[step.set][byte];
    case PathInstruction::Kind::Fork:
    case PathInstruction::Kind::Accept:
      return false;
  }
  return false;
}

bool run_program(const PathProgram& program, std::uint32_t start, llvm::StringRef text) {
  ActiveSet active(program);
  ActiveSet next(program);
  active.add(start);
  for (const char byte : text) {
    next.clear();
    for (const std::uint32_t item : active.items) {
      const PathInstruction& step = program.instructions[item];
      if (takes(program, step, static_cast<unsigned char>(byte))) next.add(step.next);
    }
    if (next.items.empty()) return false;
    std::swap(active, next);
  }
  return llvm::any_of(active.items, [&](std::uint32_t item) {
    return program.instructions[item].kind == PathInstruction::Kind::Accept;
  });
}

}  // namespace

bool PathPattern::matches(llvm::StringRef path) const {
  const llvm::StringRef prefix = literal_prefix();
  if (!path.starts_with(prefix)) return false;
  if (is_literal()) return path.size() == prefix.size();
  return run_program(program_, static_cast<std::uint32_t>(prefix.size()), path.drop_front(prefix.size()));
}

namespace {

// Collects sequences without alternatives; gives up beyond the limit.
class Expander {
 public:
  explicit Expander(std::size_t limit) : limit_(limit) {}

  bool expand(const PathSequence& nodes, std::vector<PathSequence>& results) const {
    results = {PathSequence{}};
    for (const PathNode& node : nodes) {
      if (!append_to_all(node, results)) return false;
    }
    return true;
  }

 private:
  bool append_to_all(const PathNode& node, std::vector<PathSequence>& results) const {
    const auto* alternatives = std::get_if<AlternativesNode>(&node.value);
    if (!alternatives) {
      for (PathSequence& result : results) append_node(result, node);
      return true;
    }
    std::vector<PathSequence> extended;
    for (const PathSequence& choice : alternatives->choices) {
      std::vector<PathSequence> endings;
      if (!expand(choice, endings) || extended.size() + endings.size() * results.size() > limit_)
        return false;
      for (const PathSequence& ending : endings) append_each(results, ending, extended);
    }
    results = std::move(extended);
    return true;
  }

  static void append_each(const std::vector<PathSequence>& beginnings, const PathSequence& ending,
                          std::vector<PathSequence>& results) {
    for (PathSequence sequence : beginnings) {
      for (const PathNode& node : ending) append_node(sequence, node);
      results.push_back(std::move(sequence));
    }
  }

  std::size_t limit_;
};

// The first star that would be printed with braces, because alone it would have to match at least one byte.
std::optional<std::size_t> find_star_in_braces(const PathSequence& nodes) {
  for (std::size_t index = 1; index < nodes.size(); ++index) {
    const auto* before = std::get_if<LiteralNode>(&nodes[index - 1].value);
    if (!before || before->bytes.back() != '/' || !std::holds_alternative<StarNode>(nodes[index].value))
      continue;
    const auto* after =
        index + 1 < nodes.size() ? std::get_if<LiteralNode>(&nodes[index + 1].value) : nullptr;
    if (index + 1 == nodes.size() || (after && after->bytes.front() == '/')) return index;
  }
  return std::nullopt;
}

// `/a/{*,}` is `/a/` and `/a/*`. What is lost of `/a/{**,}` are paths with two slashes, which do not exist.
std::pair<PathSequence, PathSequence> split_star(const PathSequence& nodes, std::size_t star) {
  PathSequence without;
  PathSequence with;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    if (index == star) append_node(with, {ClassNode{name_bytes()}});
    if (index != star) append_node(without, nodes[index]);
    append_node(with, nodes[index]);
  }
  return {std::move(without), std::move(with)};
}

}  // namespace

std::optional<llvm::SmallVector<PathPattern, 4>> PathPattern::expand_alternations(std::size_t limit) const {
  std::vector<PathSequence> pending;
  if (!Expander(limit).expand(nodes_, pending)) return std::nullopt;
  llvm::SmallVector<PathPattern, 4> patterns;
  while (!pending.empty()) {
    PathSequence nodes = std::move(pending.back());
    pending.pop_back();
    if (const std::optional<std::size_t> star = find_star_in_braces(nodes)) {
      auto [without, with] = split_star(nodes, *star);
      pending.push_back(std::move(without));
      pending.push_back(std::move(with));
    } else if (patterns.size() + pending.size() < limit) {
      patterns.push_back(PathPattern(std::move(nodes)));
    } else {
      return std::nullopt;
    }
  }
  llvm::sort(patterns);
  patterns.erase(llvm::unique(patterns), patterns.end());
  return patterns;
}

}  // namespace isola::ir
