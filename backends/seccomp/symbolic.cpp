#include "backends/seccomp/symbolic.h"

#include <array>
#include <map>
#include <vector>

#include "backends/seccomp/symbolic_word.h"
#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;
using WordId = std::uint32_t;
using StateId = std::uint32_t;
using StepId = std::uint32_t;

// Places that hold words: scratch memory, then the two registers.
constexpr std::size_t kAccumulator = BPF_MEMWORDS;
constexpr std::size_t kIndex = BPF_MEMWORDS + 1;
constexpr std::size_t kPlaces = BPF_MEMWORDS + 2;
using PlaceSet = std::uint32_t;
constexpr PlaceSet only(std::size_t place) {
  return PlaceSet{1} << place;
}
using State = std::array<WordId, kPlaces>;

// ---- which places are still read

bool is_conditional(const sock_filter& instruction) {
  return BPF_CLASS(instruction.code) == BPF_JMP && BPF_OP(instruction.code) != BPF_JA;
}

PlaceSet read_by(const sock_filter& instruction) {
  const PlaceSet source = BPF_SRC(instruction.code) == BPF_X ? only(kIndex) : 0;
  switch (BPF_CLASS(instruction.code)) {
    case BPF_LD:
    case BPF_LDX:
      return BPF_MODE(instruction.code) == BPF_MEM ? only(instruction.k) : 0;
    case BPF_ST:
      return only(kAccumulator);
    case BPF_STX:
      return only(kIndex);
    case BPF_ALU:
      return only(kAccumulator) | source;
    case BPF_JMP:
      return is_conditional(instruction) ? only(kAccumulator) | source : 0;
    case BPF_RET:
      return BPF_RVAL(instruction.code) == BPF_A ? only(kAccumulator) : 0;
    case BPF_MISC:
      return BPF_MISCOP(instruction.code) == BPF_TAX ? only(kAccumulator) : only(kIndex);
  }
  return 0;
}

PlaceSet written_by(const sock_filter& instruction) {
  switch (BPF_CLASS(instruction.code)) {
    case BPF_LD:
    case BPF_ALU:
      return only(kAccumulator);
    case BPF_LDX:
      return only(kIndex);
    case BPF_ST:
    case BPF_STX:
      return only(instruction.k);
    case BPF_MISC:
      return BPF_MISCOP(instruction.code) == BPF_TAX ? only(kIndex) : only(kAccumulator);
  }
  return 0;
}

// For each instruction the places that it or a later one may read.
std::vector<PlaceSet> find_live_places(const Program& program) {
  std::vector<PlaceSet> live(program.instructions.size());
  for (std::size_t at = live.size(); at-- > 0;) {
    const sock_filter& instruction = program.instructions[at];
    PlaceSet after = 0;
    if (is_conditional(instruction)) {
      after = live[at + 1 + instruction.jt] | live[at + 1 + instruction.jf];
    } else if (BPF_CLASS(instruction.code) == BPF_JMP) {
      after = live[at + 1 + instruction.k];
    } else if (BPF_CLASS(instruction.code) != BPF_RET) {
      after = live[at + 1];
    }
    live[at] = (after & ~written_by(instruction)) | read_by(instruction);
  }
  return live;
}

// ---- the two passes

// What one state does at one instruction: an answer, or where it goes on.
struct Step {
  StateId state = 0;
  Diagram condition = 0;  // holds: `then`; else: `otherwise`
  StepId then = 0, otherwise = 0;
  Diagram answer = 0;  // known at once for an end, worked out on the way back for others
  bool is_end = false;
};

class Evaluation {
 public:
  Evaluation(const Program& program, ir::DecisionDiagrams& diagrams, ir::DecisionDiagrams::Settle settle)
      : program_(program),
        diagrams_(diagrams),
        settle_(settle),
        arithmetic_(diagrams),
        live_(find_live_places(program)),
        steps_at_(program.instructions.size()) {}

  std::optional<Diagram> run() {
    // The kernel clears both registers first. Source: bpf_convert_filter, net/core/filter.c, Linux 6.12.
    State start;
    start.fill(intern(arithmetic_.constant(0)));
    nothing_ = start[0];
    const StepId first = arrive(0, start);
    for (std::size_t at = 0; at < steps_at_.size(); ++at) {
      // Jumps go forward only: all ways to this instruction have been followed.
      for (const auto& [state, step] : steps_at_[at]) follow(at, step);
      if (is_too_complex()) return std::nullopt;
    }
    for (std::size_t at = steps_at_.size(); at-- > 0;) {
      for (const auto& [state, id] : steps_at_[at]) {
        Step& step = steps_[id];
        if (step.is_end) continue;
        step.answer =
            diagrams_.choose(step.condition, steps_[step.then].answer, steps_[step.otherwise].answer);
      }
      if (is_too_complex()) return std::nullopt;
    }
    return steps_[first].answer;
  }

 private:
  bool is_too_complex() const { return diagrams_.is_exhausted() || steps_.size() > kMostSymbolicStates; }

  WordId intern(const SymbolicWord& word) {
    const auto [place, is_new] = word_ids_.try_emplace(word, static_cast<WordId>(words_.size()));
    if (is_new) words_.push_back(word);
    return place->second;
  }

  // The step of this state at an instruction, without what nobody reads any more.
  StepId arrive(std::size_t at, State state) {
    for (std::size_t place = 0; place < kPlaces; ++place) {
      if ((live_[at] & only(place)) == 0) state[place] = nothing_;
    }
    const auto [known, is_new_state] = state_ids_.try_emplace(state, static_cast<StateId>(states_.size()));
    if (is_new_state) states_.push_back(state);
    const auto [step, is_new] = steps_at_[at].try_emplace(known->second, static_cast<StepId>(steps_.size()));
    if (is_new) steps_.push_back({.state = known->second});
    return step->second;
  }

  void go_on(StepId id, std::size_t at, const State& state) {
    const StepId next = arrive(at, state);
    steps_[id].condition = diagrams_.outcome(1);
    steps_[id].then = steps_[id].otherwise = next;
  }

  // NOTE: what the way here has shown of the call is not used, so ways that no call goes are followed, too.
  // The function is the same: their answers are cut off where the conditions meet.
  void split(StepId id, Diagram condition, std::size_t then, std::size_t otherwise) {
    const State state = states_[steps_[id].state];
    if (condition == diagrams_.outcome(1)) return go_on(id, then, state);
    if (condition == diagrams_.outcome(0)) return go_on(id, otherwise, state);
    const StepId when_true = arrive(then, state);
    const StepId when_false = arrive(otherwise, state);
    steps_[id].condition = condition;
    steps_[id].then = when_true;
    steps_[id].otherwise = when_false;
  }

  void end(StepId id, Diagram answer) {
    steps_[id].answer = answer;
    steps_[id].is_end = true;
  }

  const SymbolicWord& word(StepId id, std::size_t place) const {
    return words_[states_[steps_[id].state][place]];
  }

  SymbolicWord operand(StepId id, const sock_filter& instruction) {
    return BPF_SRC(instruction.code) == BPF_X ? word(id, kIndex) : arithmetic_.constant(instruction.k);
  }

  void assign(StepId id, std::size_t at, std::size_t place, const SymbolicWord& value) {
    State state = states_[steps_[id].state];
    state[place] = intern(value);
    go_on(id, at + 1, state);
  }

  void follow(std::size_t at, StepId id) {
    const sock_filter& instruction = program_.instructions[at];
    switch (BPF_CLASS(instruction.code)) {
      case BPF_LD:
        return assign(id, at, kAccumulator, loaded(id, instruction));
      case BPF_LDX:
        return assign(id, at, kIndex, loaded(id, instruction));
      case BPF_ST:
        return assign(id, at, instruction.k, SymbolicWord(word(id, kAccumulator)));
      case BPF_STX:
        return assign(id, at, instruction.k, SymbolicWord(word(id, kIndex)));
      case BPF_ALU:
        return calculate(at, id);
      case BPF_JMP:
        return jump(at, id);
      case BPF_RET:
        return end(id, answer(id, instruction));
      case BPF_MISC:
        if (BPF_MISCOP(instruction.code) == BPF_TAX) {
          return assign(id, at, kIndex, SymbolicWord(word(id, kAccumulator)));
        }
        return assign(id, at, kAccumulator, SymbolicWord(word(id, kIndex)));
    }
    ISOLA_CHECK(false, "an instruction that the kernel takes");
  }

  Diagram answer(StepId id, const sock_filter& instruction) {
    const bool is_constant = BPF_RVAL(instruction.code) == BPF_K;
    const SymbolicWord value = is_constant ? arithmetic_.constant(instruction.k) : word(id, kAccumulator);
    return diagrams_.assemble(value, settle_);
  }

  SymbolicWord loaded(StepId id, const sock_filter& instruction) {
    switch (BPF_MODE(instruction.code)) {
      case BPF_ABS:
        return data_at(instruction.k);
      case BPF_IMM:
        return arithmetic_.constant(instruction.k);
      case BPF_LEN:
        return arithmetic_.constant(sizeof(seccomp_data));
      case BPF_MEM:
        return word(id, instruction.k);
    }
    ISOLA_CHECK(false, "a load that the kernel takes");
    return arithmetic_.constant(0);
  }

  SymbolicWord data_at(std::uint32_t offset) {
    if (offset == offsetof(seccomp_data, nr)) return arithmetic_.half_of(ir::kHeadWord, false);
    if (offset == offsetof(seccomp_data, arch)) return arithmetic_.half_of(ir::kHeadWord, true);
    const bool is_second = offset % 8 == 4;
    const bool is_upper = is_second == (program_.byte_order == ByteOrder::Little);
    if (offset < offsetof(seccomp_data, args)) return arithmetic_.half_of(ir::kPointerWord, is_upper);
    const std::size_t argument = (offset - offsetof(seccomp_data, args)) / 8;
    return arithmetic_.half_of(ir::kFirstArgumentWord + argument, is_upper);
  }

  void calculate(std::size_t at, StepId id) {
    const sock_filter& instruction = program_.instructions[at];
    const SymbolicWord right = operand(id, instruction);
    const SymbolicWord result = arithmetic_.compute(BPF_OP(instruction.code), word(id, kAccumulator), right);
    assign(id, at, kAccumulator, result);
    if (BPF_OP(instruction.code) != BPF_DIV) return;
    // A division by zero ends the program with 0. Source: bpf_convert_filter, net/core/filter.c, Linux 6.12.
    const StepId by_zero = division_by_zero();
    steps_[id].condition = diagrams_.negate(arithmetic_.is_zero(right));
    steps_[id].otherwise = by_zero;
  }

  // A step of no instruction.
  StepId division_by_zero() {
    steps_.push_back({.state = 0, .answer = diagrams_.outcome(SECCOMP_RET_KILL_THREAD), .is_end = true});
    return static_cast<StepId>(steps_.size() - 1);
  }

  void jump(std::size_t at, StepId id) {
    const sock_filter& instruction = program_.instructions[at];
    if (BPF_OP(instruction.code) == BPF_JA) {
      return go_on(id, at + 1 + instruction.k, State(states_[steps_[id].state]));
    }
    const Diagram condition =
        arithmetic_.compare(BPF_OP(instruction.code), word(id, kAccumulator), operand(id, instruction));
    split(id, condition, at + 1 + instruction.jt, at + 1 + instruction.jf);
  }

  const Program& program_;
  ir::DecisionDiagrams& diagrams_;
  ir::DecisionDiagrams::Settle settle_;
  SymbolicArithmetic arithmetic_;
  std::vector<PlaceSet> live_;
  WordId nothing_ = 0;
  std::vector<SymbolicWord> words_;
  std::map<SymbolicWord, WordId> word_ids_;
  std::vector<State> states_;
  std::map<State, StateId> state_ids_;
  std::vector<std::map<StateId, StepId>> steps_at_;  // for each instruction
  std::vector<Step> steps_;
};

}  // namespace

std::optional<Diagram> filter_function(const Program& program, ir::DecisionDiagrams& diagrams,
                                       ir::DecisionDiagrams::Settle settle) {
  return Evaluation(program, diagrams, settle).run();
}

}  // namespace isola::backends::seccomp
