#include "compiler/driver/frequency_file.h"

#include <doctest/doctest.h>

using namespace isola;

namespace {

struct Read {
  std::optional<kernel::CallFrequencies> frequencies;
  std::vector<DiagnosticKind> found;
  std::uint32_t line = 0;  // of the first finding
  double share(llvm::StringRef call) const { return frequencies->share(*kernel::find_syscall(call)); }
};

Read read(const std::string& text) {
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("counts", text);
  Read result{.frequencies = driver::read_frequencies(sources, file, diagnostics), .found = {}};
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (result.found.empty() && diagnostic.range.is_known())
      result.line = sources.line_column(file, diagnostic.range.begin).line;
    result.found.push_back(diagnostic.kind);
  }
  return result;
}

}  // namespace

TEST_CASE("frequency file: names and counts, with and without a heading") {
  for (const std::string heading : {"", "syscall,count\n"}) {
    const Read result = read(heading + "read,30\nwrite, 10\n\n# a remark\nread,10\n");
    REQUIRE(result.frequencies);
    CHECK(result.found.empty());
    CHECK(result.share("read") == doctest::Approx(0.8));
    CHECK(result.share("write") == doctest::Approx(0.2));
    CHECK(result.share("openat") == 0);
  }
}

TEST_CASE("frequency file: the table of strace -c, with errors and total") {
  const Read result = read(
      "% time     seconds  usecs/call     calls    errors syscall\n"
      "------ ----------- ----------- --------- --------- ----------------\n"
      " 60.00    0.000123           3        30           read\n"
      " 40.00    0.000077           7        10         1 access\n"
      "------ ----------- ----------- --------- --------- ----------------\n"
      "100.00    0.000200           5        40         1 total\n");
  REQUIRE(result.frequencies);
  CHECK(result.share("read") == doctest::Approx(0.75));
  CHECK(result.share("access") == doctest::Approx(0.25));
}

TEST_CASE("frequency file: the summary of perf trace -s, threads added up") {
  const std::string table =
      "   syscall            calls  errors  total       min       avg       max       stddev\n"
      "                                     (msec)    (msec)    (msec)    (msec)        (%)\n"
      "   --------------- --------  ------ -------- --------- --------- ---------     ------\n";
  const Read result =
      read("\n Summary of events:\n\n nginx (12), 70 events, 60.0%\n\n" + table +
           "   epoll_wait            30      0   100.1     0.000     1.000     2.000      9.00%\n\n" +
           " nginx (13), 30 events, 40.0%\n\n" + table +
           "   epoll_wait            20      0   100.1     0.000     1.000     2.000      9.00%\n" +
           "   close                 50      0   100.1     0.000     1.000     2.000      9.00%\n");
  REQUIRE(result.frequencies);
  CHECK(result.found.empty());
  CHECK(result.share("epoll_wait") == doctest::Approx(0.5));
  CHECK(result.share("close") == doctest::Approx(0.5));
}

TEST_CASE("frequency file: a line that is none is an error at that line") {
  for (const std::string bad : {"write", "write,", "write,many", "write,-3", ",4", "write,3,4"}) {
    const Read result = read("read,30\n" + bad + "\n");
    CHECK(!result.frequencies);
    REQUIRE(result.found.size() == 1);
    CHECK(result.found[0] == DiagnosticKind::BadFrequencyLine);
    CHECK(result.line == 2);
  }
}

TEST_CASE("frequency file: a name that is no call of ours is said, and the others count") {
  const Read result = read("read,30\nraed,10\n");
  REQUIRE(result.frequencies);
  REQUIRE(result.found.size() == 1);
  CHECK(result.found[0] == DiagnosticKind::UnknownCountedCall);
  CHECK(result.line == 2);
  CHECK(result.share("read") == 1);
}

TEST_CASE("frequency file: a file that counts nothing is an error") {
  CHECK(read("").found == std::vector{DiagnosticKind::NoFrequencies});
  CHECK(read("read,0\n").found == std::vector{DiagnosticKind::NoFrequencies});
}
