#include "compiler/ir/pattern_comparer.h"

#include "compiler/base/match.h"

namespace isola::ir {

namespace {

// What a comparison costs, in looks at a pattern; all comparisons of one comparer are about a third of a
// second. A policy of 300 rules needs less than a tenth of it.
constexpr std::size_t kMaxWork = 400'000;
constexpr std::size_t kWorkPerEdge = 2;

// A look at two patterns: more for longer ones.
std::size_t work_of_look(const PathPattern& first, const PathPattern& second) {
  constexpr std::size_t kInstructionsPerWork = 16;
  const std::size_t instructions = first.program().instructions.size() + second.program().instructions.size();
  return 1 + instructions / kInstructionsPerWork;
}

// Some path that the nodes match: first choices, `~` for a star. It need not be one that can exist.
void append_match(const PathSequence& nodes, std::string& path) {
  for (const PathNode& node : nodes) {
    std::visit(
        Match{
            [&](const LiteralNode& literal) { path += literal.bytes; },
            [&](const ClassNode& set) {
              // A byte that few other patterns ask for by name.
              unsigned byte = set.bytes['~'] ? '~' : 1;
              while (!set.bytes[byte]) ++byte;
              path += static_cast<char>(byte);
            },
            [&](const StarNode&) { path += '~'; },
            [&](const AlternativesNode& alternatives) { append_match(alternatives.choices.front(), path); },
        },
        node.value);
  }
}

std::string sample_of(const PathPattern& pattern) {
  std::string path;
  append_match(pattern.nodes(), path);
  return path;
}

bool have_one_beginning(const PathPattern& first, const PathPattern& second) {
  return first.literal_prefix().starts_with(second.literal_prefix()) ||
         second.literal_prefix().starts_with(first.literal_prefix());
}

// What every path of the pattern ends with; may be empty.
llvm::StringRef literal_ending(const PathPattern& pattern) {
  const auto* literal = std::get_if<LiteralNode>(&pattern.nodes().back().value);
  return literal == nullptr ? llvm::StringRef() : llvm::StringRef(literal->bytes);
}

bool have_one_ending(const PathPattern& first, const PathPattern& second) {
  return literal_ending(first).ends_with(literal_ending(second)) ||
         literal_ending(second).ends_with(literal_ending(first));
}

// How many slashes every path of the pattern has at least, and whether all have just so many.
struct Depth {
  std::size_t least = 0;
  bool is_exact = true;
};

Depth depth_of(const PathPattern& pattern) {
  Depth depth;
  for (const PathNode& node : pattern.nodes()) {
    std::visit(
        Match{
            [&](const LiteralNode& literal) { depth.least += llvm::StringRef(literal.bytes).count('/'); },
            [&](const ClassNode& set) { depth.is_exact &= !set.bytes['/']; },
            [&](const StarNode& star) { depth.is_exact &= star.reach == StarNode::Reach::Name; },
            [&](const AlternativesNode&) { depth.is_exact = false; },
        },
        node.value);
  }
  return depth;
}

// `/*.conf` and `/etc/**`.
bool have_one_depth(const PathPattern& first, const PathPattern& second) {
  const Depth left = depth_of(first);
  const Depth right = depth_of(second);
  return !(left.is_exact && left.least < right.least) && !(right.is_exact && right.least < left.least);
}

// `/a/**` and a pattern whose paths all lie deeper in `/a/`.
bool is_below(const PathPattern& outer, const PathPattern& inner) {
  const llvm::StringRef prefix = outer.literal_prefix();
  const PathSequence& nodes = outer.nodes();
  const bool is_whole_directory = nodes.size() == 3 && prefix.ends_with("/") && outer.is_recursive() &&
                                  nodes[1] == PathNode{ClassNode{name_bytes()}};
  return is_whole_directory && inner.literal_prefix().size() > prefix.size() &&
         inner.literal_prefix().starts_with(prefix);
}

// Nothing where only automata can tell.
std::optional<bool> contains_at_sight(const PathPattern& outer, const PathPattern& inner) {
  if (outer == inner || is_below(outer, inner)) return true;
  if (inner.is_literal()) return outer.matches(inner.literal_prefix()) || !can_exist(inner.literal_prefix());
  const std::string sample = sample_of(inner);
  if (can_exist(sample) && !outer.matches(sample) && inner.matches(sample)) return false;
  return std::nullopt;
}

std::optional<bool> overlap_at_sight(const PathPattern& first, const PathPattern& second) {
  if (!have_one_beginning(first, second) || !have_one_ending(first, second)) return false;
  if (first.is_literal()) return can_exist(first.literal_prefix()) && second.matches(first.literal_prefix());
  if (second.is_literal())
    return can_exist(second.literal_prefix()) && first.matches(second.literal_prefix());
  if (!have_one_depth(first, second)) return false;
  for (const PathPattern* one : {&first, &second}) {
    const std::string sample = sample_of(*one);
    if (can_exist(sample) && first.matches(sample) && second.matches(sample)) return true;
  }
  return std::nullopt;
}

}  // namespace

bool PatternComparer::is_spent() const {
  return work_ > kMaxWork;
}

const PathLanguage& PatternComparer::language_of(const PathPattern& pattern) {
  const auto [place, is_new] = languages_.try_emplace(pattern.text());
  if (is_new) {
    place->second = PathLanguage::of(pattern);
    work_ += kWorkPerEdge * place->second.automaton().edges.size();
  }
  work_ += place->second.automaton().states.size();
  return place->second;
}

const std::optional<PathPattern>& PatternComparer::parse(const std::string& text) {
  const auto [place, is_new] = parsed_.try_emplace(text);
  if (!is_new) return place->second;
  std::variant<PathPattern, PatternError> parsed = PathPattern::parse(text);
  if (auto* pattern = std::get_if<PathPattern>(&parsed)) place->second = std::move(*pattern);
  return place->second;
}

bool PatternComparer::contains(const PathPattern& outer, const PathPattern& inner) {
  if (is_spent()) return false;
  work_ += work_of_look(outer, inner);
  if (const auto known = contains_at_sight(outer, inner)) return *known;
  const PathLanguage& narrow = language_of(inner);
  // The prefix of `inner` is that of none of its paths only if it has no path.
  if (!have_one_beginning(outer, inner)) return narrow.is_empty();
  return language_of(outer).contains(narrow);
}

bool PatternComparer::overlap(const PathPattern& first, const PathPattern& second) {
  if (is_spent()) return true;
  work_ += work_of_look(first, second);
  if (const auto known = overlap_at_sight(first, second)) return *known;
  const PathLanguage& left = language_of(first);
  return left.overlaps(language_of(second));
}

void PatternIndex::add(const PathPattern& pattern, std::size_t item) {
  const std::string prefix = pattern.literal_prefix().str();
  (pattern.is_literal() ? literals_ : by_prefix_[prefix.size()])[prefix].push_back(item);
}

std::vector<std::size_t> PatternIndex::possible_containers(const PathPattern& inner) const {
  std::vector<std::size_t> items;
  const llvm::StringRef prefix = inner.literal_prefix();
  const auto take = [&](const std::map<std::string, std::vector<std::size_t>>& from, llvm::StringRef key) {
    const auto found = from.find(key.str());
    if (found != from.end()) items.insert(items.end(), found->second.begin(), found->second.end());
  };
  for (const auto& [length, patterns] : by_prefix_) {
    if (length > prefix.size()) break;
    take(patterns, prefix.take_front(length));
  }
  if (inner.is_literal()) take(literals_, prefix);
  return items;
}

bool patterns_overlap(const PathPattern& first, const PathPattern& second) {
  return PatternComparer().overlap(first, second);
}

bool pattern_contains(const PathPattern& outer, const PathPattern& inner) {
  return PatternComparer().contains(outer, inner);
}

}  // namespace isola::ir
