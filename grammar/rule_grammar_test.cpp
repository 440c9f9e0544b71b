#include "grammar/rule_grammar.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compiler/base/render.h"
#include "tests/support/rule_dump.h"

using namespace isola;
using namespace isola::grammar;

// A rule text as its file has it, and what the diagnostics about it say.
struct Parsed {
  std::string dump;
  std::string findings;  // `CODE underlined -> suggestion`, joined by ` + `
};

static std::string describe(const SourceManager& sources, const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& finding : diagnostics.sorted()) {
    text += text.empty() ? "" : " + ";
    text += std::string(info(finding.kind).code) + " [" + sources.text(finding.range).str() + "]";
    for (const Suggestion& suggestion : finding.suggestions) {
      text += " " + sources.text(suggestion.range).str() + " -> " + suggestion.replacement;
    }
  }
  return text;
}

enum class Reading { Syscall, Access, Item, Request, Test, Action };

static std::string read_as(Reading reading, const ScalarText& text, Diagnostics& diagnostics) {
  const auto show = [](const auto& syntax) { return syntax ? dump(*syntax) : ""; };
  switch (reading) {
    case Reading::Syscall:
      return show(parse_rule(text, RuleForm::Syscall, diagnostics));
    case Reading::Access:
      return show(parse_rule(text, RuleForm::Access, diagnostics));
    case Reading::Item:
      return show(parse_rule(text, RuleForm::Item, diagnostics));
    case Reading::Request:
      return show(parse_request(text, diagnostics));
    case Reading::Test:
      return show(parse_test(text, diagnostics));
    case Reading::Action:
      return show(parse_action(text, diagnostics));
  }
  return "";
}

// The text stands in the file as it is, behind four other bytes.
static Parsed parse_plain(Reading reading, const std::string& text) {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", "  - " + text + "\n");
  Diagnostics diagnostics;
  Parsed parsed;
  parsed.dump = read_as(reading, ScalarText::verbatim(text, file, 4), diagnostics);
  parsed.findings = describe(sources, diagnostics);
  return parsed;
}

// The text stands in the file within double quotes, so that each `"` and `\` takes two bytes there.
static Parsed parse_escaped(Reading reading, const std::string& text) {
  std::string written = "- \"";
  std::vector<ScalarText::Place> places;
  for (const char byte : text) {
    const auto begin = static_cast<std::uint32_t>(written.size());
    if (byte == '"' || byte == '\\') written.push_back('\\');
    written.push_back(byte);
    places.push_back({begin, static_cast<std::uint32_t>(written.size())});
  }
  const auto end = static_cast<std::uint32_t>(written.size());
  SourceManager sources;
  const FileId file = sources.add("a.yaml", written + "\"\n");
  Diagnostics diagnostics;
  Parsed parsed;
  parsed.dump = read_as(reading, ScalarText::mapped(text, file, places, {file, 3, end}), diagnostics);
  parsed.findings = describe(sources, diagnostics);
  return parsed;
}

struct SyntaxRow {
  const char* text;
  const char* dump;
};

static void check_syntax(Reading reading, const std::vector<SyntaxRow>& rows) {
  for (const SyntaxRow& row : rows) {
    INFO(std::string(row.text));
    const Parsed parsed = parse_plain(reading, row.text);
    CHECK(parsed.findings == "");
    CHECK(parsed.dump == std::string(row.dump));
    CHECK(parse_escaped(reading, row.text).dump == std::string(row.dump));
  }
}

struct ErrorRow {
  const char* text;
  const char* findings;
};

static void check_errors(Reading reading, const std::vector<ErrorRow>& rows) {
  for (const ErrorRow& row : rows) {
    INFO(std::string(row.text));
    const Parsed parsed = parse_plain(reading, row.text);
    CHECK(parsed.findings == std::string(row.findings));
    CHECK(parsed.dump == "");
    // Where nothing is escaped, the same bytes are underlined.
    const bool is_verbatim = llvm::StringRef(row.text).find_first_of("\"\\") == llvm::StringRef::npos;
    if (is_verbatim) CHECK(parse_escaped(reading, row.text).findings == std::string(row.findings));
  }
}

// clang-format off
TEST_CASE("rules: system call rules") {
  check_syntax(Reading::Syscall, {
      {"allow read write", "verbs(allow) objects(read write)"},
      {"deny  mount", "deny verbs(deny) objects(mount)"},
      {"drop allow read", "drop verbs(allow) objects(read)"},
      {"allow @basic-io @file-system", "verbs(allow) objects(@basic-io @file-system)"},
      {"allow socket if family in {AF_UNIX, AF_INET} because \"clients\"",
       "verbs(allow) objects(socket) if (in family AF_UNIX AF_INET) because(clients)"},
      {"allow clone if (clone_flags & CLONE_NEWUSER) == 0", "verbs(allow) objects(clone) if (== clone_flags&CLONE_NEWUSER 0)"},
      {"allow clone if clone_flags & (CLONE_NEWUSER|CLONE_NEWNS) == 0",
       "verbs(allow) objects(clone) if (== clone_flags&CLONE_NEWUSER|CLONE_NEWNS 0)"},
      {"deny clone3 -> SCMP_ACT_ERRNO(ENOSYS)  because \"flags are behind a pointer\"",
       "deny verbs(deny) objects(clone3) -> SCMP_ACT_ERRNO(ENOSYS) because('flags are behind a pointer')"},
      {"deny reboot -> SCMP_ACT_KILL_PROCESS", "deny verbs(deny) objects(reboot) -> SCMP_ACT_KILL_PROCESS"},
      {"allow arch_prctl when arch == x86_64", "verbs(allow) objects(arch_prctl) when (== arch x86_64)"},
      {"allow io_uring_setup when feature.io_uring", "verbs(allow) objects(io_uring_setup) when feature.io_uring"},
      {"allow socket if family == AF_NETLINK && protocol == NETLINK_ROUTE",
       "verbs(allow) objects(socket) if (all (== family AF_NETLINK) (== protocol NETLINK_ROUTE))"},
  });
}

TEST_CASE("rules: conditions") {
  check_syntax(Reading::Syscall, {
      {"allow a if x == 1 || y != 2 && z < 3", "verbs(allow) objects(a) if (any (== x 1) (all (!= y 2) (< z 3)))"},
      {"allow a if (x <= 1 || y >= 2) && z > 3", "verbs(allow) objects(a) if (all (any (<= x 1) (>= y 2)) (> z 3))"},
      {"allow a if !(x == 1)", "verbs(allow) objects(a) if (not (== x 1))"},
      {"allow a if !!owner", "verbs(allow) objects(a) if (not (not owner))"},
      {"allow a if x==1&&y==2", "verbs(allow) objects(a) if (all (== x 1) (== y 2))"},
      {"allow a if(x==1)when(arch==arm)", "verbs(allow) objects(a) if (== x 1) when (== arch arm)"},
      {"allow a if ((x == 1))", "verbs(allow) objects(a) if (== x 1)"},
      {"allow a if x == 1 && y == 2 && z == 3", "verbs(allow) objects(a) if (all (== x 1) (== y 2) (== z 3))"},
      {"allow a if x == 1 && (y == 2 && z == 3)", "verbs(allow) objects(a) if (all (== x 1) (all (== y 2) (== z 3)))"},
      {"allow a if (f & A == 0)", "verbs(allow) objects(a) if (== f&A 0)"},
      {"allow a if ((f & (A|B)) == 0 && x == 1)", "verbs(allow) objects(a) if (all (== f&A|B 0) (== x 1))"},
      {"allow a if x in 1..5", "verbs(allow) objects(a) if (in x 1..5)"},
      {"allow a if x not in {1, 3..5, A|B}", "verbs(allow) objects(a) if (not-in x 1 3..5 A|B)"},
      {"allow a if x in {1,2}", "verbs(allow) objects(a) if (in x 1 2)"},
      {"allow a if x == 0x1f || x == -1 || x == 0o17 || x == 017",
       "verbs(allow) objects(a) if (any (== x 0x1f) (== x -1) (== x 0o17) (== x 017))"},
      {"allow a if x in -5..-1", "verbs(allow) objects(a) if (in x -5..-1)"},
      {"allow a if x == A|B|C", "verbs(allow) objects(a) if (== x A|B|C)"},
      {"allow a if x == (A | B) || y == 1", "verbs(allow) objects(a) if (any (== x A|B) (== y 1))"},
      {"allow a if x == $port", "verbs(allow) objects(a) if (== x $port)"},
      {"allow a when kernel >= 6.7 && capability.CAP_SYS_NICE",
       "verbs(allow) objects(a) when (all (>= kernel 6.7) capability.CAP_SYS_NICE)"},
      {"allow a when engine == \"docker desktop\"", "verbs(allow) objects(a) when (== engine 'docker desktop')"},
      {"allow a if owner -> SCMP_ACT_LOG", "verbs(allow) objects(a) if owner -> SCMP_ACT_LOG"},
      {"allow a if x == 1->SCMP_ACT_LOG", "verbs(allow) objects(a) if (== x 1) -> SCMP_ACT_LOG"},
  });
}

TEST_CASE("rules: access rules") {
  check_syntax(Reading::Access, {
      {"read /etc/hosts", "verbs(read) objects(/etc/hosts)"},
      {"read,map,execute $pgbin/postgres", "verbs(read map execute) objects($pgbin/postgres)"},
      {"read, write /dev/null", "verbs(read write) objects(/dev/null)"},
      {"deny read,write /x/**", "deny verbs(read write) objects(/x/**)"},
      {"drop deny read /x", "drop deny verbs(read) objects(/x)"},
      {"read /etc/{passwd,group,ssl/openssl.cnf}", "verbs(read) objects(/etc/{passwd,group,ssl/openssl.cnf})"},
      {"read /srv/[!a-z]?/*.log /b", "verbs(read) objects(/srv/[!a-z]?/*.log /b)"},
      {"read /a\\{b /c\\\"d", "verbs(read) objects(/a\\{b /c\\\"d)"},
      {"read \"/path with spaces/*\"", "verbs(read) objects('/path with spaces/*')"},
      {"read \"/a\\\"b\\\\c\"", "verbs(read) objects(/a\"b\\c)"},
      {"read \"to\" \"because\"", "verbs(read) objects(to because)"},
      {"execute /usr/bin/dash as archive", "verbs(execute) objects(/usr/bin/dash) as(archive)"},
      {"read,write /x if owner", "verbs(read write) objects(/x) if owner"},
      {"read /caf\xC3\xA9/** because \"\xE2\x82\xAC\"", "verbs(read) objects(/caf\xC3\xA9/**) because(\xE2\x82\xAC)"},
      {"connect tcp 10.20.0.0/16:9000", "verbs(connect) objects(tcp 10.20.0.0/16:9000)"},
      {"connect tcp [2001:db8::/32]:443", "verbs(connect) objects(tcp [2001:db8::/32]:443)"},
      {"bind unix @name", "verbs(bind) objects(unix @name)"},
      {"bind tcp {80, 8000..8010}", "verbs(bind) objects(tcp {80 8000..8010})"},
      {"signal send {SIGTERM, SIGQUIT} to self", "verbs(signal) objects(send {SIGTERM SIGQUIT}) to(self)"},
      {"signal receive {SIGTERM} from engine", "verbs(signal) objects(receive {SIGTERM}) from(engine)"},
      {"ptrace read to child archive", "verbs(ptrace) objects(read) to(child archive)"},
      {"signal send {\"a b\"} to \"un label\"", "verbs(signal) objects(send {'a b'}) to('un label')"},
      {"shm sysv create,read,write", "verbs(shm) objects(sysv create,read,write)"},
      {"read {a,b}/c", "verbs(read) objects({a,b}/c)"},
      {"read\n  /a\n  /b", "verbs(read) objects(/a /b)"},
  });
}

TEST_CASE("rules: list items") {
  check_syntax(Reading::Item, {
      {"CAP_CHOWN", "objects(CAP_CHOWN)"},
      {"CAP_CHOWN because \"entrypoint prepares the cache\"", "objects(CAP_CHOWN) because('entrypoint prepares the cache')"},
      {"drop cap_kill", "drop objects(cap_kill)"},
      {"CAP_BPF when kernel >= 5.8", "objects(CAP_BPF) when (>= kernel 5.8)"},
  });
}

TEST_CASE("rules: requests and tests") {
  check_syntax(Reading::Request, {
      {"clone3()", "call(clone3)"},
      {"socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, _)", "call(socket AF_INET SOCK_STREAM|SOCK_CLOEXEC _)"},
      {"socket(AF_ALG, 5, 0) on SCMP_ARCH_X86", "call(socket AF_ALG 5 0) on(SCMP_ARCH_X86)"},
      {"read,write /etc/passwd as archive", "verbs(read write) objects(/etc/passwd) as(archive)"},
      {"signal send SIGTERM to child archive", "verbs(signal) objects(send SIGTERM) to(child archive)"},
      {"mount /dev/sda1 /mnt type ext4 options ro,nosuid", "verbs(mount) objects(/dev/sda1 /mnt type ext4 options ro,nosuid)"},
      {"capability CAP_SYS_ADMIN", "verbs(capability) objects(CAP_SYS_ADMIN)"},
  });
  check_syntax(Reading::Test, {
      {"allow read /etc/nginx/nginx.conf", "allow verbs(read) objects(/etc/nginx/nginx.conf)"},
      {"deny  connect tcp 8.8.8.8:443 as archive", "deny verbs(connect) objects(tcp 8.8.8.8:443) as(archive)"},
      {"ENOSYS clone3() because \"libc falls back\"", "ENOSYS call(clone3) because('libc falls back')"},
      {"kill reboot(_)", "kill call(reboot _)"},
      {"E2BIG read /x", "E2BIG verbs(read) objects(/x)"},
  });
}

TEST_CASE("rules: actions") {
  check_syntax(Reading::Action, {
      {"SCMP_ACT_ERRNO(EPERM)", "SCMP_ACT_ERRNO(EPERM)"},
      {"SCMP_ACT_ERRNO( 38 )", "SCMP_ACT_ERRNO(38)"},
      {"SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_PROCESS"},
  });
  check_errors(Reading::Action, {
      {"", "E250 []"},
      {"(EPERM)", "E250 [(]"},
      {"SCMP_ACT_ERRNO(EPERM", "E252 [(]"},
      {"SCMP_ACT_ERRNO EPERM", "E250 [EPERM]"},
      {"SCMP_ACT_ERRNO(EPERM))", "E253 [)]"},
  });
}

TEST_CASE("rules: what is missing is said where it is missing") {
  check_errors(Reading::Syscall, {
      {"", "E250 []"},
      {"allow", "E250 []"},
      {"allow if x == 1", "E250 [if]"},
      {"allow socket if", "E250 []"},
      {"allow socket if family ==", "E250 []"},
      {"allow socket if family == because \"x\"", "E250 [because]"},
      {"allow socket if family == AF_UNIX because", "E250 []"},
      {"allow socket if family in {AF_UNIX,}", "E250 [}]"},
      {"allow socket if family in {}", "E250 [}]"},
      {"allow socket if family in {AF_UNIX AF_INET}", "E250 [AF_INET]"},
      {"allow socket if family in {AF_UNIX, AF_INET", "E252 [{]"},
      {"allow socket if family in", "E250 []"},
      {"allow socket if family in 5", "E267 [5] 5 -> {5}"},
      {"allow socket if family in AF_UNIX, AF_INET when owner", "E267 [AF_UNIX, AF_INET] AF_UNIX, AF_INET -> {AF_UNIX, AF_INET}"},
      {"allow socket if (clone_flags & CLONE_NEWUSER)", "E250 []"},
      {"allow socket if (clone_flags & CLONE_NEWUSER", "E252 [(]"},
      {"allow socket if (clone_flags & CLONE_NEWUSER == 0", "E252 [(]"},
      {"allow socket if (clone_flags & (A|B", "E252 [(]"},
      {"allow socket if (family == AF_UNIX", "E252 [(]"},
      {"allow socket if ((family == AF_UNIX)", "E252 [(]"},
      {"allow socket if family == AF_UNIX)", "E253 [)]"},
      {"allow socket if 1 == family", "E250 [1]"},
      {"allow socket if family == AF_UNIX protocol == 0", "E250 [protocol]"},
      {"allow socket if family == AF_UNIX &&", "E250 []"},
      {"allow socket -> ", "E250 []"},
      {"allow socket -> 5", "E250 [5]"},
      {"allow socket because \"a\" \"b\"", "E250 [\"b\"]"},
  });
  check_errors(Reading::Access, {
      {"read", "E250 []"},
      {"Read /etc", "E250 [Read]"},
      {"read, /etc", "E250 [/etc]"},
      {"/etc/passwd", "E250 [/etc/passwd]"},
      {"execute /bin/sh as", "E250 []"},
      {"execute /bin/sh as a b", "E250 [b]"},
      {"signal send {} to self", "E250 [}]"},
      {"signal send {SIGTERM SIGKILL}", "E250 [SIGKILL]"},
      {"signal send {SIGTERM} to because \"x\"", "E250 [because]"},
  });
  check_errors(Reading::Item, {{"CAP_A CAP_B", "E250 [CAP_B]"}, {"because \"x\"", "E250 [because]"}});
  check_errors(Reading::Test, {
      {"allow", "E250 []"},
      {"allow socket(AF_INET,)", "E250 [)]"},
      {"allow socket(AF_INET", "E252 [(]"},
      {"allow socket() on", "E250 []"},
  });
}

TEST_CASE("rules: the message says what was expected, behind what, and what was found") {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", "- allow socket if family == because \"x\"\n");
  Diagnostics diagnostics;
  parse_rule(ScalarText::verbatim("allow socket if family == because \"x\"", file, 2), RuleForm::Syscall, diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].message == "expected a value after `==`, found `because`");
}

TEST_CASE("rules: broken words") {
  check_errors(Reading::Access, {
      {"read \"/a b", "E251 [\"]"},
      {"read /a because \"see", "E251 [\"]"},
      {"read /etc/{passwd,group", "E252 [{]"},
      {"read /etc/{passwd, group}/x /y", "E254 [/etc/{passwd, group}/x] /etc/{passwd, group}/x -> /etc/{passwd,group}/x"},
      {"read /etc/passwd}", "E253 [}]"},
      {"read /etc/[a}", "E253 [}]"},
      {"signal send {SIGTERM, SIGKILL", "E252 [{]"},
      {"read /srv/\"my files\"/*", "E255 [\"]"},
      {"read \"/srv/a\"/*", "E255 [\"]"},
      {"read \"/srv/a\\b\"", "E256 [\\b] \\b -> \\\\b"},
      {"read /a, /b", "E265 [,] , -> "},
  });
}

TEST_CASE("rules: operators of other languages") {
  check_errors(Reading::Syscall, {
      {"allow socket if family = AF_UNIX", "E257 [=] = -> =="},
      {"allow socket if (a & b) = 0", "E257 [=] = -> =="},
      {"allow socket if family === 1", "E250 [=]"},
      {"allow socket if a => 1", "E257 [=>] => -> >="},
      {"allow socket if a == 1 and b == 2", "E257 [and] and -> &&"},
      {"allow socket if (a == 1 or b == 2)", "E257 [or] or -> ||"},
      {"allow socket if a == 1 & b == 2", "E257 [&] & -> &&"},
      {"allow socket if not a == 1", "E257 [not] not  -> !"},
      {"allow socket if a == 1 && not b == 2", "E257 [not] not  -> !"},
  });
}

TEST_CASE("rules: a negated comparison needs parentheses") {
  check_errors(Reading::Syscall, {
      {"allow socket if !a == 1 && b == 2", "E268 [!a == 1] !a == 1 -> !(a == 1)"},
      {"allow socket if !(m & A) == 0", "E268 [!(m & A) == 0] !(m & A) == 0 -> !((m & A) == 0)"},
      {"allow socket if !!a in 1..2", "E268 [!a in 1..2] !a in 1..2 -> !(a in 1..2)"},
  });
}

TEST_CASE("rules: clauses have one order and stand once") {
  check_errors(Reading::Syscall, {
      {"deny clone3 because \"x\" -> SCMP_ACT_LOG", "E260 [->]"},
      {"allow a when owner if x == 1", "E260 [if]"},
      {"allow a if x == 1 if y == 2", "E259 [if]"},
      {"allow a when owner if x == 1 if y == 2", "E260 [if] + E259 [if]"},
      {"allow a to self", "E261 [to]"},
      {"allow a as b if x = 1", "E261 [as] + E260 [if] + E257 [=] = -> =="},
  });
  check_errors(Reading::Access, {{"signal send A to self from engine", "E259 [from]"}});
  check_errors(Reading::Item, {{"CAP_KILL if x == 1", "E261 [if]"}});
  check_errors(Reading::Request, {{"read /x as a to self", "E260 [to]"}, {"read /x because \"y\"", "E250 [because]"}});
}

TEST_CASE("rules: a verb of the wrong section") {
  check_errors(Reading::Access, {
      {"allow read /etc", "E263 [allow] allow  -> "},
      {"deny deny read /etc", "E263 [deny] deny  -> "},
  });
  check_errors(Reading::Item, {{"allow CAP_KILL", "E263 [allow] allow  -> "}});
  check_errors(Reading::Syscall, {
      {"openat read", "E262 [openat]  -> allow "},
      {"alow openat", "E262 [alow] alow -> allow"},
      {"read,write", "E262 [read]  -> allow "},
      {"allow read, write", "E265 [,] , -> "},
      {"allow read , write", "E265 [,] , -> "},
  });
  check_errors(Reading::Test, {
      {"read /etc/passwd", "E266 [read]  -> allow "},
      {"dney read /etc/passwd", "E266 [dney] dney -> deny"},
      {"deny deny read /x", "E263 [deny] deny  -> "},
  });
}

TEST_CASE("rules: a reason without quotes") {
  check_errors(Reading::Syscall, {
      {"allow kill because workers are signalled ", "E264 [workers are signalled] workers are signalled -> \"workers are signalled\""},
  });
}
// clang-format on

TEST_CASE("rules: errors in an escaped text underline what the author typed") {
  CHECK(parse_escaped(Reading::Access, "read \"/a b\" \"/c").findings == "E251 [\\\"]");
  CHECK(parse_escaped(Reading::Syscall, "allow kill because \"a\" b").findings == "E250 [b]");
  CHECK(parse_escaped(Reading::Syscall, "allow kill if a = \"x\"").findings == "E257 [=] = -> ==");
  CHECK(parse_escaped(Reading::Access, "read \"/a\\b\"").findings == "E256 [\\\\b] \\\\b -> \\\\b");
}

TEST_CASE("rules: every word knows its place") {
  SourceManager sources;
  const std::string text =
      "read,write /a \"/b c\" {X, Y} if !(m & A|B) != 1..2 to child z as k -> N(E) when w because \"r\"";
  const FileId file = sources.add("a.yaml", "- " + text);
  Diagnostics diagnostics;
  CHECK(!parse_rule(ScalarText::verbatim(text, file, 2), RuleForm::Access, diagnostics));
  const std::string good =
      "deny read,write /a \"/b c\" {X, Y} if !((m & A|B) not in {1..2}) to child z as k -> N(E) when w "
      "because \"r\"";
  const FileId good_file = sources.add("b.yaml", "- " + good);
  Diagnostics none;
  const auto rule = parse_rule(ScalarText::verbatim(good, good_file, 2), RuleForm::Access, none);
  REQUIRE(rule);
  const auto at = [&](SourceRange range) { return sources.text(range).str(); };
  CHECK(at(rule->range) == good);
  CHECK(at(*rule->deny) == "deny");
  CHECK(at(rule->verbs[1].range()) == "write");
  CHECK(at(std::get<ScalarText>(rule->objects[1]).range()) == "/b c");
  CHECK(at(std::get<SetSyntax>(rule->objects[2]).range) == "{X, Y}");
  CHECK(at(std::get<SetSyntax>(rule->objects[2]).items[1].range()) == "Y");
  CHECK(at(rule->condition->range) == "!((m & A|B) not in {1..2})");
  const ConditionSyntax& inner = rule->condition->operands[0];
  CHECK(at(inner.range) == "((m & A|B) not in {1..2})");
  CHECK(at(inner.compare.subject.range()) == "m");
  CHECK(at(inner.compare.mask->range) == "A|B");
  CHECK(at(inner.compare.mask->parts[1].range()) == "B");
  CHECK(at(inner.compare.comparison_range) == "not in");
  CHECK(at(inner.compare.values[0].range) == "1..2");
  CHECK(at(inner.compare.values[0].high->range) == "2");
  CHECK(at(rule->peer->range) == "to child z");
  CHECK(at(rule->peer->words[1].range()) == "z");
  CHECK(at(rule->child->range()) == "k");
  CHECK(at(rule->action->range) == "N(E)");
  CHECK(at(rule->action->argument->range) == "E");
  CHECK(at(rule->when->range) == "w");
  CHECK(at(rule->because->range()) == "r");
}

TEST_CASE("rules: hostile texts end in a diagnostic") {
  const std::string many(65536, '(');
  CHECK(parse_plain(Reading::Syscall, "allow a if " + many).findings == "E258 [(]");
  CHECK(parse_plain(Reading::Syscall, "allow a if " + std::string(65536, '!') + "x").findings == "E258 [!]");
  CHECK(parse_plain(Reading::Access, "read /" + many).findings == "E252 [(]");
  CHECK(parse_plain(Reading::Access, "read " + std::string(65536, '{')).findings == "E252 [{]");
  CHECK(parse_plain(Reading::Syscall, "allow a if \xFF\x80").findings == "E250 [\xFF\x80]");
  CHECK(parse_plain(Reading::Syscall, "\xC3\xA9").findings == "E262 [\xC3\xA9]  -> allow ");
}

TEST_CASE("rules: conditions nest as deep as the limit says") {
  const auto nested = [](std::size_t depth) {
    return "allow a if " + std::string(depth, '(') + "owner" + std::string(depth, ')');
  };
  CHECK(parse_plain(Reading::Syscall, nested(kMaxConditionDepth - 1)).findings == "");
  CHECK(parse_plain(Reading::Syscall, nested(kMaxConditionDepth)).findings == "E258 [o]");
}
