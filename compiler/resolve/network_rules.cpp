// Rules about sockets: `bind tcp 80`, `connect tcp 10.20.0.0/16:9000`, `bind unix /run/x.sock`, `connect
// netlink ROUTE`.

#include <arpa/inet.h>
#include <llvm/ADT/Twine.h>
#include <sys/socket.h>

#include "compiler/kernel/constants.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/keywords.h"

namespace isola::resolve {

namespace {

constexpr Keyword<ir::NetworkOperation> kNetworkVerbs[] = {
    {"bind", ir::NetworkOperation::Bind},       {"accept", ir::NetworkOperation::Accept},
    {"connect", ir::NetworkOperation::Connect}, {"send", ir::NetworkOperation::Send},
    {"receive", ir::NetworkOperation::Receive},
};

enum class Protocol { Tcp, Udp, Sctp, Raw, Icmp, Unix, Netlink, Packet, Vsock, Family };
constexpr Keyword<Protocol> kProtocols[] = {
    {"tcp", Protocol::Tcp},         {"udp", Protocol::Udp},       {"sctp", Protocol::Sctp},
    {"raw", Protocol::Raw},         {"icmp", Protocol::Icmp},     {"unix", Protocol::Unix},
    {"netlink", Protocol::Netlink}, {"packet", Protocol::Packet}, {"vsock", Protocol::Vsock},
    {"family", Protocol::Family},
};

using Words = llvm::ArrayRef<ScalarText>;

bool expect_count(Words words, std::size_t low, std::size_t high, llvm::StringRef form,
                  Diagnostics& diagnostics) {
  if (words.size() > high) {
    diagnostics.report<DiagnosticKind::UnexpectedObject>(words[high].range(), words[high].decoded(), form);
    return false;
  }
  if (words.size() < low) {
    diagnostics.report<DiagnosticKind::MissingObject>(words.back().range(), form);
    return false;
  }
  return true;
}

std::optional<std::uint16_t> parse_port(llvm::StringRef text) {
  std::uint16_t port = 0;
  if (text.getAsInteger(10, port)) return std::nullopt;
  return port;
}

std::optional<ir::PortRange> resolve_ports(const ScalarText& text, Diagnostics& diagnostics) {
  if (text.decoded() == "*") return ir::PortRange{};
  const auto [first_text, last_text] = text.decoded().split('-');
  const auto first = parse_port(first_text);
  const auto last = text.decoded().contains('-') ? parse_port(last_text) : first;
  if (first && last && *first <= *last) return ir::PortRange{.first = *first, .last = *last};
  diagnostics.report<DiagnosticKind::BadPort>(text.range(), text.decoded());
  return std::nullopt;
}

// `10.0.0.0/8`, `::1`; host bits must be zero.
std::optional<ir::AddressPrefix> resolve_address(const ScalarText& text, Diagnostics& diagnostics) {
  const auto [address, length_text] = text.decoded().split('/');
  ir::AddressPrefix prefix;
  const bool is_v6 = address.contains(':');
  prefix.family = is_v6 ? ir::AddressPrefix::Family::Ipv6 : ir::AddressPrefix::Family::Ipv4;
  const unsigned width = is_v6 ? 128 : 32;
  prefix.length = static_cast<std::uint8_t>(width);
  const bool is_length_bad =
      text.decoded().contains('/') && (length_text.getAsInteger(10, prefix.length) || prefix.length > width);
  if (is_length_bad ||
      inet_pton(is_v6 ? AF_INET6 : AF_INET, address.str().c_str(), prefix.bytes.data()) != 1) {
    diagnostics.report<DiagnosticKind::BadAddress>(text.range(), text.decoded());
    return std::nullopt;
  }
  ir::AddressPrefix masked = prefix;
  for (unsigned bit = prefix.length; bit < width; ++bit) {
    masked.bytes[bit / 8] = static_cast<std::uint8_t>(masked.bytes[bit / 8] & ~(0x80u >> (bit % 8)));
  }
  if (masked != prefix) {
    diagnostics
        .report<DiagnosticKind::AddressHostBits>(text.range(), text.decoded(),
                                                 static_cast<unsigned>(prefix.length))
        .suggest(text.range(), ir::to_text(masked));
    return std::nullopt;
  }
  return prefix;
}

// `ADDRESS[/LEN][:PORTS]`, `[V6/LEN]:PORTS`, `PORTS`, `*`, `*:PORTS`.
std::optional<ir::InternetEndpoint> resolve_internet(ir::InternetProtocol protocol, Words words,
                                                     Diagnostics& diagnostics) {
  ir::InternetEndpoint endpoint{.protocol = protocol, .address = {}, .ports = {}};
  if (words.empty()) return endpoint;
  const ScalarText& word = words.front();
  const llvm::StringRef text = word.decoded();
  std::size_t address_end = 0;
  std::optional<ScalarText> address, ports;
  if (text.starts_with("[")) {
    address_end = text.find(']');
    address = word.slice(1, std::min(address_end, text.size()));
    ++address_end;
    if (address_end < text.size() && text[address_end] == ':')
      ports = word.slice(address_end + 1, text.size());
    else if (address_end < text.size())
      ports = word.slice(address_end, text.size());
  } else if (text.contains('.') || text.starts_with("*:")) {
    address_end = std::min(text.find(':'), text.size());
    address = word.slice(0, address_end);
    if (address_end < text.size()) ports = word.slice(address_end + 1, text.size());
  } else if (text.count(':') > 1) {
    diagnostics.report<DiagnosticKind::BracketsNeeded>(word.range(), text)
        .suggest(word.range(), ("[" + text + "]").str());
    return std::nullopt;
  } else if (text != "*") {
    ports = word;
  }
  if (address && address->decoded() != "*") {
    const auto prefix = resolve_address(*address, diagnostics);
    if (!prefix) return std::nullopt;
    endpoint.address = *prefix;
  }
  if (ports) {
    const auto range = resolve_ports(*ports, diagnostics);
    if (!range) return std::nullopt;
    const bool has_ports = protocol != ir::InternetProtocol::Raw && protocol != ir::InternetProtocol::Icmp;
    if (!has_ports) {
      diagnostics.report<DiagnosticKind::ProtocolHasNoPorts>(ports->range());
      return std::nullopt;
    }
    endpoint.ports = *range;
  }
  return endpoint;
}

std::optional<ir::Endpoint> resolve_unix(Words words, Diagnostics& diagnostics) {
  if (!expect_count(words, 2, 2, "unix PATH, unix @NAME or unix *", diagnostics)) return std::nullopt;
  const ScalarText& word = words[1];
  const llvm::StringRef text = word.decoded();
  if (text == "*")
    return ir::UnixEndpoint{.kind = ir::UnixEndpoint::Kind::Any, .path = {}, .abstract_name = {}};
  if (text.starts_with("@")) {
    // sun_path holds 108 bytes, the leading NUL among them. Source: unix(7).
    constexpr std::size_t kMaxAbstractName = 107;
    if (text.size() < 2 || text.size() - 1 > kMaxAbstractName) {
      diagnostics.report<DiagnosticKind::BadAbstractName>(word.range());
      return std::nullopt;
    }
    const auto pattern = ir::PathPattern::parse(("/" + text.drop_front()).str());
    const auto* error = std::get_if<ir::PatternError>(&pattern);
    if (error != nullptr && error->kind == ir::PatternError::Kind::TooComplex) {
      diagnostics.report<DiagnosticKind::BadPath>(word.range(), ir::describe(error->kind));
      return std::nullopt;
    }
    return ir::UnixEndpoint{
        .kind = ir::UnixEndpoint::Kind::Abstract, .path = {}, .abstract_name = text.substr(1).str()};
  }
  auto path = resolve_path(word, diagnostics);
  if (!path) return std::nullopt;
  return ir::UnixEndpoint{
      .kind = ir::UnixEndpoint::Kind::Path, .path = std::move(*path), .abstract_name = {}};
}

// A constant of one group, with or without the group's prefix.
std::optional<std::uint32_t> resolve_constant(const ScalarText& text, llvm::StringRef prefix,
                                              kernel::ConstantGroup group, Diagnostics& diagnostics) {
  const std::string full = text.decoded().starts_with(prefix) ? text.str() : (prefix + text.decoded()).str();
  if (kernel::constant_group(full) == group) {
    if (const auto value = kernel::find_constant(full, kernel::Arch::X86_64))
      return static_cast<std::uint32_t>(*value);
  }
  auto draft = diagnostics.report<DiagnosticKind::UnknownConstant>(text.range(), text.decoded());
  if (const auto near = kernel::nearest_constant(full, group)) draft.suggest(text.range(), near->str());
  return std::nullopt;
}

std::optional<ir::Endpoint> resolve_family(Protocol protocol, Words words, Diagnostics& diagnostics) {
  ir::FamilyEndpoint endpoint;
  if (protocol == Protocol::Netlink) {
    if (!expect_count(words, 2, 2, "netlink PROTOCOL", diagnostics)) return std::nullopt;
    endpoint.family = AF_NETLINK;
    if (words[1].decoded() == "*") return endpoint;
    endpoint.protocol = resolve_constant(words[1], "NETLINK_", kernel::ConstantGroup::Netlink, diagnostics);
    if (!endpoint.protocol) return std::nullopt;
    return endpoint;
  }
  if (protocol != Protocol::Family) {
    if (!expect_count(words, 1, 1, protocol == Protocol::Packet ? "packet" : "vsock", diagnostics))
      return std::nullopt;
    endpoint.family = protocol == Protocol::Packet ? AF_PACKET : AF_VSOCK;
    return endpoint;
  }
  if (!expect_count(words, 2, 3, "family AF_NAME [SOCK_TYPE]", diagnostics)) return std::nullopt;
  const auto family = resolve_constant(words[1], "AF_", kernel::ConstantGroup::AddressFamily, diagnostics);
  if (!family) return std::nullopt;
  endpoint.family = static_cast<std::uint16_t>(*family);
  if (words.size() == 3) {
    endpoint.socket_type =
        resolve_constant(words[2], "SOCK_", kernel::ConstantGroup::SocketType, diagnostics);
    if (!endpoint.socket_type) return std::nullopt;
  }
  return endpoint;
}

std::optional<ir::InternetProtocol> internet_protocol(Protocol protocol) {
  if (protocol > Protocol::Icmp) return std::nullopt;
  return static_cast<ir::InternetProtocol>(protocol);  // the same order
}

}  // namespace

std::optional<ir::NetworkOperations> resolve_network_operations(Words verbs, Diagnostics& diagnostics) {
  return resolve_keywords<ir::NetworkOperation>(verbs, kNetworkVerbs, "network", diagnostics);
}

std::optional<ir::Endpoint> resolve_endpoint(Words words, Diagnostics& diagnostics) {
  if (words.empty()) return std::nullopt;
  const auto protocol = resolve_keyword<Protocol>(words.front(), kProtocols, "network", diagnostics);
  if (!protocol) return std::nullopt;
  if (const auto internet = internet_protocol(*protocol)) {
    if (!expect_count(words, 1, 2, "PROTOCOL [ADDRESS][:PORT]", diagnostics)) return std::nullopt;
    return resolve_internet(*internet, words.drop_front(), diagnostics);
  }
  return *protocol == Protocol::Unix ? resolve_unix(words, diagnostics)
                                     : resolve_family(*protocol, words, diagnostics);
}

std::vector<ir::PolicyRule> resolve_network_rule(const grammar::RuleSyntax& rule, const Context& context) {
  reject_clauses(rule, {}, "network", context.diagnostics);
  auto started = start_rule(rule, context);
  const auto operations = resolve_network_operations(rule.verbs, context.diagnostics);
  llvm::SmallVector<ScalarText, 3> words;
  for (const grammar::ObjectSyntax& object : rule.objects) {
    if (auto word = word_of(object, context)) words.push_back(std::move(*word));
  }
  if (words.size() != rule.objects.size()) return {};
  auto endpoint = resolve_endpoint(words, context.diagnostics);
  if (!started || !operations || !endpoint) return {};
  started->rule.permission = ir::NetworkAccess{.operations = *operations, .endpoint = std::move(*endpoint)};
  return {std::move(*started)};
}

}  // namespace isola::resolve
