// Random programs: what is said of them in words, read back and held against running them.

#include "backends/seccomp/answers.h"

#include <doctest/doctest.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/JSON.h>

#include <array>
#include <random>

#include "backends/seccomp/inspection_print.h"
#include "backends/seccomp/kernel_check.h"

using namespace isola;
using namespace isola::backends::seccomp;

namespace {

constexpr std::uint32_t kOtherArch = 0x1234;

std::uint64_t number_of(llvm::StringRef text) {
  std::uint64_t value = 0;
  const bool is_hex = text.consume_front("0x");
  REQUIRE_MESSAGE(!text.getAsInteger(is_hex ? 16 : 10, value), text.str());
  return value;
}

// `7` or `1..5`.
bool is_within(std::uint64_t value, llvm::StringRef range) {
  const auto [first, last] = range.split("..");
  return number_of(first) <= value && value <= number_of(last.empty() ? first : last);
}

// `== 7`, `in {1, 3..5}` and so on.
bool holds_for(std::uint64_t value, llvm::StringRef test) {
  if (test.consume_front("== ")) return value == number_of(test);
  if (test.consume_front("!= ")) return value != number_of(test);
  if (test.consume_front("<= ")) return value <= number_of(test);
  if (test.consume_front(">= ")) return value >= number_of(test);
  REQUIRE(test.consume_front("in "));
  if (!test.consume_front("{")) return is_within(value, test);
  llvm::SmallVector<llvm::StringRef, 8> ranges;
  test.rtrim('}').split(ranges, ", ");
  return llvm::any_of(ranges, [&](llvm::StringRef range) { return is_within(value, range); });
}

// `arg0`, `arg0:32`, `(arg0 & 0x10)`, then a test.
bool atom_holds(llvm::StringRef atom, const seccomp_data& data) {
  std::uint64_t mask = ~std::uint64_t{0};
  llvm::StringRef subject;
  if (atom.consume_front("(")) {
    llvm::StringRef masked;
    std::tie(masked, atom) = atom.split(") ");
    mask = number_of(masked.split(" & ").second);
    subject = masked.split(" & ").first;
  } else {
    std::tie(subject, atom) = atom.split(' ');
  }
  if (subject.consume_back(":32")) mask &= 0xffffffff;
  const std::uint64_t value = subject == "instruction_pointer" ? data.instruction_pointer
                                                               : data.args[number_of(subject.drop_front(3))];
  return holds_for(value & mask, atom);
}

bool condition_holds(llvm::StringRef text, const seccomp_data& data) {
  llvm::SmallVector<llvm::StringRef, 8> alternatives;
  text.split(alternatives, " || ");
  return llvm::any_of(alternatives, [&](llvm::StringRef alternative) {
    llvm::SmallVector<llvm::StringRef, 8> atoms;
    alternative.split(atoms, " && ");
    return llvm::all_of(atoms, [&](llvm::StringRef atom) { return atom_holds(atom, data); });
  });
}

std::uint32_t answer_in_words(const std::vector<NumberAnswers>& numbers, const seccomp_data& data) {
  const auto number = static_cast<std::uint32_t>(data.nr);
  for (const NumberAnswers& one : numbers) {
    if (number < one.first || one.last < number) continue;
    for (const Answer& answer : one.answers) {
      if (answer.condition.empty() || condition_holds(answer.condition, data)) return answer.value;
    }
  }
  FAIL("every number is said");
  return 0;
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
  std::uint32_t word() {
    constexpr std::array<std::uint32_t, 10> kWords = {0,    1,          2,          3,          7,
                                                      0x10, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    return kWords[below(kWords.size())];
  }

  // Asks for another architecture first, so that all others get what the rest of it answers.
  Program program() {
    std::vector<sock_filter> all = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
                                    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0xc000003e},
                                    {BPF_RET | BPF_K, 0, 0, 0},
                                    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}};
    const std::uint32_t length = 4 + below(16);
    for (std::uint32_t rest = length; rest > 0; --rest) all.push_back(instruction(rest));
    for (const std::uint32_t answer : {0x7fff0000U, 0x50001U, 0U})
      all.push_back({BPF_RET | BPF_K, 0, 0, answer});
    return {ByteOrder::Little, all};
  }

  seccomp_data data() {
    seccomp_data data{
        .nr = static_cast<int>(word()), .arch = kOtherArch, .instruction_pointer = 0, .args = {}};
    for (auto& argument : data.args) argument = std::uint64_t{word()} << 32 | word();
    return data;
  }

 private:
  // One of those before the three answers; `rest` of them are left, itself among them.
  sock_filter instruction(std::uint32_t rest) {
    constexpr std::array<std::uint16_t, 4> kTests = {BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET};
    constexpr std::array<std::uint32_t, 6> kOffsets = {0, 16, 20, 24, 28, 8};
    const auto step = [&] { return static_cast<std::uint8_t>(below(rest + 2)); };
    if (below(3) == 0) return {BPF_LD | BPF_W | BPF_ABS, 0, 0, kOffsets[below(kOffsets.size())]};
    if (below(6) == 0) return {BPF_ALU | BPF_AND | BPF_K, 0, 0, word()};
    const auto code = static_cast<std::uint16_t>(BPF_JMP | BPF_K | kTests[below(kTests.size())]);
    return {code, step(), step(), word()};
  }

  std::mt19937_64 engine_;
};

}  // namespace

TEST_CASE("answers: what is said of random programs is what they do") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  std::size_t in_words = 0;
  for (int round = 0; round < 300; ++round) {
    const Program program = random.program();
    REQUIRE_FALSE(find_refusal(program).has_value());
    const Inspection inspection = inspect(program, std::nullopt);
    // Those that answer other architectures as x86_64 are not said apart from it.
    if (inspection.other_arches.empty()) continue;
    for (int call = 0; call < 60; ++call) {
      const seccomp_data data = random.data();
      const bool has_words = llvm::all_of(inspection.other_arches,
                                          [](const NumberAnswers& numbers) { return numbers.is_in_words; });
      if (!has_words) continue;
      ++in_words;
      CAPTURE(inspection_text(inspection, "random"));
      REQUIRE(answer_in_words(inspection.other_arches, data) == run(program, data));
    }
  }
  CHECK(in_words > 5000);
}

TEST_CASE("answers: the JSON of an inspection has the documented keys") {
  Random random(1);
  const std::string text = inspection_json(inspect(random.program(), std::nullopt), "random.bpf");
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  REQUIRE(static_cast<bool>(value));
  const llvm::json::Object& object = *value->getAsObject();
  for (const char* key : {"file", "byte_order", "instructions", "longest_path", "asks_for_architecture",
                          "too_complex", "architectures", "other_architectures", "listing"}) {
    CHECK_MESSAGE(object.get(key) != nullptr, key);
  }
  CHECK(object.getArray("listing")->size() == static_cast<std::size_t>(*object.getInteger("instructions")));
}
