#include "grammar/dump.h"

#include <doctest/doctest.h>

#include "grammar/policy_reader.h"

using namespace isola;
using namespace isola::grammar;

namespace {

std::string dump(std::string text) {
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("policy.yaml", std::move(text));
  const std::optional<PolicySyntax> policy = read_policy(sources, file, diagnostics);
  REQUIRE(policy);
  REQUIRE(diagnostics.error_count() == 0);
  return dump_syntax(sources, *policy);
}

}  // namespace

TEST_CASE("dump: every word of a rule has its place, in whatever way YAML wraps it") {
  CHECK(dump(R"(policy: web
files:
  - read /etc/hosts
  - 'read /etc/it''s'
  - "read /etc/\x68osts"
  - >-
    read
    /etc/hosts
)") == R"(policy `web` 1:9-12
files
  rule 3:5-20
    verb `read` 3:5-9
    object `/etc/hosts` 3:10-20
  rule 4:6-21
    verb `read` 4:6-10
    object `/etc/it's` 4:11-21
  rule 5:6-24
    verb `read` 5:6-10
    object `/etc/hosts` 5:11-24
  rule 7:5-8:15
    verb `read` 7:5-9
    object `/etc/hosts` 8:5-15
)");
}

TEST_CASE("dump: a condition shows its parts") {
  CHECK(dump(R"(policy: web
syscalls:
  otherwise: SCMP_ACT_ERRNO(EPERM)
  rules:
    - allow clone if (clone_flags & CLONE_NEWUSER) == 0 because "no user namespaces"
)") == R"(policy `web` 1:9-12
syscalls
  otherwise `SCMP_ACT_ERRNO` 3:14-28
    argument 3:29-34
      part `EPERM` 3:29-34
  rules
    rule 5:7-85
      verb `allow` 5:7-12
      object `clone` 5:13-18
      if compare 5:22-56
        subject `clone_flags` 5:23-34
        mask 5:37-50
          part `CLONE_NEWUSER` 5:37-50
        == 5:52-54
        value 5:55-56
          part `0` 5:55-56
      because `no user namespaces` 5:66-84
)");
}

TEST_CASE("dump: the sections about the world") {
  CHECK(dump(R"(policy: web
process: {path: /usr/sbin/nginx, user: 101:101, env: {LANG: C}}
namespaces: [mount, {network: host}]
mounts:
  - {destination: /run, type: tmpfs, options: [nosuid]}
children: {helper: {network: []}}
require: {files: exact}
)") == R"(policy `web` 1:9-12
process
  path `/usr/sbin/nginx` 2:17-32
  env
    key `LANG` 2:55-59
    value `C` 2:61-62
  user `101:101` 2:40-47
namespaces
  namespace `mount` 3:14-19
  namespace `network` 3:22-29
    is `host` 3:31-35
mount 5:5-56
  destination `/run` 5:19-23
  type `tmpfs` 5:31-36
  option `nosuid` 5:48-54
require `files` 7:11-16
  fidelity `exact` 7:18-23
child `helper` 6:12-18
  network
)");
}
