#include "grammar/policy_reader.h"

#include <doctest/doctest.h>

#include "compiler/base/render.h"
#include "grammar/dump.h"
#include "grammar/key_table.h"

using namespace isola;
using namespace isola::grammar;

namespace {

struct Reading {
  SourceManager sources;
  Diagnostics diagnostics;
  std::optional<PolicySyntax> policy;

  explicit Reading(std::string text) {
    const FileId file = sources.add("policy.yaml", std::move(text));
    policy = read_policy(sources, file, diagnostics);
  }
  std::string found() const {
    std::string all;
    for (const Diagnostic& entry : diagnostics.sorted()) {
      if (!all.empty()) all += ", ";
      all += std::string(isola::info(entry.kind).code) + " `" + sources.text(entry.range).str() + "`";
    }
    return all;
  }
};

// `body` stands below a valid name.
void expect_found(const std::string& body, const std::string& found) {
  CAPTURE(body);
  CHECK(Reading("policy: web\n" + body).found() == found);
}

std::string dump(const std::string& body) {
  const Reading reading("policy: web\n" + body);
  CHECK(reading.found() == "");
  REQUIRE(reading.policy);
  return dump_syntax(reading.sources, *reading.policy);
}

}  // namespace

TEST_CASE("policy reader: wrong keys and shapes are found by name and underlined") {
  // clang-format off
  expect_found("file:\n  - read /x\n",                          "E201 `file`");
  expect_found("process: {path: /x, nonewprivileges: true}\n",  "E201 `nonewprivileges`");
  expect_found("files: read /x\n",                              "E202 `read /x`");
  expect_found("files: {read: /x}\n",                           "E202 `{read: /x}`");
  expect_found("syscalls:\n  - allow read\n",                   "E203 `- allow read`");
  expect_found("limits: [a, b]\n",                              "E203 `[a, b]`");
  expect_found("about: [a]\n",                                  "E204 `[a]`");
  expect_found("process:\n  user: {a: b}\n",                    "E204 `{a: b}`");
  expect_found("files:\n  - read: /x\n",                        "E205 `read: /x`");
  expect_found("files:\n  - [read, /x]\n",                      "E205 `[read, /x]`");
  expect_found("files:\n  - read \"/x: y\"\n",                  "E123 `read \"/x: y\"`");
  expect_found("files:\n",                                      "E206 `files`");
  expect_found("limits:\n  memory.max:\n",                      "E206 `memory.max`");
  expect_found("bundle: b\n",                                   "E210 `bundle`");
  expect_found("params: {port: port}\n",                        "E212 `params`");
  expect_found("extends: std/x(\n",                             "E213 `(`");
  expect_found("extends: [std/x(port)]\n",                      "E213 `port`");
  expect_found("namespaces: [{pid: host, ipc: host}]\n",        "E214 `{pid: host, ipc: host}`");
  expect_found("namespaces: [{pids: host}]\n",                  "E201 `pids`");
  // clang-format on
}

TEST_CASE("policy reader: an empty item is underlined where it should be") {
  const Reading reading("policy: web\nfiles:\n  -\n  - read /x\n");
  CHECK(render_text(reading.sources, reading.diagnostics, Colour::Off)
            .find("policy.yaml:3:4: error[E207]: this item is empty\n") == 0);
}

TEST_CASE("policy reader: a file without sections or without a name is refused") {
  CHECK(Reading("").found() == "E208 ``");
  CHECK(Reading("- read /x\n").found() == "E208 ``");
  CHECK(Reading("schema: 1\n").found() == "E209 ``");
}

TEST_CASE("policy reader: a bundle has no sections about one workload") {
  CHECK(Reading("bundle: std/net/tcp-server\nparams: {port: port}\n").found() == "");
  CHECK(Reading("bundle: std/x\nlimits: {pids.max: 1}\nprocess: {}\n").found() ==
        "E211 `limits`, E211 `process`");
}

TEST_CASE("policy reader: several mistakes are reported in one run, in file order") {
  expect_found("abuot: x\nfiles: x\nprocess: {umsk: 0027}\n", "E201 `abuot`, E202 `x`, E201 `umsk`");
}

TEST_CASE("policy reader: a misspelt key is suggested") {
  const Reading reading("policy: web\nprocess:\n  noNewPrivilege: true\n");
  CHECK(render_text(reading.sources, reading.diagnostics, Colour::Off) ==
        "policy.yaml:3:3: error[E201]: unknown key `noNewPrivilege` in `process`\n"
        "    3 |   noNewPrivilege: true\n"
        "      |   ^^^^^^^^^^^^^^\n"
        "      = help: did you mean `noNewPrivileges`?\n");
}

TEST_CASE("policy reader: id maps are read in every way of writing a triple") {
  const std::string expected = "policy `web` 1:9-12\nidmap\n  uid `0 100000 65536` ";
  CHECK(dump("idmap: {uid: [0 100000 65536]}\n") == expected + "2:15-29\n");
  CHECK(dump("idmap: {uid: [0, 100000, 65536]}\n") == expected + "2:15-31\n");
  CHECK(dump("idmap: {uid: [[0, 100000, 65536]]}\n") == expected + "2:16-32\n");
  CHECK(dump("idmap: {uid: ['0 100000 65536']}\n") == expected + "2:16-30\n");
}

TEST_CASE("policy reader: extends takes names, files and arguments") {
  CHECK(dump("extends: std/glibc\n") == "policy `web` 1:9-12\nextends `std/glibc` 2:10-19\n");
  const std::string expected =
      "policy `web` 1:9-12\nextends `std/net` 2:12-19\n  key `port` 2:20-24\n  value `8080` 2:26-30\n";
  CHECK(dump("extends: [ std/net(port: 8080)]\n") == expected);
  CHECK(dump("extends: [\"std/net(port: 8080)\"]\n") == expected);
  CHECK(dump("extends:\n  - std/net(port: 8080)\n") ==
        "policy `web` 1:9-12\nextends `std/net` 3:5-12\n  key `port` 3:13-17\n  value `8080` 3:19-23\n");
  CHECK(dump("extends:\n  - './x(a: 1, b: 2)'\n") ==
        "policy `web` 1:9-12\nextends `./x` 3:6-9\n  key `a` 3:10-11\n  value `1` 3:13-14\n"
        "  key `b` 3:16-17\n  value `2` 3:19-20\n");
}

TEST_CASE("policy reader: a child's empty section is not an absent one") {
  const Reading reading("policy: web\nchildren:\n  helper:\n    network: []\n");
  REQUIRE(reading.policy);
  const ChildSyntax& child = reading.policy->children.front();
  REQUIRE(child.network);
  CHECK(child.network->empty());
  CHECK(!child.files);
}
