// The structure of a path pattern, and the small program that a matcher runs.
//
// Nodes keep what was written, so that a pattern can be printed, expanded and translated to another target's
// notation. The program is the same pattern as a nondeterministic automaton: one instruction per byte or set,
// forks in between. Both are made by path_pattern.cpp and are only read elsewhere.

#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace isola::ir {

// A set of byte values. INVARIANT: without 0, which no path holds.
using ByteSet = std::bitset<256>;

struct PathNode;
using PathSequence = std::vector<PathNode>;

struct LiteralNode {
  std::string bytes;  // never empty
  bool operator==(const LiteralNode&) const = default;
};

struct ClassNode {
  ByteSet bytes;  // `?` is every byte but `/`
  bool operator==(const ClassNode&) const = default;
};

// Zero or more bytes. `*` and `**` that are a whole path component match at least one byte, the first of them
// not `/`: those are two nodes, the class of `?` and a star.
// INVARIANT: no two stars are neighbours in a sequence.
struct StarNode {
  enum class Reach { Name, Below };  // `*`, `**`
  Reach reach{};
  bool operator==(const StarNode&) const = default;
};

struct AlternativesNode {
  std::vector<PathSequence> choices;  // two or more, sorted by text, no two equal
  bool operator==(const AlternativesNode& other) const;
};

struct PathNode {
  std::variant<LiteralNode, ClassNode, StarNode, AlternativesNode> value;
  bool operator==(const PathNode&) const = default;
};

inline bool AlternativesNode::operator==(const AlternativesNode& other) const {
  return choices == other.choices;
}

struct PathInstruction {
  enum class Kind : std::uint8_t { Byte, Set, Fork, Accept };
  Kind kind{};
  std::uint8_t byte = 0;          // Byte
  std::uint32_t set = 0;          // Set: index into PathProgram::sets
  std::uint32_t next = 0;         // all but Accept
  std::uint32_t alternative = 0;  // Fork
};

// Starts at instruction 0. The bytes of the literal prefix are the first instructions, in order.
struct PathProgram {
  std::vector<PathInstruction> instructions;
  std::vector<ByteSet> sets;
};

PathProgram compile_program(const PathSequence& nodes);

// `?`, and the step of `*`: every byte but NUL and `/`.
const ByteSet& name_bytes();

// The step of `**`: every byte but NUL.
const ByteSet& path_bytes();

// Adds a node to the end of `nodes` and keeps them normal: neighbouring literals and stars merge, a class of
// one byte is a literal, alternatives are sorted, and a single one is put in the place of its braces.
void append_node(PathSequence& nodes, PathNode node);

// Canonical text of a whole pattern.
std::string print_pattern(const PathSequence& nodes);

}  // namespace isola::ir
