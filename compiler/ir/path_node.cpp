// Keeps sequences of pattern nodes normal and turns them into programs.
//
// Normal form is what makes canonical text canonical: whatever way a sequence was put together, the same
// nodes in the same order come out.

#include "compiler/ir/path_node.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "compiler/base/match.h"

namespace isola::ir {

const ByteSet& path_bytes() {
  static const ByteSet bytes = ByteSet().set().reset(0);
  return bytes;
}

const ByteSet& name_bytes() {
  static const ByteSet bytes = ByteSet().set().reset(0).reset('/');
  return bytes;
}

namespace {

void append_literal(PathSequence& nodes, const LiteralNode& literal) {
  if (literal.bytes.empty()) return;
  auto* last = nodes.empty() ? nullptr : std::get_if<LiteralNode>(&nodes.back().value);
  if (last) {
    last->bytes += literal.bytes;
  } else {
    nodes.push_back({literal});
  }
}

void append_class(PathSequence& nodes, const ClassNode& node) {
  if (node.bytes.count() > 1) {
    nodes.push_back({node});
    return;
  }
  for (unsigned byte = 1; byte < 256; ++byte) {
    if (node.bytes[byte]) append_literal(nodes, {std::string(1, static_cast<char>(byte))});
  }
}

void append_star(PathSequence& nodes, StarNode star) {
  auto* last = nodes.empty() ? nullptr : std::get_if<StarNode>(&nodes.back().value);
  if (!last) {
    nodes.push_back({star});
  } else if (star.reach == StarNode::Reach::Below) {
    last->reach = StarNode::Reach::Below;
  }
}

bool is_star(const PathSequence& nodes) {
  return nodes.size() == 1 && std::holds_alternative<StarNode>(nodes.front().value);
}

void append_alternatives(PathSequence& nodes, AlternativesNode node) {
  // Sorted by text: any fixed order would do, this one reads well.
  std::vector<std::pair<std::string, PathSequence>> choices;
  for (PathSequence& choice : node.choices) {
    std::string text = print_pattern(choice);
    choices.emplace_back(std::move(text), std::move(choice));
  }
  llvm::sort(choices, llvm::less_first());
  choices.erase(std::unique(choices.begin(), choices.end(),
                            [](const auto& a, const auto& b) { return a.first == b.first; }),
                choices.end());
  // `{*,}` is `*`: the empty alternative adds nothing to a star. It is the first, being the shortest text.
  const bool has_star = llvm::any_of(choices, [](const auto& choice) { return is_star(choice.second); });
  if (has_star && choices.front().second.empty()) choices.erase(choices.begin());
  if (choices.size() == 1) {
    for (PathNode& inner : choices.front().second) append_node(nodes, std::move(inner));
    return;
  }
  node.choices.clear();
  for (auto& [text, choice] : choices) node.choices.push_back(std::move(choice));
  nodes.push_back({std::move(node)});
}

// Emits instructions so that each one's `next` is the instruction after what it stands for.
class ProgramCompiler {
 public:
  PathProgram program;

  void compile(const PathSequence& nodes) {
    for (const PathNode& node : nodes) {
      std::visit(Match{
                     [&](const LiteralNode& literal) {
                       for (const char byte : literal.bytes) emit_byte(byte);
                     },
                     [&](const ClassNode& set) { emit_set(set.bytes, here() + 1); },
                     [&](const StarNode& star) { compile_star(star); },
                     [&](const AlternativesNode& alternatives) { compile_alternatives(alternatives); },
                 },
                 node.value);
    }
  }

  void accept() { program.instructions.push_back({.kind = PathInstruction::Kind::Accept}); }

 private:
  std::uint32_t here() const { return static_cast<std::uint32_t>(program.instructions.size()); }

  void emit_byte(char byte) {
    program.instructions.push_back(
        {.kind = PathInstruction::Kind::Byte, .byte = static_cast<std::uint8_t>(byte), .next = here() + 1});
  }

  void emit_set(const ByteSet& bytes, std::uint32_t next) {
    const auto [found, is_new] =
        set_numbers_.try_emplace(bytes, static_cast<std::uint32_t>(program.sets.size()));
    if (is_new) program.sets.push_back(bytes);
    program.instructions.push_back({.kind = PathInstruction::Kind::Set, .set = found->second, .next = next});
  }

  //   fork -> body, out
  //   body -> fork
  void compile_star(const StarNode& star) {
    const std::uint32_t fork = here();
    program.instructions.push_back(
        {.kind = PathInstruction::Kind::Fork, .next = fork + 1, .alternative = fork + 2});
    emit_set(star.reach == StarNode::Reach::Below ? path_bytes() : name_bytes(), fork);
  }

  //   fork -> choice 1 ... jump out;  fork -> choice 2 ... jump out;  last choice;  out
  void compile_alternatives(const AlternativesNode& alternatives) {
    std::vector<std::uint32_t> jumps;
    for (std::size_t index = 0; index < alternatives.choices.size(); ++index) {
      const bool is_last = index + 1 == alternatives.choices.size();
      const std::uint32_t fork = here();
      if (!is_last) program.instructions.push_back({.kind = PathInstruction::Kind::Fork, .next = fork + 1});
      compile(alternatives.choices[index]);
      if (is_last) break;
      jumps.push_back(here());
      program.instructions.push_back({.kind = PathInstruction::Kind::Fork});
      program.instructions[fork].alternative = here();
    }
    for (const std::uint32_t jump : jumps) {
      program.instructions[jump].next = program.instructions[jump].alternative = here();
    }
  }

  std::unordered_map<ByteSet, std::uint32_t> set_numbers_;  // looked up only, never walked
};

}  // namespace

void append_node(PathSequence& nodes, PathNode node) {
  std::visit(Match{
                 [&](LiteralNode& literal) { append_literal(nodes, literal); },
                 [&](ClassNode& set) { append_class(nodes, set); },
                 [&](StarNode& star) { append_star(nodes, star); },
                 [&](AlternativesNode& alternatives) { append_alternatives(nodes, std::move(alternatives)); },
             },
             node.value);
}

PathProgram compile_program(const PathSequence& nodes) {
  ProgramCompiler compiler;
  compiler.compile(nodes);
  compiler.accept();
  return std::move(compiler.program);
}

}  // namespace isola::ir
