// Any bytes as a filter and a call: a refusal with a reason, or a program whose function answers the call as
// the interpreter does.
//
// The first byte says the byte order (`b` is big-endian), the next 64 are the call, the rest is the program.

#include <cstdint>
#include <cstring>
#include <string>

#include "backends/seccomp/disassembly.h"
#include "backends/seccomp/kernel_check.h"
#include "backends/seccomp/symbolic.h"
#include "compiler/base/check.h"

using namespace isola;
using namespace isola::backends::seccomp;

// Few, so that an input takes no time; what needs more is not looked at.
static constexpr std::size_t kMostNodes = 20'000;

static void check_function(const Program& program, const ir::CallWords& call) {
  const auto returned = run(program, data_of(call));
  ISOLA_CHECK(returned, "what the kernel takes has an answer");
  ir::DecisionDiagrams diagrams(kMostNodes);
  const auto function = filter_function(program, diagrams);
  if (!function) return;
  ISOLA_CHECK(diagrams.evaluate(*function, call) == effective_answer(*returned),
              "the function answers as the program does");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ir::CallWords call;
  if (size < 1 + sizeof call) return 0;
  std::memcpy(call.data(), data + 1, sizeof call);
  const llvm::StringRef bytes(reinterpret_cast<const char*>(data) + 1 + sizeof call, size - 1 - sizeof call);
  const CheckedProgram read = read_program(bytes, data[0] == 'b' ? ByteOrder::Big : ByteOrder::Little);
  if (read.program) {
    check_function(*read.program, call);
    ISOLA_CHECK(!disassemble(*read.program).empty(), "a program has a listing");
  } else {
    ISOLA_CHECK(!read.refusal.reason.empty(), "a refusal has a reason");
  }
  return 0;
}
