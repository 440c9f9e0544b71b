#include "backends/seccomp/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

#include "backends/seccomp/disassembly.h"
#include "compiler/base/check.h"

namespace isola::backends::seccomp {

namespace {

using Diagram = ir::DecisionDiagrams::Node;

// Longer conditions are nothing to read.
constexpr std::size_t kMostSegments = 48;  // of one word
constexpr std::size_t kMostTerms = 48;     // of one function

// Values of a word, cut to the bits that count and pushed together, that lead to one place.
struct Segment {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  Diagram next = 0;
};

// A word cut at the places where the function changes.
struct Partition {
  std::size_t word = 0;
  std::uint64_t mask = 0;         // the bits that count
  std::vector<Segment> segments;  // ascending; values already under the mask
};

// Where the arguments fulfil `condition`, the answer is `value`.
struct Term {
  std::uint32_t value = 0;
  std::string condition;  // empty: always
  double share = 1;       // of all arguments
};

// The bits of `value` put at the places of the ones in `mask`, lowest first.
std::uint64_t spread(std::uint64_t value, std::uint64_t mask) {
  std::uint64_t result = 0;
  for (; mask != 0; mask &= mask - 1, value >>= 1) {
    if ((value & 1) != 0) result |= mask & ~(mask - 1);
  }
  return result;
}

class Words {
 public:
  Words(const ir::DecisionDiagrams& diagrams, std::optional<NamedCall> call, ValueNames& names)
      : diagrams_(diagrams), call_(call), names_(names) {}

  // False when there are too many.
  bool collect(Diagram node, const Term& before, std::vector<Term>& terms) {
    const auto branch = diagrams_.branch(node);
    if (!branch) {
      terms.push_back(before);
      terms.back().value = diagrams_.outcomes(node).front();
      return terms.size() <= kMostTerms;
    }
    const std::optional<Partition> partition = partition_of(node, branch->variable / 64);
    if (!partition) return false;
    std::map<Diagram, std::vector<Segment>> by_next;
    for (const Segment& segment : partition->segments) by_next[segment.next].push_back(segment);
    // In the order of their first values, so that the text does not depend on the diagram's numbering.
    std::vector<std::vector<Segment>> groups;
    for (auto& [next, segments] : by_next) groups.push_back(std::move(segments));
    std::sort(groups.begin(), groups.end(),
              [](const auto& a, const auto& b) { return a.front().first < b.front().first; });
    for (const std::vector<Segment>& group : groups) {
      Term term = before;
      const std::string text = text_of(*partition, group);
      term.condition += (term.condition.empty() ? "" : " && ") + text;
      term.share *= share_of(*partition, group);
      if (!collect(group.front().next, term, terms)) return false;
    }
    return true;
  }

 private:
  // The bits of a word that anything below `node` asks for.
  std::uint64_t support(Diagram node, std::size_t word) {
    const auto branch = diagrams_.branch(node);
    if (!branch || branch->variable / 64 != word) return 0;
    const auto [found, is_new] = supports_.try_emplace(node, 0);
    if (!is_new) return found->second;
    const std::uint64_t below = support(branch->low, word) | support(branch->high, word);
    return supports_[node] = below | std::uint64_t{1} << (63 - branch->variable % 64);
  }

  bool is_bits(std::size_t word) const {
    const kernel::Parameter* parameter = parameter_of(word);
    return parameter != nullptr && parameter->kind == kernel::ParameterKind::Flags;
  }

  std::optional<Partition> partition_of(Diagram node, std::size_t word) {
    const std::uint64_t asked = support(node, word);
    const std::uint64_t whole = asked >> 32 == 0 ? 0xffffffff : ~std::uint64_t{0};
    Partition masked{.word = word, .mask = asked, .segments = {}};
    Partition plain{.word = word, .mask = whole, .segments = {}};
    const bool is_masked = asked != whole && cut(node, masked, 0, 0);
    const bool is_plain = cut(node, plain, 0, 0);
    if (!is_masked && !is_plain) return std::nullopt;
    if (!is_plain) return masked;
    if (!is_masked) return plain;
    const bool is_shorter = masked.segments.size() < plain.segments.size();
    return is_shorter || (is_bits(word) && masked.segments.size() == plain.segments.size()) ? masked : plain;
  }

  // Adds the segments below `node`, whose `depth` highest bits of the mask are those of `first`.
  // False beyond the limit.
  bool cut(Diagram node, Partition& partition, unsigned depth, std::uint64_t first) {
    const auto width = static_cast<unsigned>(std::popcount(partition.mask));
    const unsigned rest = width - depth;
    const auto branch = diagrams_.branch(node);
    if (!branch || branch->variable / 64 != partition.word) {
      const std::uint64_t last = rest == 64 ? ~std::uint64_t{0} : first | ((std::uint64_t{1} << rest) - 1);
      return add(partition, {first, last, node});
    }
    const std::uint64_t bit = std::uint64_t{1} << (rest - 1);
    const std::uint64_t asked = std::uint64_t{1} << (63 - branch->variable % 64);
    const bool is_asked = spread(bit, partition.mask) == asked;
    return cut(is_asked ? branch->low : node, partition, depth + 1, first) &&
           cut(is_asked ? branch->high : node, partition, depth + 1, first | bit);
  }

  static bool add(Partition& partition, Segment segment) {
    segment.first = spread(segment.first, partition.mask);
    segment.last = spread(segment.last, partition.mask);
    if (!partition.segments.empty() && partition.segments.back().next == segment.next) {
      partition.segments.back().last = segment.last;
      return true;
    }
    partition.segments.push_back(segment);
    return partition.segments.size() <= kMostSegments;
  }

  static double share_of(const Partition& partition, const std::vector<Segment>& group) {
    double count = 0;
    for (const Segment& segment : group) {
      count += static_cast<double>(segment.last) - static_cast<double>(segment.first) + 1;
    }
    return count / (static_cast<double>(partition.mask) + 1);
  }

  const kernel::Parameter* parameter_of(std::size_t word) const {
    if (!call_ || word < ir::kFirstArgumentWord || word == ir::kPointerWord) return nullptr;
    const auto parameters = kernel::parameters(call_->syscall, call_->arch);
    const std::size_t index = word - ir::kFirstArgumentWord;
    return index < parameters.size() && !parameters[index].name.empty() ? &parameters[index] : nullptr;
  }

  // The register, and how many bits of it are asked for where that is not what the kernel reads.
  std::string subject_of(const Partition& partition) const {
    if (partition.word == ir::kPointerWord) return "instruction_pointer";
    const bool is_wide = partition.mask >> 32 != 0;
    const kernel::Parameter* parameter = parameter_of(partition.word);
    if (parameter == nullptr) {
      return fmt::format("arg{}{}", partition.word - ir::kFirstArgumentWord, is_wide ? "" : ":32");
    }
    const bool has_wide_registers = kernel::info(call_->arch).is_64_bit;
    if (is_wide && parameter->bits < 64) return fmt::format("{}:64", parameter->name);
    // A mask asks for the bits that it has.
    const bool is_whole = partition.mask == 0xffffffff;
    if (is_whole && parameter->bits == 64 && has_wide_registers) return fmt::format("{}:32", parameter->name);
    return std::string(parameter->name);
  }

  std::string value_text(const Partition& partition, std::uint64_t value) {
    if (parameter_of(partition.word) != nullptr) {
      const std::string& name =
          names_.find(call_->syscall, call_->arch, partition.word - ir::kFirstArgumentWord, value);
      const unsigned bits = parameter_of(partition.word)->bits;
      const bool fits = bits == 64 || value >> bits == 0;
      if (!name.empty() && fits) return name;
    }
    return number_text(value);
  }

  std::string mask_text(const Partition& partition) {
    if (parameter_of(partition.word) != nullptr) {
      const std::string& name =
          names_.find(call_->syscall, call_->arch, partition.word - ir::kFirstArgumentWord, partition.mask,
                      ValueUse::Mask);
      if (!name.empty()) return "(" + name + ")";
    }
    return fmt::format("{:#x}", partition.mask);
  }

  std::string text_of(const Partition& partition, const std::vector<Segment>& group) {
    const bool is_whole = partition.mask == 0xffffffff || partition.mask == ~std::uint64_t{0};
    const std::string subject = is_whole
                                    ? subject_of(partition)
                                    : fmt::format("({} & {})", subject_of(partition), mask_text(partition));
    if (group.size() == 1) return range_text(partition, subject, group.front());
    if (const auto hole = hole_of(partition, group)) {
      return fmt::format("{} != {}", subject, value_text(partition, *hole));
    }
    std::string list;
    for (const Segment& segment : group) {
      list += list.empty() ? "" : ", ";
      list += value_text(partition, segment.first);
      if (segment.first != segment.last) list += ".." + value_text(partition, segment.last);
    }
    return fmt::format("{} in {{{}}}", subject, list);
  }

  std::string range_text(const Partition& partition, const std::string& subject, const Segment& segment) {
    if (segment.first == segment.last) {
      return fmt::format("{} == {}", subject, value_text(partition, segment.first));
    }
    if (segment.first == 0) return fmt::format("{} <= {}", subject, number_text(segment.last));
    if (segment.last != partition.mask) {
      return fmt::format("{} in {}..{}", subject, number_text(segment.first), number_text(segment.last));
    }
    // The smallest value but zero.
    const bool is_any = segment.first == (partition.mask & ~(partition.mask - 1));
    return is_any ? fmt::format("{} != 0", subject)
                  : fmt::format("{} >= {}", subject, number_text(segment.first));
  }

  // The one value that is missing in a group of all others.
  static std::optional<std::uint64_t> hole_of(const Partition& partition, const std::vector<Segment>& group) {
    const bool is_plain = (partition.mask & (partition.mask + 1)) == 0;
    if (!is_plain || group.size() != 2 || group[0].first != 0 || group[1].last != partition.mask) {
      return std::nullopt;
    }
    const std::uint64_t hole = group[0].last + 1;
    return hole + 1 == group[1].first ? std::optional(hole) : std::nullopt;
  }

  const ir::DecisionDiagrams& diagrams_;
  std::optional<NamedCall> call_;
  ValueNames& names_;
  std::map<Diagram, std::uint64_t> supports_;
};

// What most arguments get.
std::uint32_t commonest(const std::vector<Term>& terms) {
  std::map<std::uint32_t, double> shares;
  for (const Term& term : terms) shares[term.value] += term.share;
  const auto most = std::max_element(shares.begin(), shares.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->first;
}

}  // namespace

std::optional<std::vector<Answer>> answers_in_words(const ir::DecisionDiagrams& diagrams, Diagram function,
                                                    std::optional<NamedCall> call, ValueNames& names) {
  std::vector<Term> terms;
  Words words(diagrams, call, names);
  if (!words.collect(function, {}, terms)) return std::nullopt;
  const std::uint32_t otherwise = commonest(terms);
  std::vector<Answer> answers;
  for (const Term& term : terms) {
    if (term.value == otherwise) continue;
    const auto same = std::find_if(answers.begin(), answers.end(),
                                   [&](const Answer& answer) { return answer.value == term.value; });
    if (same == answers.end()) {
      answers.push_back({term.value, term.condition});
    } else {
      same->condition += " || " + term.condition;
    }
  }
  answers.push_back({otherwise, ""});
  return answers;
}

}  // namespace isola::backends::seccomp
