// The equality tests of AppArmor's own suite that are about files: profiles that it says are equal, or are
// not, must have equal, or different, languages of paths for each access, and the installed parser has a say
// too.
//
// Exits 77 (skipped) when ISOLA_CORPUS does not name the corpus. What disagrees, and why: README.md.

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/JSON.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "compiler/ir/path_language.h"
#include "tests/support/apparmor_parser.h"

using isola::ir::PathLanguage;
using isola::ir::PathPattern;

namespace {

// Accesses to paths: allowed and not denied.
using FileProfile = std::map<char, PathLanguage>;

struct FileRule {
  bool is_deny = false;
  PathPattern path;
  std::string modes;
};

// A rule of plain file accesses, as `deny /a/** rw`; nothing for every other rule. Audit changes no access.
std::optional<FileRule> read_rule(llvm::StringRef text) {
  text = text.trim();
  const bool audits = text.consume_front("audit ");
  text = text.ltrim();
  const bool denies = text.consume_front("deny ");
  if (!denies) text.consume_front("allow ");
  text = text.trim();
  text.consume_front("file ");
  const auto [path, modes] = text.rsplit(' ');
  if ((audits && !denies) || path.contains('@') || path.contains(' ') || path.contains('"'))
    return std::nullopt;
  const bool is_transition = !denies && modes.contains('x') && !modes.contains("ix");
  if (modes.empty() || modes.find_first_not_of("rwaklmix") != llvm::StringRef::npos || is_transition)
    return std::nullopt;
  auto pattern = PathPattern::parse(path);
  if (!std::holds_alternative<PathPattern>(pattern)) return std::nullopt;
  return FileRule{denies, std::get<PathPattern>(pattern), modes.str()};
}

PathLanguage language(llvm::ArrayRef<PathPattern> patterns) {
  return PathLanguage::of(patterns).value();
}

PathLanguage subtract(llvm::ArrayRef<PathPattern> allowed, llvm::ArrayRef<PathPattern> denied) {
  return language(allowed).subtract(language(denied)).value();
}

std::optional<FileProfile> read_profile(llvm::StringRef text) {
  text = text.trim();
  if (!text.consume_front("/t {") || !text.consume_back("}")) return std::nullopt;
  llvm::SmallVector<llvm::StringRef, 8> parts;
  text.trim().split(parts, ", ", -1, false);
  std::map<char, std::vector<PathPattern>> allowed, denied;
  for (llvm::StringRef part : parts) {
    const std::optional<FileRule> rule = read_rule(part.trim().rtrim(','));
    if (!rule) return std::nullopt;
    for (const char mode : rule->modes) (rule->is_deny ? denied : allowed)[mode].push_back(rule->path);
  }
  // `ix` allows to map the file as well, and that goes with it when `x` is denied.
  const PathLanguage run = subtract(allowed['x'], denied['x']);
  const PathLanguage mapped =
      subtract(allowed['m'], denied['m']).unite(run.subtract(language(denied['m'])).value()).value();
  FileProfile profile;
  for (const char mode : {'r', 'w', 'a', 'k', 'l'})
    profile.emplace(mode, subtract(allowed[mode], denied[mode]));
  profile.emplace('x', run);
  profile.emplace('m', mapped);
  return profile;
}

bool are_equal(const FileProfile& first, const FileProfile& second) {
  return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                    [](const auto& one, const auto& other) {
                      return one.first == other.first && one.second.equals(other.second);
                    });
}

// Disagreements that README.md explains, as `KNOWN | OTHER`.
const std::set<std::string> kNotAsCorpus = {
    "/t {  deny /* x, } | /t {  audit deny /* x, }",
    "/t {  deny /**/ w, } | /t {  audit deny /**/ w, }",
    "/t {  deny /f r, } | /t {  audit deny /f r, }",
    "/t {  deny /f rwmlk, } | /t {  audit deny /f rwmlk, }",
    "/t {  deny file /f r, } | /t {  audit deny file /f r, }",
    "/t {  deny file /f rwmlk, } | /t {  audit deny file /f rwmlk, }",
    "/t {  deny file /f x, } | /t {  audit deny file /f x, }",
};
const std::set<std::string> kNotAsParser = {
    "/t {  audit deny /** x,  /foo rix, } | /t {  /foo r, }",
    "/t {  audit deny /** x,  /foo rix, } | /t { /foo r, }",
    "/t {  audit deny /foo x,  /foo rix, } | /t { /foo r, }",
    "/t {  deny /* x, } | /t {  audit deny /* x, }",
    "/t {  deny /**/ w, } | /t {  audit deny /**/ w, }",
    "/t {  deny /f r, } | /t {  audit deny /f r, }",
    "/t {  deny /f rwmlk, } | /t {  audit deny /f rwmlk, }",
    "/t {  deny file /f r, } | /t {  audit deny file /f r, }",
    "/t {  deny file /f rwmlk, } | /t {  audit deny file /f rwmlk, }",
    "/t {  deny file /f x, } | /t {  audit deny file /f x, }",
};

struct Tally {
  int compared = 0;
  std::set<std::string> with_corpus, with_parser;  // disagreements
};

void compare(llvm::StringRef known, llvm::StringRef other, bool should_be_equal, Tally& tally) {
  const std::optional<FileProfile> first = read_profile(known);
  const std::optional<FileProfile> second = read_profile(other);
  if (!first || !second) return;
  ++tally.compared;
  const bool equal = are_equal(*first, *second);
  const std::string abi = "abi <abi/3.0>,\n";
  const isola::tests::ParserRun known_run = isola::tests::run_apparmor_parser(abi + known.str());
  const isola::tests::ParserRun other_run = isola::tests::run_apparmor_parser(abi + other.str());
  const std::string pair = fmt::format("{} | {}", known.str(), other.str());
  if (equal != should_be_equal) tally.with_corpus.insert(pair);
  if (equal != (known_run.policy == other_run.policy)) tally.with_parser.insert(pair);
}

void compare_record(const llvm::json::Object& record, Tally& tally) {
  const llvm::StringRef known = record.getString("known").value_or("");
  const bool should_be_equal = record.getString("type") == llvm::StringRef("equality");
  const llvm::json::Array* others = record.getArray("others");
  if (others == nullptr) return;
  for (const llvm::json::Value& other : *others)
    compare(known, other.getAsString().value_or(""), should_be_equal, tally);
}

}  // namespace

// Whether the disagreements are the explained ones.
static bool check(const char* referee, const std::set<std::string>& found,
                  const std::set<std::string>& explained) {
  for (const std::string& pair : found) {
    if (!explained.contains(pair)) fmt::print("not as {}: {}\n", referee, pair);
  }
  for (const std::string& pair : explained) {
    if (!found.contains(pair)) fmt::print("now as {}: {}\n", referee, pair);
  }
  return found == explained;
}

int main() {
  const char* corpus = std::getenv("ISOLA_CORPUS");
  if (corpus == nullptr) {
    fmt::print("skipped: ISOLA_CORPUS is not set\n");
    return 77;
  }
  Tally tally;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(corpus) / "corpus/golden-aa-equality")) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      llvm::Expected<llvm::json::Value> value = llvm::json::parse(line);
      if (value && value->getAsObject() != nullptr) compare_record(*value->getAsObject(), tally);
      if (!value) llvm::consumeError(value.takeError());
    }
  }
  fmt::print("{} comparisons\n", tally.compared);
  const bool as_corpus = check("the corpus", tally.with_corpus, kNotAsCorpus);
  const bool as_parser = check("apparmor_parser", tally.with_parser, kNotAsParser);
  return as_corpus && as_parser && tally.compared > 40 ? 0 : 1;
}
