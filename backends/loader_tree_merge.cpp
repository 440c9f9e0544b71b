// Working a rule into the tree: what it makes superfluous goes, what is there already is shared.

#include "backends/loader_tree.h"

namespace isola::backends {

// ---- laying a rule over the tree: what it makes superfluous, and whether it is superfluous itself

void LoaderTree::Overlay::add(const Overlay& other) {
  matches |= other.matches;
  has_matched |= other.has_matched;
  is_old_finished |= other.is_old_finished;
  is_new_finished |= other.is_new_finished;
  has_old_prefix |= other.has_old_prefix;
  has_new_prefix |= other.has_new_prefix;
}

// Returns how many nodes went.
unsigned LoaderTree::prune(Id old_level, Id added, Overlay& overlay) {
  unsigned removed = 0;
  Overlay found = overlay;
  const bool is_broken = overlay.has_matched && !overlay.matches;
  Step step = Step::Stop;
  if (old_level != kNone && added != kNone && !is_broken) {
    step = Step::Next;
    for (Id each = first_of_level(old_level); each != kNone && step == Step::Next;) {
      const Id next = nodes_[each].next;
      if (is_same(nodes_[each], nodes_[added])) {
        step = prune_same(each, added, overlay, found, removed);
      } else if (is_before(nodes_[each], nodes_[added])) {
        step = prune_below_old(each, added, overlay, found, removed);
      } else {
        step = prune_below_new(each, added, overlay, found, removed);
      }
      each = next;
    }
    if (step == Step::Next) found.matches = false;
  }
  if (found.matches) {
    overlay.add(found);
  } else {
    overlay.matches = false;
  }
  return removed;
}

LoaderTree::Step LoaderTree::prune_same(Id& old_node, Id added, const Overlay& overlay, Overlay& found,
                                        unsigned& removed) {
  found.set_match();
  if (nodes_[added].is_leaf()) found.is_new_finished = true;
  if (nodes_[old_node].is_leaf()) found.is_old_finished = true;
  for (Outcome Node::* side : {&Node::holds, &Node::fails}) {
    if ((nodes_[old_node].*side).leads_on() && !(nodes_[added].*side).leads_on()) return Step::Stop;
  }
  if (found.is_new_finished && found.is_old_finished) {
    for (Outcome Node::* side : {&Node::holds, &Node::fails}) {
      const Outcome& ours = nodes_[old_node].*side;
      const Outcome& theirs = nodes_[added].*side;
      if (ours.has_action != theirs.has_action || ours.action != theirs.action) return Step::Stop;
    }
  }
  for (Outcome Node::* side : {&Node::holds, &Node::fails}) {
    const Id below = (nodes_[added].*side).level;
    if (below == kNone) continue;
    get(old_node);
    Overlay nested = overlay;
    nested.set_match();
    removed += prune((nodes_[old_node].*side).level, below, nested);
    removed += put(old_node);
    if (nested.matches) found.add(nested);
    if (old_node == kNone) return Step::Next;
  }
  if (!found.matches || !has_only(old_node, new_action_)) return Step::Next;
  if (found.is_new_finished && found.has_old_prefix) {
    removed += remove(root_, old_node);
    return root_ == kNone ? Step::Stop : Step::Next;
  }
  return found.is_old_finished && found.has_new_prefix ? Step::Stop : Step::Next;
}

// The tree looks at something that the rule does not: the rule may match below.
LoaderTree::Step LoaderTree::prune_below_old(Id& old_node, Id added, const Overlay& overlay, Overlay& found,
                                             unsigned& removed) {
  if (overlay.has_new_prefix) return Step::Stop;
  for (Outcome Node::* side : {&Node::holds, &Node::fails}) {
    const Id below = (nodes_[old_node].*side).level;
    if (below == kNone) continue;
    get(old_node);
    Overlay nested = overlay;
    nested.matches = false;
    nested.has_old_prefix = true;
    removed += prune(below, added, nested);
    removed += put(old_node);
    if (nested.matches) {
      found.add(nested);
      return Step::Stop;
    }
    if (old_node == kNone) return Step::Next;
  }
  return Step::Next;
}

// The rule looks at something that the tree does not.
LoaderTree::Step LoaderTree::prune_below_new(Id& old_node, Id added, const Overlay& overlay, Overlay& found,
                                             unsigned& removed) {
  if (overlay.has_old_prefix) return Step::Stop;
  for (Outcome Node::* side : {&Node::holds, &Node::fails}) {
    const Id below = (nodes_[added].*side).level;
    if (below == kNone) continue;
    get(old_node);
    Overlay nested = overlay;
    nested.matches = false;
    nested.has_new_prefix = true;
    removed += prune(old_node, below, nested);
    removed += put(old_node);
    if (nested.matches) {
      found.add(nested);
      return Step::Stop;
    }
    if (old_node == kNone) return Step::Next;
  }
  return Step::Next;
}

// Takes a node out of the tree below `slot`, and what is left empty by that. Returns how many nodes went:
// none while something still refers to the node.
unsigned LoaderTree::remove(Id& slot, Id node) {
  if (slot == kNone || node == kNone) return 0;
  unsigned count = 0;
  for (Id each = first_of_level(slot); each != kNone && count == 0; each = nodes_[each].next) {
    if (each == node) return unlink(slot, each);
    Id below = nodes_[each].holds.level;
    count += remove(below, node);
    nodes_[each].holds.level = below;
    below = nodes_[each].fails.level;
    count += remove(below, node);
    nodes_[each].fails.level = below;
    const Node& left = nodes_[each];
    if (!left.holds.leads_on() && !left.fails.leads_on()) return count + unlink(slot, each);
  }
  return count;
}

unsigned LoaderTree::unlink(Id& slot, Id node) {
  Node& gone = nodes_[node];
  if (node == slot) slot = gone.previous != kNone ? gone.previous : gone.next;
  if (gone.previous != kNone) nodes_[gone.previous].next = gone.next;
  if (gone.next != kNone) nodes_[gone.next].previous = gone.previous;
  gone.previous = kNone;
  gone.next = kNone;
  Id id = node;
  return put(id);
}

// ---- working the rule in

bool LoaderTree::merge_outcome(Id old_node, Id added, bool of_holds) {
  Outcome Node::* side = of_holds ? &Node::holds : &Node::fails;
  const Outcome& theirs = nodes_[added].*side;
  Outcome& ours = nodes_[old_node].*side;
  if (!theirs.has_action) return true;
  if (!ours.has_action) {
    if (!has_only(ours.level, theirs.action)) return false;
    Id below = ours.level;
    count_ -= put(below);
    ours = {.has_action = true, .action = theirs.action};
    return true;
  }
  if (theirs.action == ours.action) return true;
  const Node& new_node = nodes_[added];
  Node& node = nodes_[old_node];
  const bool is_wider =
      of_holds ? new_node.whole_datum > node.whole_datum : new_node.whole_datum < node.whole_datum;
  // Of both sides it is the action for "holds" that changes.
  if (new_node.is_high && is_wider) node.holds.action = new_node.holds.action;
  return !node.is_leaf() && !new_node.is_leaf();
}

bool LoaderTree::merge_level(Id old_node, Id added, bool of_holds, bool& is_done) {
  Outcome Node::* side = of_holds ? &Node::holds : &Node::fails;
  const Id below = (nodes_[added].*side).level;
  if (below == kNone) return true;
  Outcome& ours = nodes_[old_node].*side;
  if (ours.level != kNone) {
    Id slot = ours.level;
    const bool is_good = merge(slot, below);
    (nodes_[old_node].*side).level = slot;
    return is_good;
  }
  if (ours.has_action) {
    is_done = true;
  } else {
    ours.level = get(below);
  }
  return true;
}

bool LoaderTree::merge_same(Id old_node, Id added) {
  if (!merge_outcome(old_node, added, true) || !merge_outcome(old_node, added, false)) return false;
  bool is_done = false;
  if (!merge_level(old_node, added, true, is_done)) return false;
  return is_done || merge_level(old_node, added, false, is_done);
}

void LoaderTree::insert_before(Id& slot, Id old_node, Id added) {
  const Id before = nodes_[old_node].previous;
  if (before != kNone) {
    nodes_[before].next = get(added);
    nodes_[added].previous = before;
    nodes_[old_node].previous = get(added);
    nodes_[added].next = old_node;
  } else {
    nodes_[old_node].previous = get(added);
    nodes_[added].next = get(old_node);
  }
  if (slot != old_node) return;
  slot = get(added);
  put(old_node);
}

// Starts at `slot` and not at the first node of its level.
bool LoaderTree::merge(Id& slot, Id added) {
  for (Id each = slot;;) {
    if (is_same(nodes_[each], nodes_[added])) return merge_same(each, added);
    if (is_before(nodes_[each], nodes_[added])) {
      insert_before(slot, each, added);
      return true;
    }
    if (nodes_[each].next == kNone) {
      nodes_[added].previous = get(each);
      nodes_[each].next = get(added);
      return true;
    }
    each = nodes_[each].next;
  }
}

}  // namespace isola::backends
