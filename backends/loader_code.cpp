#include "backends/loader_code.h"

namespace isola::backends {

LoaderCode::BlockId LoaderCode::make(const Block& block) {
  const auto [place, is_new] = ids_.try_emplace(block, static_cast<BlockId>(blocks_.size()));
  if (is_new) {
    blocks_.push_back(block);
    is_placed_.push_back(false);
    reloads_.push_back(false);
  }
  return place->second;
}

LoaderCode::Block LoaderCode::block_of(const LoaderTree::Node& node, Loaded loaded) {
  const auto word = static_cast<std::uint8_t>(2 * node.index + (node.is_high ? 1 : 0));
  const bool is_equal = node.op == LoaderOperator::Equal || node.op == LoaderOperator::MaskedEqual;
  Block block{.op = is_equal ? LoaderOperator::Equal : node.op,
              .constant = node.datum,
              .needs = loaded,
              .leaves = loaded};
  if (loaded.word != word || (node.mask & loaded.mask) != node.mask) {
    block.loads = true;
    block.needs = {};
    block.leaves = {.word = word};
  }
  if (node.mask != block.leaves.mask) {
    block.masks = true;
    block.leaves.mask = node.mask;
  }
  return block;
}

LoaderCode::BlockId LoaderCode::target_of(const LoaderTree& tree, const LoaderTree::Outcome& outcome,
                                          BlockId next, Loaded loaded) {
  if (outcome.level != LoaderTree::kNone) return make_level(tree, outcome.level, next, loaded);
  return outcome.has_action ? make({.is_answer = true, .constant = outcome.action}) : next;
}

// `next`: where a call goes on that nothing on the level decides.
LoaderCode::BlockId LoaderCode::make_level(const LoaderTree& tree, LoaderTree::Id level, BlockId next,
                                           Loaded loaded) {
  std::vector<std::pair<LoaderTree::Id, Block>> row;
  for (LoaderTree::Id id = tree.first_of_level(level); id != LoaderTree::kNone; id = tree.node(id).next) {
    row.emplace_back(id, block_of(tree.node(id), loaded));
    loaded = row.back().second.leaves;
  }
  for (auto each = row.rbegin(); each != row.rend(); ++each) {
    auto& [id, block] = *each;
    block.holds = target_of(tree, tree.node(id).holds, next, block.leaves);
    block.fails = target_of(tree, tree.node(id).fails, next, block.leaves);
    next = make(block);
  }
  return next;
}

LoaderCode::BlockId LoaderCode::add(const LoaderTree& tree, bool loads_number) {
  if (tree.is_unconditional()) return make({.is_answer = true, .constant = tree.unconditional_action()});
  return make_level(tree, tree.root(), kDefault, loads_number ? Loaded{.word = kNumber} : Loaded{});
}

void LoaderCode::place_target(const Block& from, BlockId target) {
  if (target == kDefault || is_placed_[target]) return;
  is_placed_[target] = true;
  const Block& block = blocks_[target];
  reloads_[target] = block.needs.word != kNothing && from.leaves != block.needs;
  if (block.is_answer) return;
  place_target(block, block.holds);
  place_target(block, block.fails);
}

void LoaderCode::place(BlockId first) {
  place_target(Block{.leaves = {.word = kNumber}}, first);
}

std::optional<std::uint32_t> LoaderCode::answer(BlockId first, std::uint32_t number,
                                                const ir::Arguments& arguments) const {
  const auto word_of = [&](std::uint8_t word) {
    if (word == kNumber) return number;
    const std::uint64_t argument = arguments[word / 2];
    return static_cast<std::uint32_t>(word % 2 == 0 ? argument : argument >> 32);
  };
  std::uint32_t accumulator = number;
  for (BlockId id = first; id != kDefault;) {
    const Block& block = blocks_[id];
    if (block.is_answer) return block.constant;
    if (reloads_[id]) accumulator = word_of(block.needs.word) & block.needs.mask;
    if (block.loads) accumulator = word_of(block.leaves.word);
    if (block.masks) accumulator &= block.leaves.mask;
    const bool holds = block.op == LoaderOperator::Greater          ? accumulator > block.constant
                       : block.op == LoaderOperator::GreaterOrEqual ? accumulator >= block.constant
                                                                    : accumulator == block.constant;
    id = holds ? block.holds : block.fails;
  }
  return std::nullopt;
}

}  // namespace isola::backends
