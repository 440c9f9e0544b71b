// A policy file as written: every section, every word with its place, nothing resolved.
//
// The keys of each mapping are in keys.def, from which the reader, the JSON Schema and the language
// reference's key tables all come.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "grammar/rule_syntax.h"

namespace isola::grammar {

// `key: value` where the value is one text.
struct SettingSyntax {
  ScalarText key;
  ScalarText value;
};

// `std/net/tcp-server(port: 8080)` or `./common.yaml`.
struct ExtendSyntax {
  ScalarText name;
  std::vector<SettingSyntax> arguments;
  SourceRange range;
};

struct ProcessSyntax {
  SourceRange range;  // of the section's key
  std::optional<ScalarText> path, user, umask, no_new_privileges, oom_score_adj, cwd;
  std::vector<ScalarText> args;    // without argv[0]
  std::vector<ScalarText> groups;  // supplementary gids
  std::vector<SettingSyntax> environment;
};

struct CapabilitiesSyntax {
  SourceRange range;
  std::vector<RuleSyntax> bounding;  // RuleForm::Item
  std::optional<std::vector<RuleSyntax>> ambient, inheritable;
};

// `mount` (new), `network: host` (shared with the host), `network: /run/netns/blue` (joined).
struct NamespaceSyntax {
  ScalarText name;
  std::optional<ScalarText> target;
};

// `[0 100000 65536]`: inside outside count, the order of /proc/PID/uid_map.
struct IdMapSyntax {
  std::vector<ScalarText> uid, gid;  // each one triple, "0 100000 65536"
  SourceRange range;
};

struct SyscallsSyntax {
  SourceRange range;
  std::vector<ScalarText> architectures;
  std::optional<ScalarText> known;  // `linux 6.12`
  std::optional<ActionSyntax> otherwise, newer;
  std::vector<ScalarText> flags;
  std::vector<RuleSyntax> rules;  // RuleForm::Syscall
};

struct MountSyntax {
  SourceRange range;
  std::optional<ScalarText> destination, source, type, label, idmap;
  std::vector<ScalarText> options;
};

struct RequireSyntax {
  ScalarText section;
  ScalarText fidelity;  // exact, wider, narrower, none
};

struct WaiverSyntax {
  SourceRange range;
  std::optional<ScalarText> lint, at, because, until;
};

struct SelinuxLabelSyntax {
  std::optional<ScalarText> name, inherits, level;
};

struct LabelsSyntax {
  SourceRange range;
  std::optional<ScalarText> apparmor;
  std::optional<SelinuxLabelSyntax> selinux;
};

struct ChildSyntax;

struct PolicySyntax {
  FileId file{};
  SourceRange range;
  bool is_bundle = false;  // `bundle:` instead of `policy:`
  std::optional<ScalarText> name, schema, about;
  std::vector<SettingSyntax> parameters;  // bundles: name and type
  std::vector<ExtendSyntax> extends;
  std::vector<SettingSyntax> bindings;  // `let`
  std::optional<ProcessSyntax> process;
  std::optional<CapabilitiesSyntax> capabilities;
  std::optional<std::vector<NamespaceSyntax>> namespaces;
  std::optional<IdMapSyntax> idmap;
  std::optional<SyscallsSyntax> syscalls;
  std::vector<RuleSyntax> files, devices, network, ipc;  // RuleForm::Access
  std::vector<MountSyntax> mounts;
  std::vector<SettingSyntax> limits, sysctls;
  std::optional<LabelsSyntax> labels;
  std::vector<RequireSyntax> require;
  std::vector<ChildSyntax> children;
  std::vector<WaiverSyntax> waivers;
  std::vector<TestSyntax> tests;
};

// A helper's sub-policy: only the sections that narrow the parent's grants. An absent section is the parent's
// own.
struct ChildSyntax {
  ScalarText name;
  SourceRange range;
  std::optional<std::vector<RuleSyntax>> files, devices, network, ipc;
  std::optional<CapabilitiesSyntax> capabilities;
};

}  // namespace isola::grammar
