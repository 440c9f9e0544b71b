// How long things take, all in one run on one machine, so that the ratios mean something.
//
//   isola_bench ISOLA SOURCE_TREE     prints one line per figure: what, minimum, median, limit
//
// Whole processes are started with posix_spawn and waited for. The front end (bytes to ir::Policy, bundles
// included) is held against yaml-cpp's event parser, with a handler that does nothing, over the same texts. A
// shared machine disturbs medians; minima are comparable.

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
#include <map>
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

using Texts = std::vector<std::pair<std::string, std::string>>;  // name and bytes

// The bundles of an earlier run, from memory: reading files is not what is measured.
class MemoryLibrary final : public resolve::ImportLibrary {
 public:
  MemoryLibrary(driver::Session& session, const Texts& texts) : session_(&session), texts_(&texts) {}
  const grammar::PolicySyntax* load(llvm::StringRef name, FileId) override {
    const auto [place, is_new] = parsed_.try_emplace(name.str() + ".yaml");
    for (const auto& [file, text] : *texts_) {
      if (!is_new || file != place->first) continue;
      place->second =
          grammar::read_policy(session_->sources, session_->sources.add(file, text), session_->diagnostics);
    }
    return place->second ? &*place->second : nullptr;
  }
  std::vector<std::string> known_names() const override { return {}; }

 private:
  driver::Session* session_;  // outlives the library
  const Texts* texts_;        // likewise
  std::map<std::string, std::optional<grammar::PolicySyntax>> parsed_;
};

// Bytes to ir::Policy. Ends the program when there is none: a benchmark of an error says nothing.
void run_front_end(driver::Session& session, resolve::ImportLibrary& library, const std::string& name,
                   const std::string& text) {
  const FileId file = session.sources.add(name, text);
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
  driver::FileSystemLibrary from_disk(once);
  run_front_end(once, from_disk, name, text);
  Texts texts;  // the policy and every bundle that it brings in
  for (std::uint32_t file = 1; file <= once.sources.count(); ++file) {
    texts.emplace_back(once.sources.name(FileId{file}).str(), once.sources.text(FileId{file}).str());
  }
  const Figures yaml = measure(runs, [&] {
    for (const auto& [file, one] : texts) parse_events(one);
  });
  const Figures ours = measure(runs, [&] {
    driver::Session session = make_session(tree);
    MemoryLibrary library(session, texts);
    run_front_end(session, library, name, text);
  });
  print("yaml-cpp events alone, " + what, yaml, "");
  print("front end, " + what, ours,
        fmt::format("{:.2f} times yaml-cpp (limit 2)", ours.minimum / yaml.minimum));
}

// A policy of one MiB, of the kind that people write: most of it are paths.
std::string large_policy() {
  std::string text =
      "policy: large\nschema: 1\nabout: generated\nprocess: {path: /usr/bin/true, user: 33:33}\nfiles:\n";
  for (int number = 0; text.size() < (std::size_t{1} << 20); ++number) {
    text += fmt::format("  - read /srv/data/{}/customer-{}/*.conf because \"customer {}\"\n", number % 97,
                        number, number);
  }
  return text;
}

// Time and memory of the front end alone, in a process of its own.
void bench_large_policy(const std::string& tree) {
  const std::string text = large_policy();
  const auto run = [&] {
    driver::Session session = make_session(tree);
    resolve::NoImports library;
    run_front_end(session, library, "large.yaml", text);
  };
  const Figures yaml = measure(3, [&] { parse_events(text); });
  const Figures time = measure(3, run);
  const pid_t child = fork();
  if (child == 0) {
    run();
    _exit(0);
  }
  struct rusage usage{};
  int status = 0;
  wait4(child, &status, 0, &usage);
  print("front end, a generated policy of 1 MiB", time,
        fmt::format("limit 500 ms; {} MiB resident (limit 200); {:.2f} times yaml-cpp",
                    usage.ru_maxrss / 1024, time.minimum / yaml.minimum));
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
  print("isola compile, nginx, all targets",
        measure(50, [&] { spawn({isola, "compile", nginx, "-o", directory}); }), "limit 15 ms");
  const driver::FileBytes text = driver::read_bytes(nginx);
  if (!text.bytes) return 1;
  bench_front_end("nginx with its bundles", tree, nginx, *text.bytes, 50);
  bench_large_policy(tree);
  spawn({"/bin/rm", "-r", directory});
  return 0;
}
