// One rule of every sort that the backends tell apart, written as a user writes it, and what they claim for
// it.
//
// A sort that gets a claim of its own gets a line here; a kind of permission without any fails the check
// below.

#include "compiler/driver/enforcement_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "backends/backend.h"
#include "compiler/base/check.h"
#include "compiler/driver/requirements.h"
#include "compiler/resolve/resolve.h"
#include "grammar/policy_reader.h"

namespace isola::driver {

static constexpr const char* kRepresentatives = R"(policy: table
schema: 1
process: {path: /usr/bin/app, user: 1000:1000}
syscalls:
  architectures: [SCMP_ARCH_X86_64]
  rules:
    - allow getrandom
    - allow socket if family == AF_UNIX
    - deny ptrace -> SCMP_ACT_KILL_PROCESS
files:
  - read /srv/**
  - write /srv/**
  - append /srv/**
  - create /srv/**
  - write,create /srv/**
  - map /srv/**
  - execute /srv/tool
  - map,execute /srv/tool
  - execute /srv/tool as helper
  - lock /srv/**
  - link /srv/**
  - read /**
devices:
  - read /dev/fuse
  - read,write /dev/fuse
  - read,write char 10:229
network:
  - bind tcp *
  - bind tcp 8080
  - connect tcp 10.0.0.0/8:443
  - send,receive udp 53
  - send,receive icmp *
  - bind unix *
  - bind unix /run/app.sock
  - bind unix @app
  - bind,accept,connect,send,receive netlink ROUTE
  - bind,accept,connect,send,receive packet
  - send family AF_VSOCK
  - bind,accept,connect,send,receive family AF_VSOCK
capabilities: [CAP_CHOWN]
ipc:
  - signal send {SIGTERM} to self
  - signal send {SIGTERM} to child helper
  - signal receive {SIGTERM} from engine
  - ptrace read to self
  - ptrace read from engine
  - shm posix create,read,write /app
  - shm sysv create,read,write
  - sem posix create,read,write /app
  - mqueue posix create,read,write /app
  - dbus send system org.example.App
  - dbus own session org.example.App
children:
  helper:
    files: []
)";

namespace {

// Claims of all backends for one thing, and what has been said about them so far.
class Table {
 public:
  void heading(std::string_view title) {
    text_ += fmt::format("| {} |", title);
    for (const backends::Backend* backend : backends::all_backends())
      text_ += fmt::format(" {} |", backend->name);
    text_ += "\n|---|";
    for (std::size_t count = backends::all_backends().size(); count > 0; --count) text_ += "---|";
    text_ += "\n";
  }
  void begin_row(std::string_view what) { text_ += fmt::format("| `{}` |", what); }
  void cell(const backends::Backend& backend, const backends::Claim& claim) {
    text_ += fmt::format(" {}", fidelity_text(claim.fidelity));
    if (!claim.why.empty())
      text_ += fmt::format(" ({})", number_of(fmt::format("{}: {}", backend.name, claim.why)));
    text_ += " |";
  }
  void end_row() { text_ += "\n"; }
  void gap() { text_ += "\n"; }

  std::string finish() const {
    std::string whole = text_ + "\n";
    for (std::size_t index = 0; index < notes_.size(); ++index) {
      whole += fmt::format("{}. {}\n", index + 1, notes_[index]);
    }
    return whole;
  }

 private:
  // Notes are numbered from 1 in the order in which the table first needs them.
  std::size_t number_of(const std::string& note) {
    const auto found = std::find(notes_.begin(), notes_.end(), note);
    if (found == notes_.end()) {
      notes_.push_back(note);
      return notes_.size();
    }
    return static_cast<std::size_t>(found - notes_.begin()) + 1;
  }

  std::string text_;
  std::vector<std::string> notes_;
};

void add_rules(const SourceManager& sources, const ir::Policy& policy, Table& table) {
  std::bitset<std::variant_size_v<ir::Permission>> shown;
  table.heading("rule");
  for (const ir::PolicyRule& entry : policy.rules) {
    const ir::Permission& permission = entry.rule.permission;
    shown.set(permission.index());
    table.begin_row(sources.text(entry.rule.origin).str());
    for (const backends::Backend* backend : backends::all_backends())
      table.cell(*backend, backend->claim(permission));
    table.end_row();
  }
  ISOLA_CHECK(shown.all(), "the enforcement table shows every kind of permission");
}

void add_settings(Table& table) {
  static constexpr ir::Setting kSettings[] = {
#define ISOLA_SETTING(kind, spelling, summary) ir::Setting::kind,
#include "compiler/ir/settings.def"
  };
  table.heading("setting");
  for (const ir::Setting setting : kSettings) {
    table.begin_row(ir::name_of(setting));
    for (const backends::Backend* backend : backends::all_backends()) {
      table.cell(*backend, backend->claim_setting(setting));
    }
    table.end_row();
  }
}

}  // namespace

std::string enforcement_table() {
  SourceManager sources;
  Diagnostics diagnostics;
  resolve::NoImports imports;
  const FileId file = sources.add("representatives", kRepresentatives);
  const std::optional<grammar::PolicySyntax> syntax = grammar::read_policy(sources, file, diagnostics);
  ISOLA_CHECK(syntax.has_value(), "the representative rules can be read");
  const std::optional<ir::Policy> policy = resolve::resolve(*syntax, imports, diagnostics);
  ISOLA_CHECK(policy && !diagnostics.has_errors(), "the representative rules have a meaning");
  Table table;
  add_rules(sources, *policy, table);
  table.gap();
  add_settings(table);
  return table.finish();
}

}  // namespace isola::driver
