// Minimisation by refining two partitions, of the states and of the transitions, until neither splits the
// other.
//
// Blocks of states that cannot be told apart are split by the transitions that lead to them, and blocks of
// transitions (at first: one for each class of bytes) by the states they lead to. Time is (transitions x log
// transitions), also for the long chains that literal paths are. The method is that of Valmari and Lehtinen,
// "Efficient minimization of DFAs with partial transition functions" (2008).

#include <llvm/ADT/STLExtras.h>

#include <array>
#include <bitset>
#include <utility>

#include "compiler/ir/path_automaton.h"

namespace isola::ir {

namespace {

struct Transition {
  std::uint32_t source = 0, label = 0, target = 0;
};

// Elements 0..n-1 in blocks. Marked elements of a block are kept in front of it; split() makes blocks of
// them.
class Partition {
 public:
  explicit Partition(std::size_t size) : elements_(size), location_(size), block_of_(size, 0) {
    for (std::size_t index = 0; index < size; ++index) elements_[index] = location_[index] = index;
    if (size > 0) blocks_.push_back({0, static_cast<std::uint32_t>(size), 0});
  }

  std::size_t block_count() const { return blocks_.size(); }
  std::uint32_t block_of(std::uint32_t element) const { return block_of_[element]; }
  llvm::ArrayRef<std::uint32_t> elements_of(std::size_t block) const {
    return llvm::ArrayRef(elements_).slice(blocks_[block].begin, blocks_[block].end - blocks_[block].begin);
  }

  void mark(std::uint32_t element) {
    Block& block = blocks_[block_of_[element]];
    const std::uint32_t front = block.begin + block.marked;
    if (location_[element] < front) return;
    if (block.marked == 0) touched_.push_back(block_of_[element]);
    std::swap(elements_[location_[element]], elements_[front]);
    location_[elements_[location_[element]]] = location_[element];
    location_[element] = front;
    ++block.marked;
  }

  // The smaller part of each touched block becomes a new block.
  void split() {
    for (const std::uint32_t number : touched_) {
      Block& block = blocks_[number];
      const std::uint32_t middle = block.begin + std::exchange(block.marked, 0);
      if (middle == block.end) continue;
      const bool front_is_smaller = middle - block.begin <= block.end - middle;
      const Block part = front_is_smaller ? Block{block.begin, middle, 0} : Block{middle, block.end, 0};
      (front_is_smaller ? block.begin : block.end) = middle;
      for (std::uint32_t index = part.begin; index < part.end; ++index) {
        block_of_[elements_[index]] = static_cast<std::uint32_t>(blocks_.size());
      }
      blocks_.push_back(part);
    }
    touched_.clear();
  }

 private:
  struct Block {
    std::uint32_t begin = 0, end = 0, marked = 0;
  };
  std::vector<std::uint32_t> elements_, location_, block_of_;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> touched_;
};

// Lists of numbers, one for each of `count` keys, in one vector.
class Buckets {
 public:
  template <typename KeyOf>
  Buckets(std::size_t count, llvm::ArrayRef<Transition> transitions, KeyOf key_of)
      : begin_(count + 1, 0), items_(transitions.size()) {
    for (const Transition& transition : transitions) ++begin_[key_of(transition) + 1];
    for (std::size_t key = 0; key < count; ++key) begin_[key + 1] += begin_[key];
    std::vector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
    for (std::size_t index = 0; index < transitions.size(); ++index) {
      items_[next[key_of(transitions[index])]++] = static_cast<std::uint32_t>(index);
    }
  }

  llvm::ArrayRef<std::uint32_t> of(std::uint32_t key) const {
    return llvm::ArrayRef(items_).slice(begin_[key], begin_[key + 1] - begin_[key]);
  }

 private:
  std::vector<std::uint32_t> begin_, items_;
};

// Bytes that no edge tells apart share a label.
struct Labels {
  std::array<std::uint32_t, 256> of_byte{};
  std::uint32_t count = 0;
};

Labels label_bytes(const Automaton& automaton) {
  std::bitset<256> ends;
  for (const Automaton::Edge& edge : automaton.edges) ends.set(edge.last);
  Labels labels;
  for (unsigned byte = 0; byte < 256; ++byte) {
    labels.of_byte[byte] = labels.count;
    labels.count += ends[byte];
  }
  return labels;
}

// States from which no accepting one is reached become state 0.
std::vector<bool> find_useful(const Automaton& automaton) {
  std::vector<Transition> edges;
  for (std::uint32_t state = 1; state < automaton.states.size(); ++state) {
    for (const Automaton::Edge& edge : automaton.edges_of(state)) edges.push_back({state, 0, edge.target});
  }
  const Buckets incoming(automaton.states.size(), edges, [](const Transition& edge) { return edge.target; });
  std::vector<bool> useful(automaton.states.size(), false);
  std::vector<std::uint32_t> pending;
  for (std::uint32_t state = 1; state < automaton.states.size(); ++state) {
    if (automaton.states[state].accepting) pending.push_back(state);
  }
  for (const std::uint32_t state : pending) useful[state] = true;
  while (!pending.empty()) {
    const std::uint32_t state = pending.back();
    pending.pop_back();
    for (const std::uint32_t index : incoming.of(state)) {
      const std::uint32_t source = edges[index].source;
      if (useful[source]) continue;
      useful[source] = true;
      pending.push_back(source);
    }
  }
  return useful;
}

std::vector<Transition> list_transitions(const Automaton& automaton, const std::vector<bool>& useful,
                                         const Labels& labels) {
  std::vector<Transition> transitions;
  for (std::uint32_t state = 1; state < automaton.states.size(); ++state) {
    if (!useful[state]) continue;
    std::uint32_t label = 0;
    for (const Automaton::Edge& edge : automaton.edges_of(state)) {
      const std::uint32_t end = labels.of_byte[edge.last] + 1;
      for (; label < end; ++label) {
        if (useful[edge.target]) transitions.push_back({state, label, edge.target});
      }
    }
  }
  return transitions;
}

void split_by_label(Partition& partition, llvm::ArrayRef<Transition> transitions, const Labels& labels) {
  const Buckets by_label(labels.count, transitions,
                         [](const Transition& transition) { return transition.label; });
  for (std::uint32_t label = 0; label < labels.count; ++label) {
    for (const std::uint32_t index : by_label.of(label)) partition.mark(index);
    partition.split();
  }
}

Partition refine(const Automaton& automaton, const std::vector<bool>& useful) {
  const Labels labels = label_bytes(automaton);
  const std::vector<Transition> transitions = list_transitions(automaton, useful, labels);
  const Buckets incoming(automaton.states.size(), transitions,
                         [](const Transition& step) { return step.target; });
  Partition states(automaton.states.size());
  for (std::uint32_t state = 0; state < automaton.states.size(); ++state) {
    if (automaton.states[state].accepting) states.mark(state);
  }
  states.split();
  for (std::uint32_t state = 0; state < automaton.states.size(); ++state) {
    if (!useful[state]) states.mark(state);
  }
  states.split();
  Partition cords(transitions.size());
  split_by_label(cords, transitions, labels);
  std::size_t next_states = 1;
  for (std::size_t cord = 0; cord < cords.block_count(); ++cord) {
    for (const std::uint32_t index : cords.elements_of(cord)) states.mark(transitions[index].source);
    states.split();
    for (; next_states < states.block_count(); ++next_states) {
      for (const std::uint32_t state : states.elements_of(next_states)) {
        for (const std::uint32_t index : incoming.of(state)) cords.mark(index);
      }
      cords.split();
    }
  }
  return states;
}

// One state for each block, numbered in the order in which they are reached.
Automaton rebuild(const Automaton& automaton, const Partition& blocks, const std::vector<bool>& useful) {
  Automaton result;
  result.add_state(false);
  result.add_edge(255, 0);
  std::vector<std::uint32_t> number_of(blocks.block_count(), 0);
  std::vector<std::uint32_t> representatives;
  const auto number = [&](std::uint32_t state) -> std::uint32_t {
    if (!useful[state]) return 0;
    std::uint32_t& number = number_of[blocks.block_of(state)];
    if (number == 0) {
      representatives.push_back(state);
      number = static_cast<std::uint32_t>(representatives.size());
    }
    return number;
  };
  result.start = number(automaton.start);
  for (std::size_t index = 0; index < representatives.size(); ++index) {
    result.add_state(automaton.states[representatives[index]].accepting);
    for (const Automaton::Edge& edge : automaton.edges_of(representatives[index])) {
      result.add_edge(edge.last, number(edge.target));
    }
  }
  return result;
}

}  // namespace

Automaton minimise(const Automaton& automaton) {
  const std::vector<bool> useful = find_useful(automaton);
  return rebuild(automaton, refine(automaton, useful), useful);
}

}  // namespace isola::ir
