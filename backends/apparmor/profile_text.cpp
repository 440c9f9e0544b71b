// A lexer that splits words as the parser's does (parser_lex.l, 3.0.8), and a reader of the few shapes of
// rules.

#include "backends/apparmor/profile_text.h"

#include <llvm/ADT/StringExtras.h>

#include <utility>

namespace isola::backends::apparmor {

namespace {

struct Token {
  enum class Kind { Word, Quoted, Mark, End };
  Kind kind = Kind::End;
  std::string text;

  bool is_mark(llvm::StringRef mark) const { return kind == Kind::Mark && mark == text; }
  bool is_word() const { return kind == Kind::Word || kind == Kind::Quoted; }
};

bool ends_word(char byte) {
  return llvm::StringRef(" \t\r\n\"!,").contains(byte);
}

class Lexer {
 public:
  explicit Lexer(llvm::StringRef text) : text_(text) { advance(); }

  const Token& current() const { return current_; }

  Token take() {
    Token taken = std::move(current_);
    advance();
    return taken;
  }

  bool take_mark(llvm::StringRef mark) {
    if (!current_.is_mark(mark)) return false;
    advance();
    return true;
  }

 private:
  void advance() {
    skip_blanks();
    const bool follows_equals = std::exchange(follows_equals_, false);
    if (at_ == text_.size()) {
      current_ = {Token::Kind::End, ""};
    } else if (text_[at_] == '"') {
      read_quoted();
    } else if (text_[at_] == '/' || (follows_equals && text_[at_] != '(')) {
      read_run("");
    } else if (text_.substr(at_).starts_with("<=")) {
      read_mark(2);
    } else if (llvm::StringRef("(){},=").contains(text_[at_])) {
      follows_equals_ = text_[at_] == '=';
      read_mark(1);
    } else {
      read_run("()=");
    }
  }

  void skip_blanks() {
    while (at_ < text_.size() && (llvm::isSpace(text_[at_]) || text_[at_] == '#')) {
      at_ = text_[at_] == '#' ? std::min(text_.find('\n', at_), text_.size()) : at_ + 1;
    }
  }

  void read_mark(std::size_t length) {
    current_ = {Token::Kind::Mark, text_.substr(at_, length).str()};
    at_ += length;
  }

  void read_quoted() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_.substr(end).starts_with("\\\"") ? 2 : 1;
    current_ = {Token::Kind::Quoted, text_.slice(at_ + 1, end).str()};
    at_ = std::min(end + 1, text_.size());
  }

  // A comma is a part of a word when another byte of the word follows.
  void read_run(llvm::StringRef stops) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !stops.contains(text_[at_])) {
      const bool is_inner_comma =
          text_[at_] == ',' && stops.empty() && at_ + 1 < text_.size() && !ends_word(text_[at_ + 1]);
      if (ends_word(text_[at_]) && !is_inner_comma) break;
      ++at_;
    }
    at_ = std::max(at_, begin + 1);
    current_ = {Token::Kind::Word, text_.slice(begin, at_).str()};
  }

  llvm::StringRef text_;
  std::size_t at_ = 0;
  bool follows_equals_ = false;
  Token current_;
};

class Reader {
 public:
  explicit Reader(llvm::StringRef text) : lexer_(text) {}

  std::optional<TextProfile> read() {
    std::optional<TextProfile> profile;
    while (lexer_.current().kind != Token::Kind::End) {
      const Token word = lexer_.take();
      if (word.text == "abi") {
        while (lexer_.current().kind != Token::Kind::End && !lexer_.take_mark(",")) lexer_.take();
      } else if (word.text == "profile" && !profile) {
        profile = read_profile();
      } else {
        return std::nullopt;
      }
    }
    return is_broken_ ? std::nullopt : profile;
  }

 private:
  // After the word `profile`.
  TextProfile read_profile() {
    TextProfile profile;
    profile.name = lexer_.take().text;
    while (lexer_.current().kind != Token::Kind::End && !lexer_.current().is_mark("{")) lexer_.take();
    expect("{");
    while (!is_broken_ && !lexer_.take_mark("}")) {
      if (lexer_.current().kind == Token::Kind::Word && lexer_.current().text == "profile") {
        lexer_.take();
        profile.children.push_back(read_profile());
      } else {
        profile.rules.push_back(read_rule());
      }
    }
    return profile;
  }

  TextRule read_rule() {
    TextRule rule;
    rule.denies = take_word("deny");
    rule.owner_only = take_word("owner");
    if (!lexer_.current().is_word()) is_broken_ = true;
    const bool is_path = lexer_.current().kind == Token::Kind::Quoted ||
                         llvm::StringRef(lexer_.current().text).starts_with("/");
    rule.kind = is_path ? "file" : lexer_.take().text;
    if (is_path) rule.path = lexer_.take().text;
    if (is_path) rule.letters = lexer_.take().text;
    if (is_path && take_word("->")) rule.target = lexer_.take().text;
    while (!is_broken_ && !lexer_.take_mark(",")) read_part(rule);
    return rule;
  }

  void read_part(TextRule& rule) {
    if (lexer_.current().is_mark("(")) {
      rule.accesses = read_list();
    } else if (lexer_.take_mark("<=")) {
      rule.words.push_back("<=");
    } else if (lexer_.current().is_word()) {
      const std::string word = lexer_.take().text;
      if (!lexer_.take_mark("=")) {
        rule.words.push_back(word);
      } else if (word == "peer" && lexer_.current().is_mark("(")) {
        read_peer(rule.peer);
      } else {
        rule.conditions[word] = read_value();
      }
    } else {
      is_broken_ = true;
    }
  }

  void read_peer(Conditions& peer) {
    expect("(");
    while (!is_broken_ && !lexer_.take_mark(")")) {
      const std::string key = lexer_.take().text;
      expect("=");
      peer[key] = read_value();
    }
  }

  std::vector<std::string> read_value() {
    if (lexer_.current().is_mark("(")) return read_list();
    return {lexer_.take().text};
  }

  std::vector<std::string> read_list() {
    std::vector<std::string> items;
    expect("(");
    while (!is_broken_ && !lexer_.take_mark(")")) {
      if (lexer_.take_mark(",")) continue;
      if (!lexer_.current().is_word()) is_broken_ = true;
      items.push_back(lexer_.take().text);
    }
    return items;
  }

  bool take_word(llvm::StringRef word) {
    if (lexer_.current().kind != Token::Kind::Word || word != lexer_.current().text) return false;
    lexer_.take();
    return true;
  }

  void expect(llvm::StringRef mark) {
    if (!lexer_.take_mark(mark)) is_broken_ = true;
  }

  Lexer lexer_;
  bool is_broken_ = false;
};

bool is_octal(char byte) {
  return byte >= '0' && byte <= '7';
}

}  // namespace

std::optional<TextProfile> read_profile_text(llvm::StringRef text) {
  return Reader(text).read();
}

std::string unescape(llvm::StringRef text) {
  std::string bytes;
  while (!text.empty()) {
    const bool is_escape = text.front() == '\\' && text.size() > 1;
    if (is_escape && text.size() >= 4 && llvm::all_of(text.slice(1, 4), is_octal)) {
      bytes += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text = text.drop_front(4);
    } else {
      bytes += text[is_escape ? 1 : 0];
      text = text.drop_front(is_escape ? 2 : 1);
    }
  }
  return bytes;
}

}  // namespace isola::backends::apparmor
