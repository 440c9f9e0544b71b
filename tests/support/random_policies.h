// Random policy files for property tests: every section in any order, every style of YAML, comments
// everywhere.
//
// The files are read without errors; names in rules are not those of any kernel.

#pragma once

#include <string>
#include <vector>

#include "grammar/print.h"
#include "grammar/print_scalar.h"
#include "tests/support/random_rules.h"

namespace isola::grammar {

class RandomPolicies {
 public:
  explicit RandomPolicies(std::uint64_t seed) : random_(seed) {}

  std::string policy() {
    out_.clear();
    if (random_.chance(10)) out_ += "---\n";
    std::vector<void (RandomPolicies::*)()> sections = {
        &RandomPolicies::policy_name, &RandomPolicies::schema,       &RandomPolicies::about,
        &RandomPolicies::let,         &RandomPolicies::process,      &RandomPolicies::extends,
        &RandomPolicies::idmap,       &RandomPolicies::capabilities, &RandomPolicies::namespaces,
        &RandomPolicies::syscalls,    &RandomPolicies::files,        &RandomPolicies::mounts,
        &RandomPolicies::network,     &RandomPolicies::limits,       &RandomPolicies::labels,
        &RandomPolicies::require,     &RandomPolicies::children,     &RandomPolicies::waive,
        &RandomPolicies::tests};
    for (std::size_t index = 1; index < sections.size() && random_.chance(70); ++index) {
      std::swap(sections[index], sections[random_.below(index + 1)]);
    }
    for (const auto section : sections) {
      if (section != &RandomPolicies::policy_name && random_.chance(30)) continue;
      gap(0);
      (this->*section)();
    }
    gap(0);
    return out_;
  }

 private:
  // ---- Text ----

  std::string spaces(std::size_t count) { return std::string(count, ' '); }

  std::string comment() {
    static constexpr const char* kComments[] = {
        "# a note", "#no space", "#", "# key: value", "## caf\xC3\xA9 [x] 'y'", "# - read /a"};
    return random_.pick(kComments);
  }

  // Empty lines and comments of their own, before something at `indent`.
  void gap(std::size_t indent) {
    while (random_.chance(25)) {
      if (random_.chance(40)) {
        out_ += random_.chance(20) ? "  \n" : "\n";
      } else {
        // Behind a block scalar, an indented comment would be part of it.
        const std::size_t column = is_behind_block_ ? 0 : random_.chance(80) ? indent : random_.below(8);
        out_ += spaces(column) + comment() + "\n";
        is_behind_block_ = false;
      }
    }
  }

  void end_line() {
    if (random_.chance(20)) out_ += spaces(1 + random_.below(4)) + comment();
    out_ += "\n";
    is_behind_block_ = false;
  }

  std::string quote_double(const std::string& text) {
    std::string quoted = "\"";
    for (const char byte : text) {
      if (byte == '"' || byte == '\\') quoted.push_back('\\');
      if (byte == '\n') {
        quoted += "\\n";
      } else {
        quoted.push_back(byte);
      }
    }
    return quoted + "\"";
  }

  std::string quote_single(const std::string& text) {
    std::string quoted = "'";
    for (const char byte : text) quoted.append(byte == '\'' ? 2 : 1, byte);
    return quoted + "'";
  }

  // `text`, of one line, as a scalar of one line.
  std::string scalar(const std::string& text, ScalarPlace place) {
    const std::size_t style = random_.below(4);
    if (style == 0) return quote_single(text);
    if (style == 1) return quote_double(text);
    return print_plain_or_quoted(text, place);
  }

  // The same, or a block scalar below something at `indent`; ends the line.
  void block_scalar(const std::string& text, std::size_t indent) {
    const bool can_be_block = !text.empty() && text.front() != ' ' && text.back() != ' ';
    if (!can_be_block || random_.chance(70)) {
      out_ += scalar(text, ScalarPlace::Block);
      end_line();
      return;
    }
    static constexpr const char* kHeaders[] = {"|", ">", "|-", ">-"};
    out_ += random_.pick(kHeaders);
    end_line();
    out_ += spaces(indent + 1 + random_.below(3)) + text + "\n";
    is_behind_block_ = true;
  }

  // Canonical text with other spacing outside of quotes.
  std::string loosen(const std::string& rule) {
    std::string loose;
    bool is_quoted = false;
    for (std::size_t at = 0; at < rule.size(); ++at) {
      loose.push_back(rule[at]);
      if (rule[at] == '\\' && at + 1 < rule.size()) {
        loose.push_back(rule[++at]);
      } else if (rule[at] == '"') {
        is_quoted = !is_quoted;
      } else if (rule[at] == ' ' && !is_quoted && random_.chance(20)) {
        loose += spaces(1 + random_.below(2));
      }
    }
    return loose;
  }

  // ---- Collections ----

  // A list of texts below `key` at `indent`: in brackets on one line or several, or with dashes.
  void list(const std::string& key, const std::vector<std::string>& items, std::size_t indent) {
    out_ += spaces(indent) + key + ":";
    if (items.empty() || random_.chance(50)) {
      brackets(items, indent);
      return;
    }
    end_line();
    const std::size_t inner = indent + (random_.chance(80) ? 2 : random_.below(4));
    for (const std::string& item : items) {
      gap(inner);
      out_ += spaces(inner) + "-" + spaces(1 + random_.below(2));
      block_scalar(item, inner + 1);
    }
  }

  void brackets(const std::vector<std::string>& items, std::size_t indent) {
    const bool is_long = random_.chance(30);
    out_ += " [";
    for (std::size_t index = 0; index < items.size(); ++index) {
      if (is_long) {
        end_line();
        gap(indent + 2);
        out_ += spaces(indent + 2);
      }
      out_ += scalar(items[index], ScalarPlace::Flow);
      if (index + 1 < items.size()) out_ += random_.chance(80) ? ", " : ",";
    }
    if (is_long) {
      end_line();
      out_ += spaces(indent + 1);
    }
    out_ += "]";
    end_line();
  }

  using Entries = std::vector<std::pair<std::string, std::string>>;

  // A mapping of texts that starts where the line is; `indent` is that of its keys.
  void entries(const Entries& all, std::size_t indent, bool starts_line) {
    for (std::size_t index = 0; index < all.size(); ++index) {
      if (index > 0 || starts_line) {
        gap(indent);
        out_ += spaces(indent);
      }
      out_ += all[index].first + ": ";
      block_scalar(all[index].second, indent);
    }
  }

  void flow_entries(const Entries& all) {
    const bool is_long = random_.chance(20);
    out_ += "{";
    for (std::size_t index = 0; index < all.size(); ++index) {
      if (is_long) {
        end_line();
        gap(8);
        out_ += spaces(8);
      }
      out_ += all[index].first + ": " + scalar(all[index].second, ScalarPlace::Flow);
      if (index + 1 < all.size()) out_ += ", ";
    }
    out_ += "}";
    end_line();
  }

  void mapping(const std::string& key, const Entries& all, std::size_t indent) {
    out_ += spaces(indent) + key + ":";
    if (random_.chance(30)) {
      out_ += " ";
      flow_entries(all);
      return;
    }
    end_line();
    entries(all, indent + 2, true);
  }

  std::vector<std::string> rules(RuleForm form) {
    std::vector<std::string> texts;
    for (std::size_t count = random_.below(4); count > 0; --count)
      texts.push_back(loosen(print_rule(random_.rule(form))));
    return texts;
  }

  std::string text() {
    static constexpr const char* kTexts[] = {
        "one sentence",
        "caf\xC3\xA9 and: more",
        "it's # not",
        "\"quoted\" word",
        "0027",
        "a longer text that goes on and on until it is longer than what one line of a policy"
        " may hold, so that it has to be wrapped somewhere",
        "yes",
        "$name",
        "a, b",
        "[x]"};
    return random_.pick(kTexts);
  }

  // ---- Sections ----

  void policy_name() { out_ += random_.chance(50) ? "policy: web\n" : "policy:   'web'  # name\n"; }
  void schema() { out_ += "schema: 1\n"; }
  void about() {
    out_ += "about: ";
    block_scalar(text(), 0);
  }
  void let() { mapping("let", {{"name", text()}, {"other", text()}}, 0); }
  void process() {
    out_ += "process:\n";
    entries({{"path", "/bin/" + std::to_string(random_.below(9))}, {"user", "33:33"}}, 2, true);
    list("args", {text(), text()}, 2);
  }
  void extends() {
    out_ += "extends:";
    end_line();
    out_ += "  - std/glibc\n";
    gap(2);
    out_ += "  - std/net/tcp-server(port: 8080)";
    end_line();
  }
  void idmap() {
    out_ += "idmap:\n  uid: [0 100000 65536]\n";
    list("gid", {"0 100000 65536", "70000 1 1"}, 2);
  }
  void capabilities() {
    if (random_.chance(70)) {
      list("capabilities", rules(RuleForm::Item), 0);
    } else {
      out_ += "capabilities:\n";
      list("bounding", rules(RuleForm::Item), 2);
      list("ambient", rules(RuleForm::Item), 2);
    }
  }
  void namespaces() {
    out_ += random_.chance(50) ? "namespaces: [mount, pid, {network: host}]\n"
                               : "namespaces:\n- mount\n# shared\n- network:   host\n";
  }
  void syscalls() {
    out_ += "syscalls:\n";
    list("architectures", {"SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"}, 2);
    gap(2);
    out_ += "  otherwise:  " + std::string(random_.chance(50) ? "SCMP_ACT_ERRNO( EPERM )" : "'SCMP_ACT_LOG'");
    end_line();
    list("rules", rules(RuleForm::Syscall), 2);
  }
  void files() { list("files", rules(RuleForm::Access), 0); }
  void network() { list("network", rules(RuleForm::Access), 0); }
  void mounts() {
    out_ += "mounts:\n";
    for (std::size_t count = 1 + random_.below(3); count > 0; --count) {
      gap(2);
      out_ += "  - ";
      const Entries all = {
          {"destination", "/srv/" + std::to_string(count)}, {"type", "tmpfs"}, {"source", text()}};
      if (random_.chance(50)) {
        flow_entries(all);
      } else {
        entries(all, 4, false);
        list("options", {"ro", "size=1m"}, 4);
      }
    }
  }
  void limits() { mapping("limits", {{"memory.max", "256M"}, {"RLIMIT_CORE", "0"}}, 0); }
  void labels() { mapping("labels", {{"apparmor", "web"}, {"selinux", "web"}}, 0); }
  void require() { mapping("require", {{"syscalls", "exact"}, {"files", "wider"}}, 0); }
  void children() {
    out_ += "children:\n";
    gap(2);
    out_ += "  helper:";
    end_line();
    list("files", rules(RuleForm::Access), 4);
    list("capabilities", rules(RuleForm::Item), 4);
  }
  void waive() {
    out_ += "waive:\n  - ";
    const Entries all = {{"lint", "L101"}, {"because", text()}, {"until", "2027-03-31"}};
    if (random_.chance(50)) {
      flow_entries(all);
    } else {
      entries(all, 4, false);
    }
  }
  void tests() {
    std::vector<std::string> texts;
    for (std::size_t count = random_.below(4); count > 0; --count)
      texts.push_back(loosen(print_test(random_.test())));
    list("tests", texts, 0);
  }

  RandomRules random_;
  std::string out_;
  bool is_behind_block_ = false;
};

}  // namespace isola::grammar
