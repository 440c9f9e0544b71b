#include "backends/loader_tree.h"

#include <optional>
#include <tuple>

namespace isola::backends {

// ---- a rule as nodes

static std::uint32_t upper(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
static std::uint32_t lower(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}

static bool is_ordered(LoaderOperator op) {
  return op == LoaderOperator::Less || op == LoaderOperator::LessOrEqual || op == LoaderOperator::Greater ||
         op == LoaderOperator::GreaterOrEqual;
}

// Operators that are written as their opposite: what fails is what the rule wants.
static bool is_inverted(LoaderOperator op) {
  return op == LoaderOperator::NotEqual || op == LoaderOperator::Less || op == LoaderOperator::LessOrEqual;
}

static LoaderOperator without_inversion(LoaderOperator op) {
  if (op == LoaderOperator::NotEqual) return LoaderOperator::Equal;
  if (op == LoaderOperator::Less) return LoaderOperator::GreaterOrEqual;
  if (op == LoaderOperator::LessOrEqual) return LoaderOperator::Greater;
  return op;
}

// A masked comparison of no bits is left out.
static bool looks_at_nothing(const LoaderTest& test, LoaderWidth width) {
  if (test.op != LoaderOperator::MaskedEqual) return false;
  return width == LoaderWidth::Bits32 ? lower(test.mask) == 0 : test.mask == 0;
}

LoaderTree::Id LoaderTree::make_node(const LoaderTest& test, bool is_high, LoaderOperator op) {
  Node node{.index = test.index,
            .is_high = is_high,
            .op = op,
            .written = test.op,
            .mask = is_high ? upper(test.mask) : lower(test.mask),
            .datum = is_high ? upper(test.datum) : lower(test.datum),
            .whole_datum = test.datum};
  node.datum &= node.mask;
  nodes_.push_back(node);
  return static_cast<Id>(nodes_.size() - 1);
}

//   32 bits      one node
//   equal        upper == datum  --holds-->  lower == datum
//   ordered      upper > datum   --fails-->  upper == datum  --holds-->  lower > datum
LoaderTree::Part LoaderTree::make_part(const LoaderTest& test) {
  const LoaderOperator op = without_inversion(test.op);
  Part part{.written = test.op};
  if (width_ == LoaderWidth::Bits32) {
    part.nodes[0] = make_node(test, false, op);
    return part;
  }
  if (!is_ordered(test.op)) {
    part.nodes[0] = make_node(test, true, op);
    part.nodes[1] = make_node(test, false, op);
    nodes_[part.nodes[0]].holds.level = get(part.nodes[1]);
    return part;
  }
  part.nodes[0] = make_node(test, true, LoaderOperator::Greater);
  part.nodes[1] = make_node(test, true, LoaderOperator::Equal);
  part.nodes[2] = make_node(test, false, op);
  nodes_[part.nodes[0]].fails.level = get(part.nodes[1]);
  nodes_[part.nodes[1]].holds.level = get(part.nodes[2]);
  return part;
}

std::vector<LoaderTree::Outcome*> LoaderTree::exits(const Part& part) {
  const auto node = [&](int at) -> Node& { return nodes_[part.nodes[at]]; };
  const bool inverted = is_inverted(part.written);
  if (width_ == LoaderWidth::Bits32) return {inverted ? &node(0).fails : &node(0).holds};
  if (is_ordered(part.written)) {
    if (inverted) return {&node(1).fails, &node(2).fails};
    return {&node(0).holds, &node(2).holds};
  }
  if (inverted) return {&node(0).fails, &node(1).fails};
  return {&node(1).holds};
}

LoaderTree::Id LoaderTree::make_rule(llvm::ArrayRef<LoaderTest> tests, std::uint32_t action) {
  Id first = kNone;
  std::optional<Part> last;
  for (const LoaderTest& test : tests) {
    if (looks_at_nothing(test, width_)) continue;
    const Part part = make_part(test);
    if (last) {
      for (Outcome* exit : exits(*last)) exit->level = get(part.nodes[0]);
    } else {
      first = get(part.nodes[0]);
    }
    last = part;
  }
  if (last) {
    for (Outcome* exit : exits(*last)) *exit = {.has_action = true, .action = action};
  }
  return first;
}

// ---- references: a node goes when nothing refers to it, and takes what hangs below with it

LoaderTree::Id LoaderTree::get(Id id) {
  if (id != kNone) ++nodes_[id].references;
  return id;
}

// Returns how many nodes went. `id` becomes a neighbour when its node goes.
unsigned LoaderTree::put(Id& id) {
  if (id == kNone) return 0;
  const Id gone = id;
  if (nodes_[gone].references == 0) {
    // libseccomp works on memory that it has given back.
    is_lost_ = true;
    id = kNone;
    return 0;
  }
  if (--nodes_[gone].references > 0) return 0;
  unsigned count = 0;
  Id before = nodes_[gone].previous;
  Id after = nodes_[gone].next;
  if (before != kNone) nodes_[before].next = kNone;
  if (after != kNone) nodes_[after].previous = kNone;
  count += put(before);
  count += put(after);
  if (before != kNone) nodes_[before].next = get(after);
  if (after != kNone) nodes_[after].previous = get(before);
  id = before != kNone ? before : after;
  Id holds = nodes_[gone].holds.level;
  Id fails = nodes_[gone].fails.level;
  count += put_level(holds);
  count += put_level(fails);
  return count + 1;
}

unsigned LoaderTree::put_level(Id& id) {
  unsigned count = put(id);
  if (id != kNone) count += clean_level(id);
  return count;
}

// A level that leads back to itself has no first node; is_lost says so later.
LoaderTree::Id LoaderTree::first_of_level(Id id) const {
  for (std::size_t steps = 0; nodes_[id].previous != kNone && steps <= nodes_.size(); ++steps)
    id = nodes_[id].previous;
  return id;
}

bool LoaderTree::is_lost() const {
  const auto is_circle = [&](Id from) {
    std::size_t steps = 0;
    for (Id id = from; id != kNone; id = nodes_[id].previous) {
      if (++steps > nodes_.size()) return true;
    }
    return false;
  };
  if (is_lost_) return true;
  for (Id id = 0; id < nodes_.size(); ++id) {
    if (nodes_[id].references > 0 && is_circle(id)) return true;
  }
  return false;
}

// Drops a whole level that nothing but its own neighbours refers to.
unsigned LoaderTree::clean_level(Id id) {
  const Id first = first_of_level(id);
  std::size_t length = 0;
  for (Id each = first; each != kNone; each = nodes_[each].next) {
    if (++length > nodes_.size()) {
      // A level that leads back to itself: libseccomp has linked a node twice, and would not come back.
      is_lost_ = true;
      return 0;
    }
    const Node& node = nodes_[each];
    const unsigned links = (node.previous != kNone ? 1U : 0U) + (node.next != kNone ? 1U : 0U);
    if (node.references > links) return 0;
  }
  unsigned count = 0;
  for (Id each = first; each != kNone;) count += put(each);
  return count;
}

// ---- order and equality

static int priority_of(LoaderOperator op) {
  switch (op) {
    case LoaderOperator::MaskedEqual:
    case LoaderOperator::Equal:
    case LoaderOperator::NotEqual:
      return 3;
    case LoaderOperator::LessOrEqual:
    case LoaderOperator::Less:
      return 2;
    case LoaderOperator::GreaterOrEqual:
    case LoaderOperator::Greater:
      return 1;
  }
  return 0;
}

// "Before" in the sense of the tree: nodes stand in falling order on a level.
bool LoaderTree::is_before(const Node& a, const Node& b) const {
  const auto key = [](const Node& node) {
    return std::tuple(node.index, node.is_high, priority_of(node.written));
  };
  if (key(a) != key(b)) return key(a) < key(b);
  const bool is_less = a.written == LoaderOperator::Less || a.written == LoaderOperator::LessOrEqual;
  return is_less ? a.datum > b.datum : a.datum < b.datum;
}

bool LoaderTree::is_same(const Node& a, const Node& b) const {
  const auto key = [](const Node& node) {
    return std::tuple(node.index, node.is_high, node.op, node.datum, node.mask);
  };
  return key(a) == key(b);
}

// Whether every action of the level and below is this one.
bool LoaderTree::has_only(Id level, std::uint32_t action) const {
  if (level == kNone) return true;
  for (Id id = first_of_level(level); id != kNone; id = nodes_[id].next) {
    for (const Outcome* outcome : {&nodes_[id].holds, &nodes_[id].fails}) {
      if (outcome->has_action && outcome->action != action) return false;
      if (!has_only(outcome->level, action)) return false;
    }
  }
  return true;
}

// ---- a rule more

bool LoaderTree::add(llvm::ArrayRef<LoaderTest> tests, std::uint32_t action) {
  const std::size_t before = nodes_.size();
  Id added = make_rule(tests, action);
  const auto count = static_cast<std::uint32_t>(nodes_.size() - before);
  const auto start = [&] {
    root_ = added;
    unconditional_ = action;
    count_ = count;
  };
  if (is_empty_) {
    is_empty_ = false;
    start();
    return true;
  }
  if (root_ == kNone) return true;  // an earlier rule looks at no argument: it stays, whatever this one says
  if (added == kNone) {
    start();
    return true;
  }
  new_action_ = action;
  Overlay overlay;
  const unsigned removed = prune(root_, added, overlay);
  count_ -= removed;
  if (removed > 0 && root_ == kNone) {
    start();
    return true;
  }
  const bool is_superfluous = overlay.matches && overlay.is_old_finished && overlay.has_new_prefix;
  if (removed == 0 && is_superfluous) return true;
  if (!merge(root_, added)) return false;
  count_ += count;
  count_ -= put_level(added);
  return true;
}

}  // namespace isola::backends
