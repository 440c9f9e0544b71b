// The code that libseccomp 2.5.4 makes of the trees of all calls of a filter, as far as its answers go.
//
// Each comparison of a tree becomes a block that loads an argument's word, cuts it to a mask and compares.
// Blocks that look alike are one, across calls and architectures. A block leaves the load out where the block
// before it on its level has that word loaded. It can also be reached from below that block, where another
// word is loaded; a load is then put in front, but only if the first jump that the code generator meets comes
// from there. Otherwise a stale word is compared, and which calls that hits depends on the order of
// everything. So the order is kept here, too.
//
// Source: libseccomp 2.5.4, src/gen_bpf.c, for the behaviour; held against the library by tests/oci.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "backends/loader_tree.h"
#include "compiler/ir/argument_condition.h"

namespace isola::backends {

class LoaderCode {
 public:
  using BlockId = std::uint32_t;

  // Adds what a call leads to. `loads_number`: the call's own code loads the number, so that it is known to
  // be loaded. Calls come in the reverse of the filter's order.
  BlockId add(const LoaderTree& tree, bool loads_number);
  // To be called with what `add` returned, in the same order, once all are added.
  void place(BlockId first);

  // Nothing: the filter's default.
  std::optional<std::uint32_t> answer(BlockId first, std::uint32_t number,
                                      const ir::Arguments& arguments) const;

 private:
  static constexpr BlockId kDefault = ~BlockId{0};
  // A word of the call, by argument and half; none of them is known to be loaded; the number is.
  static constexpr std::uint8_t kNothing = 0xff;
  static constexpr std::uint8_t kNumber = 0xfe;

  struct Loaded {
    std::uint8_t word = kNothing;
    std::uint32_t mask = 0xffffffff;
    friend auto operator<=>(const Loaded&, const Loaded&) = default;
  };
  struct Block {
    bool is_answer = false;  // `constant`, and nothing else
    bool loads = false;
    bool masks = false;
    LoaderOperator op{};  // MaskedEqual is Equal here
    std::uint32_t constant = 0;
    Loaded needs;   // nothing, when it loads by itself
    Loaded leaves;  // for the blocks after it
    BlockId holds = kDefault, fails = kDefault;
    friend auto operator<=>(const Block&, const Block&) = default;
  };

  BlockId make(const Block& block);
  BlockId make_level(const LoaderTree& tree, LoaderTree::Id level, BlockId next, Loaded loaded);
  BlockId target_of(const LoaderTree& tree, const LoaderTree::Outcome& outcome, BlockId next, Loaded loaded);
  static Block block_of(const LoaderTree::Node& node, Loaded loaded);
  void place_target(const Block& from, BlockId target);

  std::vector<Block> blocks_;
  std::map<Block, BlockId> ids_;
  std::vector<bool> is_placed_;
  std::vector<bool> reloads_;  // in front of the block what it needs is loaded
};

}  // namespace isola::backends
