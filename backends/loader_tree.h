// How libseccomp 2.5.4 arranges the rules of one system call on one architecture.
//
// libseccomp does not keep rules. It keeps a tree of 32-bit comparisons and works each new rule into it:
// parts that are there already are shared, a narrower rule of the same action is dropped, and comparisons of
// one level stand in an order of their own, first match first. For disjoint rules that is what was written.
// Where rules overlap it need not be, so what a runtime installs can only be told by doing the same. This
// does the same, step by step, whatever the rules mean: a mistake of libseccomp is a mistake here.
//
// Source: libseccomp 2.5.4, src/db.c, for the behaviour; held against the library itself by tests/oci and
// against runc and crun by tests/enforcement.
//
// Not here: the filter that is made of it (loader_code.h), names and architectures (oci_loader.h).

#pragma once

#include <llvm/ADT/ArrayRef.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace isola::backends {

enum class LoaderOperator : std::uint8_t {
  NotEqual,
  Less,
  LessOrEqual,
  Equal,
  GreaterOrEqual,
  Greater,
  MaskedEqual
};

// One comparison of a rule. Other operators than MaskedEqual have a mask of all ones.
struct LoaderTest {
  std::uint8_t index = 0;
  LoaderOperator op{};
  std::uint64_t mask = 0;
  std::uint64_t datum = 0;
};

enum class LoaderWidth : std::uint8_t { Bits32, Bits64 };

class LoaderTree {
 public:
  // The width of the architecture's registers as libseccomp sees them: 32 for x32, too.
  explicit LoaderTree(LoaderWidth width) : width_(width) {}

  // `tests`: by index, each argument at most once. False when libseccomp refuses the rule: it contradicts one
  // that is there. `action` is a SECCOMP_RET_* value.
  bool add(llvm::ArrayRef<LoaderTest> tests, std::uint32_t action);

  // Whether libseccomp has linked a comparison twice. It then never comes back, or uses what it has freed.
  bool is_lost() const;
  // How many comparisons libseccomp counts; calls with few of them come first in its filter.
  std::uint32_t count() const { return count_; }

  // What is below is for loader_code.h.
  using Id = std::uint32_t;
  static constexpr Id kNone = ~Id{0};

  // A comparison of one half of an argument. What follows when it holds or not is an action, another level,
  // or, with neither, the next comparison of the same level.
  struct Outcome {
    bool has_action = false;
    std::uint32_t action = 0;  // is compared even where it is not set, as libseccomp does
    Id level = kNone;          // any node of the level
    bool leads_on() const { return has_action || level != kNone; }
  };
  struct Node {
    std::uint8_t index = 0;
    bool is_high = false;
    LoaderOperator op{};       // Equal, MaskedEqual, Greater or GreaterOrEqual
    LoaderOperator written{};  // as in the rule
    std::uint32_t mask = 0;
    std::uint32_t datum = 0;
    std::uint64_t whole_datum = 0;
    Outcome holds, fails;
    Id previous = kNone, next = kNone;  // on the level
    unsigned references = 0;            // from levels above, neighbours and whoever is at work on it

    bool is_leaf() const { return holds.level == kNone && fails.level == kNone; }
  };

  bool is_unconditional() const { return root_ == kNone; }
  std::uint32_t unconditional_action() const { return unconditional_; }
  Id root() const { return root_; }
  const Node& node(Id id) const { return nodes_[id]; }
  Id first_of_level(Id id) const;

 private:
  // What has been found while a new rule is laid over the tree.
  struct Overlay {
    bool matches = false;
    bool has_matched = false;
    bool is_old_finished = false;
    bool is_new_finished = false;
    bool has_old_prefix = false;  // the tree looks at something before what the rule looks at
    bool has_new_prefix = false;  // the rule does
    void add(const Overlay& other);
    void set_match() { matches = has_matched = true; }
  };
  enum class Step : std::uint8_t { Next, Stop };

  // A new rule as nodes of its own; kNone when it looks at no argument.
  Id make_rule(llvm::ArrayRef<LoaderTest> tests, std::uint32_t action);
  struct Part {
    LoaderOperator written{};
    Id nodes[3] = {kNone, kNone, kNone};
  };
  Part make_part(const LoaderTest& test);
  Id make_node(const LoaderTest& test, bool is_high, LoaderOperator op);
  // The outcomes through which a part that holds goes on.
  std::vector<Outcome*> exits(const Part& part);

  Id get(Id id);
  unsigned put(Id& id);
  unsigned put_level(Id& id);
  unsigned clean_level(Id id);

  bool is_before(const Node& a, const Node& b) const;
  bool is_same(const Node& a, const Node& b) const;
  bool has_only(Id level, std::uint32_t action) const;

  unsigned prune(Id old_level, Id added, Overlay& overlay);
  Step prune_same(Id& old_node, Id added, const Overlay& overlay, Overlay& found, unsigned& removed);
  Step prune_below_old(Id& old_node, Id added, const Overlay& overlay, Overlay& found, unsigned& removed);
  Step prune_below_new(Id& old_node, Id added, const Overlay& overlay, Overlay& found, unsigned& removed);
  unsigned remove(Id& slot, Id node);
  unsigned unlink(Id& slot, Id node);
  bool merge(Id& slot, Id added);
  bool merge_same(Id old_node, Id added);
  bool merge_outcome(Id old_node, Id added, bool of_holds);
  bool merge_level(Id old_node, Id added, bool of_holds, bool& is_done);
  void insert_before(Id& slot, Id old_node, Id added);

  LoaderWidth width_;
  std::vector<Node> nodes_;
  bool is_empty_ = true;
  bool is_lost_ = false;
  Id root_ = kNone;
  std::uint32_t unconditional_ = 0;  // when there are rules and no tree
  std::uint32_t new_action_ = 0;     // of the rule that is being added
  std::uint32_t count_ = 0;          // not always how many there are, as libseccomp counts some twice or not
};

}  // namespace isola::backends
