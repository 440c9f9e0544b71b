#include "compiler/lint/waivers.h"

#include <doctest/doctest.h>

using namespace isola;

// A policy with two rules that write below whole directories, at bytes 10-20 and 30-40.
static ir::Policy broad_policy() {
  ir::Policy policy;
  std::uint32_t begin = 10;
  for (const char* text : {"/srv/**", "/opt/**"}) {
    ir::FileAccess access{.path = std::get<ir::PathPattern>(ir::PathPattern::parse(text)),
                          .modes = {ir::FileMode::Write},
                          .owner_only = false,
                          .child = ""};
    ir::Rule rule;
    rule.permission = std::move(access);
    rule.origin = {FileId{1}, begin, begin + 10};
    policy.rules.push_back({.rule = std::move(rule), .when = {}});
    begin += 20;
  }
  return policy;
}

// Codes and places of what is found, in the order of reporting: `W734@30`.
static std::string lint_text(const ir::Policy& policy) {
  Diagnostics diagnostics;
  lint::lint(policy, {.today = "2026-11-23"}, diagnostics);
  std::string found;
  for (const Diagnostic& one : diagnostics.all()) {
    found +=
        (found.empty() ? "" : " ") + std::string(info(one.kind).code) + "@" + std::to_string(one.range.begin);
  }
  return found;
}

static ir::Policy waived(const std::string& lint, const std::string& at, const std::string& until) {
  ir::Policy policy = broad_policy();
  policy.waivers.push_back(
      {.lint = lint, .at = at, .because = "a reason", .until = until, .origin = {FileId{1}, 90, 99}});
  return policy;
}

TEST_CASE("lint: each rule that writes below a whole directory is reported") {
  CHECK(lint_text(broad_policy()) == "W734@10 W734@30");
}

TEST_CASE("lint: below a mount of the workload's own, a broad write is fine") {
  ir::Policy policy = broad_policy();
  policy.world.mounts.push_back({.destination = "/srv",
                                 .source = "",
                                 .type = "tmpfs",
                                 .options = {},
                                 .label = {},
                                 .id_mapped = false,
                                 .origin = {}});
  CHECK(lint_text(policy) == "W734@30");
}

TEST_CASE("lint: a mount of the root, or beside the directory, does not make it the workload's own") {
  ir::Policy policy = broad_policy();
  for (const char* destination : {"/", "/srv2", "/op"}) {
    policy.world.mounts.push_back({.destination = destination,
                                   .source = "",
                                   .type = "tmpfs",
                                   .options = {},
                                   .label = {},
                                   .id_mapped = false,
                                   .origin = {}});
  }
  CHECK(lint_text(policy) == "W734@10 W734@30");
}

TEST_CASE("waivers: one rule, or a whole section, is silenced until the last day inclusive") {
  CHECK(lint_text(waived("broad-write", "files/2", "2026-11-23")) == "W734@10");
  CHECK(lint_text(waived("W734", "files", "2027-01-01")) == "");
}

TEST_CASE("waivers: the day after, the finding is back and the waiver reported") {
  CHECK(lint_text(waived("broad-write", "files/2", "2026-11-22")) == "W732@90 W734@10 W734@30");
}

TEST_CASE("waivers: one that silences nothing, or names no rule, is reported") {
  CHECK(lint_text(waived("redundant-rule", "files/1", "2027-01-01")) == "W731@90 W734@10 W734@30");
  for (const char* place : {"files/3", "files/0", "files/x", "network", "nonsense"}) {
    CAPTURE(place);
    CHECK(lint_text(waived("broad-write", place, "2027-01-01")) == "W733@90 W734@10 W734@30");
  }
}
