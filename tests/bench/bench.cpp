// How long things take, all in one run on one machine, so that the ratios mean something.
//
//   isola_bench ISOLA SOURCE_TREE     prints one line per figure: what, minimum, median, limit
//
// Whole processes are started with posix_spawn and waited for. The front end (bytes to ir::Policy, bundles included)
// is held against yaml-cpp's event parser, with a handler that does nothing, over the same texts. A shared machine
// disturbs medians; minima are comparable.

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <sstream>

#include "compiler/driver/library.h"
#include "compiler/resolve/resolve.h"
#include "grammar/policy_reader.h"

using namespace isola;

namespace {

struct Figures {
  double minimum = 0, median = 0;  // milliseconds
};

Figures measure(int runs, const std::function<void()>& action) {
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
    times.push_back(spent.count());
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

void print(const std::string& what, Figures figures, const std::string& limit) {
  fmt::print("{:<58} {:>9.2f} {:>9.2f}   {}\n", what, figures.minimum, figures.median, limit);
}

void spawn(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  if (posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    fmt::print(stderr, "cannot start {}\n", words[0]);
    std::exit(1);
  }
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "{} failed\n", fmt::join(words, " "));
    std::exit(1);
  }
}

class IgnoreEvents final : public YAML::EventHandler {
  using Mark = YAML::Mark;
  using Anchor = YAML::anchor_t;
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const Mark&, Anchor) override {}
  void OnAlias(const Mark&, Anchor) override {}
  void OnScalar(const Mark&, const std::string&, Anchor, const std::string&) override {}
  void OnSequenceStart(const Mark&, const std::string&, Anchor, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark&, const std::string&, Anchor, Style) override {}
  void OnMapEnd() override {}
};

void parse_events(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  IgnoreEvents ignore;
  while (parser.HandleNextDocument(ignore)) {
  }
}

// Bytes to ir::Policy. Ends the program when there is none: a benchmark of an error says nothing.
void run_front_end(driver::Session& session, const std::string& name, const std::string& text) {
  const FileId file = session.sources.add(name, text);
  driver::FileSystemLibrary library(session);
  const auto syntax = grammar::read_policy(session.sources, file, session.diagnostics);
  const auto policy = syntax ? resolve::resolve(*syntax, library, session.diagnostics) : std::nullopt;
  if (policy && !session.diagnostics.has_errors()) return;
  fmt::print(stderr, "{}", render_text(session.sources, session.diagnostics, Colour::Off));
  std::exit(1);
}

driver::Session make_session(const std::string& tree) {
  driver::Session session;
  session.library_directories = {tree + "/stdlib-policies"};
  return session;
}

void bench_front_end(const std::string& what, const std::string& tree, const std::string& name,
                     const std::string& text, int runs) {
  driver::Session once = make_session(tree);
  run_front_end(once, name, text);
  std::vector<std::string> texts;  // the policy and every bundle that it brings in
  for (std::uint32_t file = 1; file <= once.sources.count(); ++file) texts.push_back(once.sources.text(FileId{file}).str());
  const Figures yaml = measure(runs, [&] {
    for (const std::string& one : texts) parse_events(one);
  });
  const Figures ours = measure(runs, [&] {
    driver::Session session = make_session(tree);
    run_front_end(session, name, text);
  });
  print("yaml-cpp events alone, " + what, yaml, "");
  print("front end, " + what, ours, fmt::format("{:.2f} times yaml-cpp (limit 2)", ours.minimum / yaml.minimum));
}

// A policy of one MiB, of the kind that people write: most of it are paths.
std::string large_policy() {
  std::string text = "policy: large\nschema: 1\nabout: generated\nprocess: {path: /usr/bin/true, user: 33:33}\nfiles:\n";
  for (int number = 0; text.size() < (std::size_t{1} << 20); ++number) {
    text += fmt::format("  - read /srv/data/{}/customer-{}/*.conf because \"customer {}\"\n", number % 97, number, number);
  }
  return text;
}

// Time and memory of the front end alone, in a process of its own.
void bench_large_policy(const std::string& tree) {
  const std::string text = large_policy();
  const Figures time = measure(3, [&] {
    driver::Session session = make_session(tree);
    run_front_end(session, "large.yaml", text);
  });
  const pid_t child = fork();
  if (child == 0) {
    driver::Session session = make_session(tree);
    run_front_end(session, "large.yaml", text);
    _exit(0);
  }
  struct rusage usage {};
  int status = 0;
  wait4(child, &status, 0, &usage);
  print("front end, a generated policy of 1 MiB", time,
        fmt::format("limit 500 ms; {} MiB resident (limit 200)", usage.ru_maxrss / 1024));
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    fmt::print(stderr, "usage: isola_bench ISOLA SOURCE_TREE\n");
    return 2;
  }
  const std::string isola = words[1];
  const std::string tree = words[2];
  const std::string nginx = tree + "/examples/nginx/policy.yaml";
  std::string directory = "/tmp/isola-bench-XXXXXX";
  if (!mkdtemp(directory.data())) return 1;

  fmt::print("{:<58} {:>9} {:>9}\n", "milliseconds", "minimum", "median");
  print("isola --version", measure(200, [&] { spawn({isola, "--version"}); }), "limit 3 ms");
  print("isola check, nginx", measure(50, [&] { spawn({isola, "check", nginx}); }), "");
  print("isola compile, nginx, all targets", measure(50, [&] { spawn({isola, "compile", nginx, "-o", directory}); }),
        "limit 15 ms");
  const driver::FileBytes text = driver::read_bytes(nginx);
  if (!text.bytes) return 1;
  bench_front_end("nginx with its bundles", tree, nginx, *text.bytes, 50);
  bench_front_end("a generated policy of 1 MiB", tree, "large.yaml", large_policy(), 3);
  bench_large_policy(tree);
  spawn({"/bin/rm", "-r", directory});
  return 0;
}
