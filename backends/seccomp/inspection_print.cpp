#include "backends/seccomp/inspection_print.h"

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <map>

namespace isola::backends::seccomp {

namespace {

constexpr std::size_t kWidth = 110;
// Calls that get what numbers of no call get are the rest; they are named only up to so many.
constexpr std::size_t kMostNames = 100;

std::string_view text_of(ByteOrder byte_order) {
  switch (byte_order) {
    case ByteOrder::Little:
      return "little-endian";
    case ByteOrder::Big:
      return "big-endian";
  }
  return "";
}

// ---- text

// A label, then words from a column on, in lines of bounded length.
std::string wrapped(const std::string& label, const std::vector<std::string>& words, std::size_t indent) {
  std::string text = fmt::format("  {:{}}", label, indent - 2);
  std::size_t column = text.size();
  for (const std::string& word : words) {
    const bool is_first = &word == &words.front();
    if (!is_first && column + 2 + word.size() > kWidth) {
      text += ",\n" + std::string(indent, ' ');
      column = indent;
    } else if (!is_first) {
      text += ", ";
      column += 2;
    }
    text += word;
    column += word.size();
  }
  return text + "\n";
}

std::string answers_text(const NumberAnswers& numbers) {
  std::string text;
  for (const Answer& answer : numbers.answers) {
    if (!numbers.is_in_words) {
      text += (text.empty() ? "" : " or ") + answer_text(answer.value);
    } else if (answer.condition.empty()) {
      text += (text.empty() ? "" : "otherwise ") + answer_text(answer.value);
    } else {
      text += fmt::format("{} if {}, ", answer_text(answer.value), answer.condition);
    }
  }
  return numbers.is_in_words ? text : text + ", by more conditions than are worth reading";
}

std::string span_text(const NumberAnswers& numbers) {
  if (!numbers.call.empty()) return numbers.call;
  if (numbers.first == numbers.last) return "number " + number_text(numbers.first);
  if (numbers.last >= kWholeWord - 1) return "numbers from " + number_text(numbers.first);
  return fmt::format("numbers {}..{}", number_text(numbers.first), number_text(numbers.last));
}

bool have_same_answers(const NumberAnswers& a, const NumberAnswers& b) {
  return a.answers == b.answers && a.is_in_words == b.is_in_words;
}

// What has one answer, by the answer, the mildest first; then what depends on arguments, one a line.
class Table {
  struct Group {
    std::vector<std::string> names;
    std::size_t calls = 0;
    bool has_gaps = false;
  };

 public:
  explicit Table(const std::vector<NumberAnswers>& numbers) : numbers_(numbers) {}

  std::string run() {
    const auto is_like_first = [&](const NumberAnswers& one) {
      return have_same_answers(one, numbers_.front());
    };
    if (std::all_of(numbers_.begin(), numbers_.end(), is_like_first)) {
      return fmt::format("  {}  everything\n", answers_text(numbers_.front()));
    }
    collect();
    std::size_t longest = 0;
    for (const auto& [order, group] : constant_) {
      longest = std::max(longest, order.second.size());
    }
    for (const auto& [name, answers] : by_arguments_) longest = std::max(longest, name.size());
    const std::size_t indent = 2 + std::min<std::size_t>(longest, 24) + 2;
    std::string text;
    for (const auto& [order, group] : constant_) {
      const bool is_rest = group.names.size() > kMostNames && group.has_gaps;
      text += wrapped(order.second, is_rest ? std::vector{rest_text(group)} : group.names, indent);
    }
    for (const auto& [name, answers] : by_arguments_) text += wrapped(name, {answers}, indent);
    return text;
  }

 private:
  void collect() {
    const NumberAnswers* gap = nullptr;
    bool are_gaps_alike = true;
    for (const NumberAnswers& one : numbers_) {
      if (!one.call.empty()) continue;
      if (gap == nullptr) gap = &one;
      are_gaps_alike = are_gaps_alike && have_same_answers(one, *gap);
    }
    for (const NumberAnswers& one : numbers_) {
      if (!one.call.empty() || !are_gaps_alike) add(one, span_text(one));
    }
    if (gap != nullptr && are_gaps_alike) add(*gap, "numbers that are no call");
  }

  void add(const NumberAnswers& one, const std::string& name) {
    if (!one.is_constant()) {
      by_arguments_.emplace_back(name, answers_text(one));
      return;
    }
    const std::uint32_t value = one.answers.front().value;
    Group& group = constant_[{-std::int64_t{static_cast<std::int32_t>(value)}, answer_text(value)}];
    group.names.push_back(name);
    if (!one.call.empty()) ++group.calls;
    group.has_gaps = group.has_gaps || one.call.empty();
  }

  static std::string rest_text(const Group& group) {
    return group.calls == 0 ? "all other numbers"
                            : fmt::format("everything else, {} calls among it", group.calls);
  }

  const std::vector<NumberAnswers>& numbers_;
  std::map<std::pair<std::int64_t, std::string>, Group> constant_;
  std::vector<std::pair<std::string, std::string>> by_arguments_;
};

std::string cache_text(const ArchInspection& arch) {
  if (!arch.has_cache) return "; the kernel has no action cache for them";
  if (arch.always_allowed == 0) return "";
  if (arch.cached == arch.always_allowed) return ", all of them from the kernel's action cache";
  return fmt::format(", {} of them from the kernel's action cache", arch.cached);
}

std::string arch_text(const ArchInspection& arch) {
  return fmt::format("\n{}: {} of {} calls are always allowed{}\n{}", arch.name, arch.always_allowed,
                     arch.calls, cache_text(arch), Table(arch.numbers).run());
}

// ---- JSON

std::string hex(std::uint32_t value) {
  return fmt::format("{:#x}", value);
}

void print(llvm::json::OStream& json, const NumberAnswers& numbers) {
  json.object([&] {
    json.attribute("call", numbers.call.empty() ? llvm::json::Value(nullptr) : numbers.call);
    json.attribute("first", numbers.first);
    json.attribute("last", numbers.last);
    json.attribute("cached", numbers.is_cached);
    json.attributeArray("answers", [&] {
      for (const Answer& answer : numbers.answers) {
        json.object([&] {
          json.attribute("answer", answer_text(answer.value));
          json.attribute("value", hex(answer.value));
          if (!answer.condition.empty()) json.attribute("if", answer.condition);
        });
      }
    });
    if (!numbers.is_in_words) json.attribute("conditions_left_out", true);
  });
}

void print(llvm::json::OStream& json, const ArchInspection& arch) {
  json.object([&] {
    json.attribute("name", arch.name);
    json.attribute("audit_arch", hex(arch.audit_arch));
    json.attribute("calls", static_cast<std::int64_t>(arch.calls));
    json.attribute("always_allowed", static_cast<std::int64_t>(arch.always_allowed));
    json.attribute("cached", static_cast<std::int64_t>(arch.cached));
    json.attributeArray("numbers", [&] {
      for (const NumberAnswers& numbers : arch.numbers) print(json, numbers);
    });
  });
}

void print_listing(llvm::json::OStream& json, const Inspection& inspection) {
  for (std::size_t at = 0; at < inspection.lines.size(); ++at) {
    const sock_filter& instruction = inspection.program.instructions[at];
    const Line& line = inspection.lines[at];
    json.object([&] {
      json.attribute("at", static_cast<std::int64_t>(at));
      json.attribute("code", hex(instruction.code));
      json.attribute("jt", instruction.jt);
      json.attribute("jf", instruction.jf);
      json.attribute("k", hex(instruction.k));
      if (!line.label.empty()) json.attribute("label", line.label);
      json.attribute("text", line.text);
      json.attribute("reached", line.is_reached);
    });
  }
}

}  // namespace

std::string inspection_text(const Inspection& inspection, llvm::StringRef name) {
  std::string text =
      fmt::format("{}: a seccomp filter of {} instructions, {}, of which a call runs at most {}\n",
                  name.str(), inspection.program.instructions.size(), text_of(inspection.program.byte_order),
                  inspection.longest_path);
  if (!inspection.asks_for_arch) {
    text += "it does not ask for the architecture: the same numbers are other calls on another one\n";
  }
  if (inspection.is_too_complex) text += "what it answers is too complex to be said here\n";
  for (const ArchInspection& arch : inspection.arches) text += arch_text(arch);
  if (!inspection.other_arches.empty()) {
    text += "\nevery other architecture\n" + Table(inspection.other_arches).run();
  }
  return text + "\n" + to_listing(inspection.lines);
}

std::string inspection_json(const Inspection& inspection, llvm::StringRef name) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, 2);
  json.object([&] {
    json.attribute("file", name);
    json.attribute("byte_order", llvm::StringRef(text_of(inspection.program.byte_order)));
    json.attribute("instructions", static_cast<std::int64_t>(inspection.program.instructions.size()));
    json.attribute("longest_path", static_cast<std::int64_t>(inspection.longest_path));
    json.attribute("asks_for_architecture", inspection.asks_for_arch);
    json.attribute("too_complex", inspection.is_too_complex);
    json.attributeArray("architectures", [&] {
      for (const ArchInspection& arch : inspection.arches) print(json, arch);
    });
    json.attributeArray("other_architectures", [&] {
      for (const NumberAnswers& numbers : inspection.other_arches) print(json, numbers);
    });
    json.attributeArray("listing", [&] { print_listing(json, inspection); });
  });
  stream << '\n';
  return text;
}

}  // namespace isola::backends::seccomp
