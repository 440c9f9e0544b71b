// Prints profiles.
//
// Quoting is what must not go wrong: the parser's lexer takes `\"` as a part of a quoted text, wherever the
// backslash comes from, so `"/a\\" r,` would swallow the rules up to the next quote of the file. Quotes and
// escaped backslashes are therefore written in octal, which the parser turns back (parser_misc.c,
// processunquoted, 3.0.8).

#include "backends/apparmor/emit.h"

#include <fmt/format.h>
#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringExtras.h>

#include <array>

namespace isola::backends::apparmor {

std::string quote(llvm::StringRef text) {
  // Outside of quotes a comma is a part of the word only before another byte of it.
  const bool is_plain = !text.empty() && text.back() != ',' && llvm::all_of(text, [](char byte) {
    return llvm::isAlnum(byte) || llvm::StringRef("/._-+*?[]{}^,&").contains(byte);
  });
  if (is_plain) return text.str();
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      quoted += "\\042";
    } else if (text.substr(at).starts_with("\\\\")) {
      quoted += "\\134";
      ++at;
    } else if (text.substr(at).starts_with("\\\"")) {
      quoted += "\\042";
      ++at;
    } else {
      quoted += text[at];
    }
  }
  return quoted + "\"";
}

namespace {

constexpr llvm::StringLiteral kFlags = "flags=(attach_disconnected,mediate_deleted)";

// In the order of UnixAccess and PtraceAccess.
constexpr std::array<std::string_view, kUnixAccessCount> kUnixAccessNames = {
    "accept", "bind",    "connect", "create",  "getattr", "getopt",
    "listen", "receive", "send",    "setattr", "setopt",  "shutdown"};
constexpr std::array<std::string_view, kPtraceAccessCount> kPtraceAccessNames = {"read", "readby", "trace",
                                                                                 "tracedby"};

std::string_view prefix(Verdict verdict) {
  return verdict == Verdict::Deny ? "deny " : "";
}

template <typename Mode, std::size_t Count>
std::string name_list(ir::ModeSet<Mode> modes, const std::array<std::string_view, Count>& names) {
  std::vector<std::string_view> listed;
  for (std::size_t index = 0; index < Count; ++index) {
    if (modes.contains(static_cast<Mode>(index))) listed.push_back(names[index]);
  }
  return listed.empty() ? "" : fmt::format(" ({})", fmt::join(listed, ", "));
}

std::string condition(std::string_view key, const std::string& value) {
  return value.empty() ? "" : fmt::format(" {}={}", key, quote(value));
}

// D-Bus and unix conditions are always quoted: names hold dots, colons and `@`.
std::string quoted_condition(std::string_view key, const std::string& value) {
  if (value.empty()) return "";
  const std::string word = quote(value);
  return fmt::format(" {}={}", key, word.front() == '"' ? word : "\"" + word + "\"");
}

std::string peer_condition(std::string_view key, const std::string& value) {
  if (value.empty()) return "";
  return fmt::format(" peer=({})", llvm::StringRef(quoted_condition(key, value)).ltrim().str());
}

std::string access_letters(const FileRule& rule) {
  std::string letters;
  const auto add = [&](Access access, std::string_view letter) {
    if (rule.accesses.contains(access)) letters += letter;
  };
  add(Access::Read, "r");
  add(Access::Write, "w");
  add(Access::Append, "a");
  add(Access::Map, "m");
  add(Access::Lock, "k");
  add(Access::Link, "l");
  if (rule.verdict == Verdict::Deny) {
    add(Access::Execute, "x");
  } else {
    add(Access::Execute, rule.transition.empty() ? "ix" : "px");
  }
  return letters;
}

std::string text_of(const FileRule& rule) {
  std::string text = fmt::format("{}{}{} {}", prefix(rule.verdict), rule.owner_only ? "owner " : "",
                                 quote(rule.path.text()), access_letters(rule));
  if (!rule.transition.empty()) text += " -> " + quote(rule.transition);
  return text;
}

std::string text_of(const NetworkRule& rule) {
  return fmt::format("{}network {}{}{}", prefix(rule.verdict), rule.family, rule.type.empty() ? "" : " ",
                     rule.type);
}

std::string text_of(const UnixRule& rule) {
  return fmt::format("{}unix{}{}{}{}", prefix(rule.verdict), name_list(rule.accesses, kUnixAccessNames),
                     condition("type", rule.type), quoted_condition("addr", rule.address),
                     peer_condition("addr", rule.peer_address));
}

std::string text_of(const SignalRule& rule) {
  const bool sends = rule.directions.contains(ir::Direction::Send);
  const bool receives = rule.directions.contains(ir::Direction::Receive);
  const std::string signals =
      rule.signals.empty() ? "" : fmt::format(" set=({})", fmt::join(rule.signals, ", "));
  return fmt::format("{}signal ({}{}{}){}{}", prefix(rule.verdict), receives ? "receive" : "",
                     sends && receives ? ", " : "", sends ? "send" : "", signals,
                     condition("peer", rule.peer));
}

std::string text_of(const PtraceRule& rule) {
  return fmt::format("{}ptrace{}{}", prefix(rule.verdict), name_list(rule.accesses, kPtraceAccessNames),
                     condition("peer", rule.peer));
}

std::string text_of(const DbusRule& rule) {
  const bool owns = rule.operation == "bind";
  return fmt::format("{}dbus {} bus={}{}{}{}{}", prefix(rule.verdict), rule.operation, rule.bus,
                     quoted_condition("path", rule.path), quoted_condition("interface", rule.interface),
                     quoted_condition("member", rule.member),
                     owns ? quoted_condition("name", rule.name) : peer_condition("name", rule.name));
}

std::string text_of(const ResourceRule& rule) {
  return fmt::format("set rlimit {} <= {}", rule.name, rule.value);
}

// Collects blocks of lines, with an empty line between two blocks.
class ProfilePrinter {
 public:
  std::string text;

  void print(const ProfileModel& profile, std::size_t depth) {
    const std::string margin(2 * depth, ' ');
    text += fmt::format("{}profile {} {} {{\n", margin, quote(profile.name), kFlags.str());
    indent_ = std::string(2 * depth + 2, ' ');
    needs_gap_ = false;
    print_block(profile.resources);
    print_capabilities(profile);
    print_block(profile.networks);
    print_block(profile.unix_sockets);
    print_block(profile.signals);
    print_block(profile.ptraces);
    print_block(profile.dbus);
    print_mounts(profile.mounts);
    print_block(profile.files);
    for (const ProfileModel& child : profile.children) {
      begin_block();
      print(child, depth + 1);
      needs_gap_ = true;
    }
    text += margin + "}\n";
  }

 private:
  void begin_block() {
    if (needs_gap_) text += "\n";
    needs_gap_ = true;
  }

  void print_line(const std::string& rule) { text += indent_ + rule + ",\n"; }

  template <typename Rule>
  void print_block(const std::vector<Rule>& rules) {
    if (rules.empty()) return;
    begin_block();
    for (const Rule& rule : rules) print_line(text_of(rule));
  }

  void print_capabilities(const ProfileModel& profile) {
    if (profile.capabilities.empty() && profile.denied_capabilities.empty()) return;
    begin_block();
    for (const std::string& name : profile.capabilities) print_line("capability " + name);
    for (const std::string& name : profile.denied_capabilities) print_line("deny capability " + name);
  }

  void print_mounts(MountMediation mounts) {
    begin_block();
    switch (mounts) {
      case MountMediation::AllowAll:
        for (const char* rule : {"mount", "pivot_root", "umount"}) print_line(rule);
        break;
      case MountMediation::DenyAll:
        print_line("deny mount");
        break;
    }
  }

  std::string indent_;
  bool needs_gap_ = false;
};

}  // namespace

std::string emit(const ProfileModel& profile) {
  ProfilePrinter printer;
  printer.text = "# Written by isola. Change the policy, not this file.\nabi <abi/3.0>,\n\n";
  printer.print(profile, 0);
  return std::move(printer.text);
}

}  // namespace isola::backends::apparmor
