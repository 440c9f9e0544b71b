// Rules about signals, tracing, System V and POSIX objects, and D-Bus.

#include <llvm/ADT/StringSwitch.h>

#include "compiler/base/check.h"
#include "compiler/kernel/constants.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/keywords.h"

namespace isola::resolve {

llvm::SmallVector<ScalarText, 4> split_commas(const ScalarText& word) {
  llvm::SmallVector<ScalarText, 4> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = word.decoded().find(',', begin);
    const std::size_t end = std::min(comma, word.decoded().size());
    parts.push_back(word.slice(begin, end));
    if (comma == llvm::StringRef::npos) return parts;
    begin = comma + 1;
  }
}

namespace {

using Words = llvm::ArrayRef<ScalarText>;

enum class IpcVerb { Signal, Ptrace, SharedMemory, MessageQueue, Semaphore, Dbus };
constexpr Keyword<IpcVerb> kIpcVerbs[] = {
    {"signal", IpcVerb::Signal},       {"ptrace", IpcVerb::Ptrace}, {"shm", IpcVerb::SharedMemory},
    {"mqueue", IpcVerb::MessageQueue}, {"sem", IpcVerb::Semaphore}, {"dbus", IpcVerb::Dbus},
};
constexpr Keyword<ir::Direction> kDirections[] = {{"send", ir::Direction::Send},
                                                  {"receive", ir::Direction::Receive}};
constexpr Keyword<ir::PtraceMode> kPtraceModes[] = {{"read", ir::PtraceMode::Read},
                                                    {"trace", ir::PtraceMode::Trace}};
constexpr Keyword<ir::SharedObjectUse::Flavour> kFlavours[] = {
    {"sysv", ir::SharedObjectUse::Flavour::SystemV},
    {"posix", ir::SharedObjectUse::Flavour::Posix},
};
constexpr Keyword<ir::SharedObjectMode> kObjectModes[] = {
    {"create", ir::SharedObjectMode::Create},
    {"read", ir::SharedObjectMode::Read},
    {"write", ir::SharedObjectMode::Write},
};
constexpr Keyword<ir::DbusUse::Operation> kDbusOperations[] = {
    {"send", ir::DbusUse::Operation::Send},
    {"receive", ir::DbusUse::Operation::Receive},
    {"own", ir::DbusUse::Operation::Own},
};
constexpr Keyword<ir::DbusUse::Bus> kBuses[] = {{"session", ir::DbusUse::Bus::Session},
                                                {"system", ir::DbusUse::Bus::System}};

bool has_words(const ScalarText& verb, Words words, std::size_t low, std::size_t high, llvm::StringRef form,
               Diagnostics& diagnostics) {
  if (words.size() < low) {
    diagnostics.report<DiagnosticKind::MissingObject>(words.empty() ? verb.range() : words.back().range(),
                                                      form);
    return false;
  }
  if (words.size() > high) {
    diagnostics.report<DiagnosticKind::UnexpectedObject>(words[high].range(), words[high].decoded(), form);
    return false;
  }
  return true;
}

std::uint64_t signal_bit(unsigned number) {
  return std::uint64_t{1} << (number - 1);
}

std::optional<std::uint64_t> resolve_signal(const ScalarText& name, Diagnostics& diagnostics) {
  if (name.decoded() == "*") return ~std::uint64_t{0};
  if (const auto number = kernel::signal_number(name.decoded(), kernel::Arch::X86_64))
    return signal_bit(*number);
  auto draft = diagnostics.report<DiagnosticKind::UnknownSignal>(name.range(), name.decoded());
  const std::string with_prefix = "SIG" + name.decoded().upper();
  if (kernel::signal_number(with_prefix, kernel::Arch::X86_64)) {
    draft.suggest(name.range(), with_prefix);
  } else if (const auto near = kernel::nearest_constant(name.decoded(), kernel::ConstantGroup::Signal)) {
    draft.suggest(name.range(), near->str());
  }
  return std::nullopt;
}

std::optional<ir::Permission> resolve_signals(const ScalarText& verb, Words words,
                                              const grammar::SetSyntax* set, const ir::Peer& peer,
                                              Diagnostics& diagnostics) {
  constexpr llvm::StringLiteral kForm = "signal send|receive {SIGNAL, ...} [to|from PEER]";
  if (!has_words(verb, words, set == nullptr ? 2 : 1, 2, kForm, diagnostics)) return std::nullopt;
  const auto directions =
      resolve_keywords<ir::Direction>(split_commas(words[0]), kDirections, "signal", diagnostics);
  llvm::SmallVector<ScalarText, 8> names;
  if (set != nullptr) names.append(set->items.begin(), set->items.end());
  if (words.size() == 2) names.push_back(words[1]);
  ir::SignalUse use{.directions = {}, .signals = 0, .peer = peer};
  bool is_complete = directions.has_value();
  for (const ScalarText& name : names) {
    const auto bit = resolve_signal(name, diagnostics);
    use.signals |= bit.value_or(0);
    is_complete = is_complete && bit.has_value();
  }
  if (!is_complete) return std::nullopt;
  use.directions = *directions;
  return use;
}

std::optional<ir::Permission> resolve_ptrace(const ScalarText& verb, Words words,
                                             const grammar::PeerSyntax* peer_syntax, const ir::Peer& peer,
                                             Diagnostics& diagnostics) {
  if (!has_words(verb, words, 1, 1, "ptrace read|trace [to|from PEER]", diagnostics)) return std::nullopt;
  const auto modes =
      resolve_keywords<ir::PtraceMode>(split_commas(words[0]), kPtraceModes, "ptrace", diagnostics);
  if (!modes) return std::nullopt;
  const bool is_from =
      peer_syntax != nullptr && peer_syntax->direction == grammar::PeerSyntax::Direction::From;
  return ir::PtraceUse{
      .modes = *modes, .direction = is_from ? ir::Direction::Receive : ir::Direction::Send, .peer = peer};
}

std::optional<ir::Permission> resolve_object(ir::SharedObjectUse::Kind kind, const ScalarText& verb,
                                             Words words, Diagnostics& diagnostics) {
  if (!has_words(verb, words, 2, 3, "sysv|posix create,read,write [/NAME]", diagnostics)) return std::nullopt;
  const auto flavour = resolve_keyword<ir::SharedObjectUse::Flavour>(words[0], kFlavours, "ipc", diagnostics);
  const auto modes =
      resolve_keywords<ir::SharedObjectMode>(split_commas(words[1]), kObjectModes, "ipc", diagnostics);
  if (!flavour || !modes) return std::nullopt;
  ir::SharedObjectUse use{.kind = kind, .flavour = *flavour, .modes = *modes, .name = {}};
  if (words.size() == 3) {
    if (*flavour == ir::SharedObjectUse::Flavour::SystemV) {
      diagnostics.report<DiagnosticKind::UnexpectedObject>(words[2].range(), words[2].decoded(),
                                                           "sysv create,read,write");
      return std::nullopt;
    }
    use.name = resolve_path(words[2], diagnostics);
    if (!use.name) return std::nullopt;
  }
  return use;
}

std::optional<ir::Permission> resolve_dbus(const ScalarText& verb, Words words, Diagnostics& diagnostics) {
  constexpr llvm::StringLiteral kForm =
      "dbus send|receive|own session|system NAME [PATH [INTERFACE [MEMBER]]]";
  if (!has_words(verb, words, 3, 6, kForm, diagnostics)) return std::nullopt;
  const auto operation =
      resolve_keyword<ir::DbusUse::Operation>(words[0], kDbusOperations, "dbus", diagnostics);
  const auto bus = resolve_keyword<ir::DbusUse::Bus>(words[1], kBuses, "dbus", diagnostics);
  if (!operation || !bus) return std::nullopt;
  const auto word = [&](std::size_t index) {
    return index < words.size() && words[index].decoded() != "*" ? words[index].str() : "";
  };
  return ir::DbusUse{.operation = *operation,
                     .bus = *bus,
                     .name = word(2),
                     .path = word(3),
                     .interface = word(4),
                     .member = word(5)};
}

}  // namespace

bool is_ipc_verb(llvm::StringRef verb) {
  return llvm::any_of(kIpcVerbs, [&](const Keyword<IpcVerb>& keyword) { return keyword.word == verb; });
}

std::optional<ir::Peer> resolve_peer(const grammar::PeerSyntax& peer, const Context& context) {
  if (peer.words.empty()) return ir::Peer{};
  const ScalarText first = context.expand(peer.words.front());
  const llvm::StringRef text = first.decoded();
  const bool is_child = text == "child";
  if (peer.words.size() > (is_child ? 2u : 1u)) {
    const ScalarText& extra = peer.words[is_child ? 2 : 1];
    context.diagnostics.report<DiagnosticKind::UnexpectedObject>(extra.range(), extra.decoded(),
                                                                 "to|from PEER");
    return std::nullopt;
  }
  if (text == "self") return ir::Peer{.kind = ir::Peer::Kind::Self, .name = {}};
  if (text == "engine") return ir::Peer{.kind = ir::Peer::Kind::Engine, .name = {}};
  if (text == "*") return ir::Peer{};
  if (!is_child) return ir::Peer{.kind = ir::Peer::Kind::Label, .name = first.str()};
  if (peer.words.size() == 1) {
    context.diagnostics.report<DiagnosticKind::MissingObject>(first.range(), "to|from child NAME");
    return std::nullopt;
  }
  const ScalarText name = context.expand(peer.words[1]);
  if (llvm::is_contained(context.children, name.str()))
    return ir::Peer{.kind = ir::Peer::Kind::Child, .name = name.str()};
  context.diagnostics.report<DiagnosticKind::UnknownChild>(name.range(), name.decoded());
  return std::nullopt;
}

std::optional<ir::Permission> resolve_ipc(const ScalarText& verb, Words words, const grammar::SetSyntax* set,
                                          const grammar::PeerSyntax* peer_syntax, const Context& context) {
  Diagnostics& diagnostics = context.diagnostics;
  const auto kind = resolve_keyword<IpcVerb>(verb, kIpcVerbs, "ipc", diagnostics);
  const auto peer = peer_syntax != nullptr ? resolve_peer(*peer_syntax, context) : ir::Peer{};
  if (!kind || !peer) return std::nullopt;
  switch (*kind) {
    case IpcVerb::Signal:
      return resolve_signals(verb, words, set, *peer, diagnostics);
    case IpcVerb::Ptrace:
      return resolve_ptrace(verb, words, peer_syntax, *peer, diagnostics);
    case IpcVerb::SharedMemory:
      return resolve_object(ir::SharedObjectUse::Kind::Memory, verb, words, diagnostics);
    case IpcVerb::MessageQueue:
      return resolve_object(ir::SharedObjectUse::Kind::MessageQueue, verb, words, diagnostics);
    case IpcVerb::Semaphore:
      return resolve_object(ir::SharedObjectUse::Kind::Semaphore, verb, words, diagnostics);
    case IpcVerb::Dbus:
      return resolve_dbus(verb, words, diagnostics);
  }
  ISOLA_CHECK(false, "a known verb");
  return std::nullopt;
}

std::vector<ir::PolicyRule> resolve_ipc_rule(const grammar::RuleSyntax& rule, const Context& context) {
  reject_clauses(rule, {Clause::Peer}, "ipc", context.diagnostics);
  auto started = start_rule(rule, context);
  llvm::SmallVector<ScalarText, 4> words;
  std::optional<grammar::SetSyntax> set;
  for (const grammar::ObjectSyntax& object : rule.objects) {
    if (const auto* found = std::get_if<grammar::SetSyntax>(&object)) {
      set = *found;
      for (ScalarText& item : set->items) item = context.expand(item);
    } else if (auto word = word_of(object, context)) {
      words.push_back(std::move(*word));
    }
  }
  if (rule.verbs.empty()) return {};
  auto permission = resolve_ipc(rule.verbs.front(), words, set ? &*set : nullptr,
                                rule.peer ? &*rule.peer : nullptr, context);
  if (!started || !permission) return {};
  started->rule.permission = std::move(*permission);
  return {std::move(*started)};
}

}  // namespace isola::resolve
