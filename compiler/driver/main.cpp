// The command line, and nothing else: arguments in, exit status out.
//
// The only file that includes CLI11; its exceptions end here. Exit status: 0 fine, 1 the policy is at fault,
// 2 the command line is, 3 we are.

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>
#include <map>

#include "compiler/driver/commands.h"
#include "compiler/kernel/nearest.h"

namespace isola::driver {
namespace {

using Command = std::function<void(Session&, const Arguments&)>;

// Which subcommand was chosen; set by the parser.
struct Choice {
  Arguments arguments;
  std::string file;  // of the subcommands that take one
  Command command;
};

// A word out of a short list to the number of its value; another word is refused with the list.
template <typename Value>
CLI::Validator one_of(const std::map<std::string, Value>& words) {
  return CLI::Validator(
      [words](std::string& word) -> std::string {
        const auto found = words.find(word);
        if (found != words.end()) {
          word = std::to_string(static_cast<int>(found->second));
          return "";
        }
        std::string known;
        for (const auto& [name, value] : words) known += (known.empty() ? "`" : ", `") + name + "`";
        return "`" + word + "` is none of " + known;
      },
      "");
}

void add_files(CLI::App& app, Arguments& arguments) {
  app.add_option("FILE", arguments.files, "policy files; - is standard input")
      ->required()
      ->option_text("...");
}

void add_report_options(CLI::App& app, Arguments& arguments) {
  static const std::map<std::string, Format> kFormats = {
      {"text", Format::Text}, {"json", Format::Json}, {"sarif", Format::Sarif}};
  app.add_option("--format", arguments.format, "how findings are printed on stderr: text, json or sarif")
      ->transform(one_of(kFormats))
      ->option_text("FORMAT");
  app.add_flag("--strict", arguments.strict, "warnings are errors");
  app.add_flag("--quiet,-q", arguments.quiet, "print findings only");
}

void add_target_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--arch", arguments.arches, "architectures, instead of all that the policy lists")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("NAME,...");
  app.add_option("--kernel", arguments.kernel, "the kernel version that runs it, like 6.12")
      ->option_text("VERSION");
  app.add_option("--host-lsm", arguments.host_lsm,
                 "the host's security module, for `when lsm` and labels: apparmor, selinux or none")
      ->option_text("NAME");
  app.add_option("--engine", arguments.engine, "the container engine, for `when engine`")
      ->option_text("NAME");
  app.add_option("--feature", arguments.features, "features that are there, for `when feature`")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("NAME,...");
}

void add_filter_options(CLI::App& app, Arguments& arguments) {
  using Goal = backends::FilterGoal;
  static const std::map<std::string, Goal> kGoals = {{"size", Goal::Size},
                                                     {"balanced", Goal::Balanced},
                                                     {"frequency", Goal::Frequency},
                                                     {"fast", Goal::Fast}};
  app.add_option(
         "--optimize", arguments.optimize,
         "what seccomp filters are made for: size, balanced, frequency or fast; `balanced` unless given")
      ->transform(one_of(kGoals))
      ->option_text("GOAL");
  app.add_option(
         "--frequencies", arguments.frequencies,
         "how often calls are made, for `--optimize frequency`: NAME,COUNT lines, or what strace -c or "
         "perf trace -s prints")
      ->option_text("FILE");
}

void add_compile(CLI::App& app, Choice& choice) {
  CLI::App* compile = app.add_subcommand("compile", "write the artifacts of every target to DIR/POLICY/");
  add_files(*compile, choice.arguments);
  compile->add_option("-o", choice.arguments.directory, "where to write; `out` unless given")
      ->option_text("DIR");
  compile->add_option("--target", choice.arguments.targets, "targets, instead of all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("NAME,...");
  add_filter_options(*compile, choice.arguments);
  add_target_options(*compile, choice.arguments);
  add_report_options(*compile, choice.arguments);
  compile->add_flag("--emit-c", choice.arguments.emit_c,
                    "also seccomp.h: the filter as a C array, and a function that installs it");
  compile->callback([&] { choice.command = run_compile; });
}

void add_check(CLI::App& app, Choice& choice) {
  CLI::App* check = app.add_subcommand("check", "find what compile would find, and write nothing");
  add_files(*check, choice.arguments);
  check->add_option("--target", choice.arguments.targets, "targets, instead of all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("NAME,...");
  add_target_options(*check, choice.arguments);
  add_report_options(*check, choice.arguments);
  check->callback([&] { choice.command = run_check; });
}

void add_decide(CLI::App& app, Choice& choice) {
  CLI::App* decide =
      app.add_subcommand("decide", "say what the policy answers to operations, and which line does");
  decide->add_option("FILE", choice.file, "the policy; - is standard input")->required()->option_text(" ");
  decide
      ->add_option("REQUEST", choice.arguments.requests, "like 'read /etc/shadow' or 'socket(AF_ALG, _, 0)'")
      ->required()
      ->option_text("...");
  add_target_options(*decide, choice.arguments);
  add_report_options(*decide, choice.arguments);
  decide->callback([&] { choice.command = run_decide; });
}

void add_test(CLI::App& app, Choice& choice) {
  CLI::App* test = app.add_subcommand("test", "run the policy's own tests on the model");
  add_files(*test, choice.arguments);
  add_target_options(*test, choice.arguments);
  add_report_options(*test, choice.arguments);
  test->callback([&] { choice.command = run_test; });
}

void add_prove(CLI::App& app, Choice& choice) {
  CLI::App* prove = app.add_subcommand("prove", "prove that a filter answers every call as the policy does");
  prove->add_option("FILE", choice.file, "the policy; - is standard input")->required()->option_text(" ");
  prove
      ->add_option("--filter", choice.arguments.filter,
                   "a filter of any origin (an array of struct sock_filter), instead of what compile makes")
      ->option_text("BPF");
  prove->add_flag("--json", choice.arguments.json, "print the result as JSON");
  add_target_options(*prove, choice.arguments);
  add_report_options(*prove, choice.arguments);
  prove->callback([&] { choice.command = run_prove; });
}

void add_fmt(CLI::App& app, Choice& choice) {
  CLI::App* fmt = app.add_subcommand("fmt", "put policies into canonical form, comments kept");
  add_files(*fmt, choice.arguments);
  fmt->add_flag("--check", choice.arguments.check, "change nothing; fail when something would change");
  add_report_options(*fmt, choice.arguments);
  fmt->callback([&] { choice.command = run_fmt; });
}

void add_dump(CLI::App& app, Choice& choice) {
  static const std::map<std::string, Stage> kStages = {
      {"syntax", Stage::Syntax}, {"policy", Stage::Policy}, {"profile", Stage::Profile}};
  CLI::App* dump = app.add_subcommand("dump", "show a policy between two stages of the compiler");
  dump->add_option("FILE", choice.file, "the policy; - is standard input")->required()->option_text(" ");
  dump->add_option("--stage", choice.arguments.stage, "syntax, policy or profile; `profile` unless given")
      ->transform(one_of(kStages))
      ->option_text("STAGE");
  add_target_options(*dump, choice.arguments);
  add_report_options(*dump, choice.arguments);
  dump->callback([&] { choice.command = run_dump; });
}

void add_disasm(CLI::App& app, Choice& choice) {
  CLI::App* disasm = app.add_subcommand("disasm", "say what a seccomp filter of anyone does, from its bytes");
  disasm->add_option("FILE", choice.file, "an array of struct sock_filter; - is standard input")
      ->required()
      ->option_text(" ");
  disasm->add_flag("--json", choice.arguments.json, "for programs instead of people");
  disasm->add_option("--arch", choice.arguments.arches, "show this architecture alone")
      ->expected(1)
      ->option_text("NAME");
  add_report_options(*disasm, choice.arguments);
  disasm->callback([&] { choice.command = run_disasm; });
}

void add_lists(CLI::App& app, Choice& choice) {
  CLI::App* targets = app.add_subcommand("targets", "list the targets and architectures");
  targets->add_flag("--table", choice.arguments.table,
                    "how well each target holds each kind of rule and setting, as Markdown");
  targets->callback([&] { choice.command = run_targets; });
  CLI::App* explain =
      app.add_subcommand("explain", "say what a code means and the way out; alone, list all codes");
  explain->add_option("CODE", choice.arguments.code, "like E301 or unknown-syscall")->option_text(" ");
  explain->callback([&] { choice.command = run_explain; });
}

// The nearest of our own words to the one the parser did not know.
std::optional<std::string> nearest_word(const CLI::App& app, const std::string& word) {
  kernel::NearestName nearest(word);
  std::vector<std::string> candidates;
  for (const CLI::App* subcommand : app.get_subcommands({})) candidates.push_back(subcommand->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) candidates.push_back("--" + name);
  }
  for (const std::string& candidate : candidates) nearest.consider(candidate);
  if (!nearest.found()) return std::nullopt;
  return nearest.found()->str();
}

int usage_error(const CLI::App& app, const std::string& message, const std::string& word) {
  std::fprintf(stderr, "isola: %s\n", message.c_str());
  if (const auto near = nearest_word(app, word))
    std::fprintf(stderr, "isola: did you mean `%s`?\n", near->c_str());
  const std::string name = app.get_parent() ? "isola " + app.get_name() : "isola";
  std::fprintf(stderr, "isola: `%s --help` shows what there is\n", name.c_str());
  return static_cast<int>(ExitStatus::Usage);
}

// The subcommand that was being read when the parser gave up, or the program itself.
const CLI::App& innermost(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

int explain_parse_error(const CLI::App& app, const CLI::ParseError& error, int count, char** words) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);  // --help
  const CLI::App& place = innermost(app);
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  if (&place == &app && count > 1) {
    const std::string word = words[1];
    const bool is_option = word.rfind("-", 0) == 0;
    return usage_error(app, (is_option ? "there is no option `" : "there is no subcommand `") + word + "`",
                       word);
  }
  if (!unknown.empty()) {
    return usage_error(place, "`" + place.get_name() + "` has no option `" + unknown.front() + "`",
                       unknown.front());
  }
  if (&place == &app) return usage_error(app, "a subcommand is missing", "");
  return usage_error(place, error.what(), "");
}

std::string version_line() {
  return "isola " + version().str();
}

int run(Choice& choice) {
  if (!choice.file.empty()) choice.arguments.files.push_back(choice.file);
  Session session = make_session(choice.arguments);
  choice.command(session, choice.arguments);
  const ExitStatus status = finish(session, choice.arguments);
  // Results that did not reach their reader are no results.
  if (std::fflush(stdout) != 0) {
    std::fputs("isola: cannot write to standard output\n", stderr);
    return static_cast<int>(ExitStatus::OurFailure);
  }
  return static_cast<int>(status);
}

int parse_and_run(int count, char** words) {
  CLI::App app("isola compiles one isolation policy to every mechanism that confines a Linux workload.",
               "isola");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_line());
  app.footer("Exit status: 0 fine, 1 the policy is at fault, 2 the command line is, 3 isola is.");
  app.get_formatter()->column_width(28);
  Choice choice;
  add_compile(app, choice);
  add_check(app, choice);
  add_decide(app, choice);
  add_prove(app, choice);
  add_test(app, choice);
  add_fmt(app, choice);
  add_dump(app, choice);
  add_disasm(app, choice);
  add_lists(app, choice);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    return explain_parse_error(app, error, count, words);
  }
  return run(choice);
}

}  // namespace
}  // namespace isola::driver

int main(int count, char** words) {
  return isola::driver::parse_and_run(count, words);
}
