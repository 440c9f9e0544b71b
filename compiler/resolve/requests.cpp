// Requests and tests: concrete operations out of words.

#include <llvm/ADT/StringSwitch.h>
#include <llvm/ADT/Twine.h>

#include "compiler/kernel/constants.h"
#include "compiler/kernel/namespaces.h"
#include "compiler/kernel/nearest.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/keywords.h"
#include "compiler/resolve/resolve.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

namespace {

using grammar::RequestSyntax;
using Words = llvm::ArrayRef<ScalarText>;
using Operation = decltype(ir::Request::operation);

class RequestResolver {
 public:
  RequestResolver(const RequestSyntax& syntax, const Context& context, kernel::Arch default_arch)
      : syntax_(syntax), context_(context), diagnostics_(context.diagnostics), arch_(default_arch) {
    for (const ScalarText& word : syntax.objects) words_.push_back(context.expand(word));
  }

  std::optional<ir::Request> resolve() {
    ir::Request request;
    if (syntax_.arch) {
      const auto arch = resolve_arch(*syntax_.arch, diagnostics_);
      if (!arch) return std::nullopt;
      arch_ = *arch;
    }
    if (syntax_.child) {
      if (!llvm::is_contained(context_.children, syntax_.child->str())) {
        diagnostics_.report<DiagnosticKind::UnknownChild>(syntax_.child->range(), syntax_.child->decoded());
        return std::nullopt;
      }
      request.child = syntax_.child->str();
    }
    auto operation = syntax_.call ? resolve_call() : resolve_words();
    if (!operation) return std::nullopt;
    request.operation = std::move(*operation);
    return request;
  }

 private:
  std::optional<Operation> resolve_call() {
    const grammar::CallSyntax& call = *syntax_.call;
    ir::SyscallRequest request{.arch = arch_, .number = 0, .arguments = {}, .any_arguments = 0};
    const auto known = kernel::find_syscall(call.name.decoded());
    if (!known) {
      auto draft =
          diagnostics_.report<DiagnosticKind::UnknownSyscall>(call.name.range(), call.name.decoded());
      if (const auto near = kernel::nearest_syscall(call.name.decoded()))
        draft.suggest(call.name.range(), near->str());
      return std::nullopt;
    }
    const auto number = kernel::number(*known, arch_);
    if (!number) {
      diagnostics_.report<DiagnosticKind::SyscallNotOnArch>(call.name.range(), call.name.decoded(),
                                                            kernel::info(arch_).name);
      return std::nullopt;
    }
    request.number = *number;
    if (call.arguments.size() > ir::kMaxArguments) {
      diagnostics_.report<DiagnosticKind::TooManyArguments>(syntax_.range, call.name.decoded());
      return std::nullopt;
    }
    const bool is_signature_known = kernel::has_known_parameters(*known, arch_);
    const std::size_t count =
        is_signature_known ? kernel::parameters(*known, arch_).size() : ir::kMaxArguments;
    for (std::size_t index = 0; index < std::max(count, call.arguments.size()); ++index) {
      // Arguments that are not given may be anything.
      if (index >= call.arguments.size() || !call.arguments[index]) {
        request.any_arguments = static_cast<std::uint8_t>(request.any_arguments | (1u << index));
        continue;
      }
      const auto value = resolve_value(*call.arguments[index], arch_, context_);
      if (!value) return std::nullopt;
      request.arguments[index] = value->bits;
    }
    return request;
  }

  bool expect(std::size_t low, std::size_t high, llvm::StringRef form) {
    if (words_.size() < low) {
      diagnostics_.report<DiagnosticKind::MissingObject>(syntax_.range, form);
      return false;
    }
    if (words_.size() > high) {
      diagnostics_.report<DiagnosticKind::UnexpectedObject>(words_[high].range(), words_[high].decoded(),
                                                            form);
      return false;
    }
    return true;
  }

  std::optional<Operation> resolve_words() {
    const ScalarText& verb = syntax_.verbs.front();
    const llvm::StringRef name = verb.decoded();
    if (name == "capability") return resolve_capability_request();
    if (name == "mount") return resolve_mount();
    if (name == "unshare") return resolve_unshare();
    if (is_ipc_verb(name)) return resolve_ipc_request(verb);
    const bool is_network = llvm::StringSwitch<bool>(name)
                                .Cases("bind", "accept", "connect", "send", "receive", true)
                                .Default(false);
    if (is_network) return resolve_network();
    if (!words_.empty() && (words_[0].decoded() == "char" || words_[0].decoded() == "block"))
      return resolve_device();
    return resolve_file();
  }

  std::optional<Operation> resolve_file() {
    const auto modes = resolve_file_modes(syntax_.verbs, diagnostics_);
    if (!modes || !expect(1, 1, "VERB PATH")) return std::nullopt;
    const ScalarText& path = words_[0];
    if (!is_plain_path(path.decoded())) {
      diagnostics_.report<DiagnosticKind::NotCleanPath>(path.range(), path.decoded());
      return std::nullopt;
    }
    return ir::FileRequest{.path = path.str(), .modes = *modes, .is_owner = false};
  }

  std::optional<Operation> resolve_device() {
    if (!expect(2, 2, "read|write|create char|block MAJOR:MINOR")) return std::nullopt;
    const auto numbers = resolve_device_numbers(words_[0], words_[1], diagnostics_);
    const auto modes = resolve_file_modes(syntax_.verbs, diagnostics_);
    if (!numbers || !modes) return std::nullopt;
    ir::DeviceModes device_modes;
    if (modes->contains(ir::FileMode::Read)) device_modes.insert(ir::DeviceMode::Read);
    if (modes->contains(ir::FileMode::Write)) device_modes.insert(ir::DeviceMode::Write);
    if (modes->contains(ir::FileMode::Create)) device_modes.insert(ir::DeviceMode::Create);
    return ir::DeviceRequest{.numbers = *numbers, .modes = device_modes};
  }

  std::optional<Operation> resolve_network() {
    const auto operations = resolve_network_operations(syntax_.verbs, diagnostics_);
    const auto endpoint = words_.empty() ? std::nullopt : resolve_endpoint(words_, diagnostics_);
    if (words_.empty()) expect(1, 3, "VERB PROTOCOL [ADDRESS][:PORT]");
    if (!operations || !endpoint) return std::nullopt;
    for (const auto operation :
         {ir::NetworkOperation::Bind, ir::NetworkOperation::Accept, ir::NetworkOperation::Connect,
          ir::NetworkOperation::Send, ir::NetworkOperation::Receive}) {
      if (operations->contains(operation))
        return ir::NetworkRequest{.operation = operation, .endpoint = *endpoint};
    }
    return std::nullopt;
  }

  std::optional<Operation> resolve_capability_request() {
    if (!expect(1, 1, "capability CAP_NAME")) return std::nullopt;
    const auto capability = resolve_capability(words_[0], diagnostics_);
    if (!capability) return std::nullopt;
    return ir::CapabilityRequest{*capability};
  }

  // `mount SOURCE DEST [type T] [options O]`
  std::optional<Operation> resolve_mount() {
    constexpr llvm::StringLiteral kForm = "mount SOURCE DESTINATION [type TYPE] [options LIST]";
    if (!expect(2, 6, kForm)) return std::nullopt;
    ir::MountRequest request{
        .source = words_[0].str(), .destination = words_[1].str(), .type = {}, .flags = 0};
    for (std::size_t index = 2; index + 1 < words_.size(); index += 2) {
      if (words_[index].decoded() == "type") request.type = words_[index + 1].str();
    }
    return request;
  }

  // `unshare NEWUSER [NEWNS ...]`
  std::optional<Operation> resolve_unshare() {
    if (!expect(1, 8, "unshare NEWUSER|NEWNS|NEWPID|...")) return std::nullopt;
    ir::UnshareRequest request;
    for (const ScalarText& word : words_) {
      llvm::StringRef name = word.decoded();
      name.consume_front("CLONE_");
      const auto flag = kernel::find_constant(("CLONE_" + name).str(), kernel::Arch::X86_64);
      if (!flag || !name.starts_with("NEW")) {
        auto draft = diagnostics_.report<DiagnosticKind::UnknownConstant>(word.range(), word.decoded());
        if (const auto near =
                kernel::nearest_constant(("CLONE_" + name).str(), kernel::ConstantGroup::Clone)) {
          draft.suggest(word.range(), near->drop_front(6).str());
        }
        return std::nullopt;
      }
      request.flags |= *flag;
    }
    return request;
  }

  std::optional<Operation> resolve_ipc_request(const ScalarText& verb) {
    const auto permission =
        resolve_ipc(verb, words_, nullptr, syntax_.peer ? &*syntax_.peer : nullptr, context_);
    if (!permission) return std::nullopt;
    if (const auto* signal = std::get_if<ir::SignalUse>(&*permission)) {
      const auto direction =
          signal->directions.contains(ir::Direction::Send) ? ir::Direction::Send : ir::Direction::Receive;
      return ir::SignalRequest{
          .direction = direction, .signal = __builtin_ctzll(signal->signals) + 1, .peer = signal->peer};
    }
    if (const auto* ptrace = std::get_if<ir::PtraceUse>(&*permission)) {
      const auto mode =
          ptrace->modes.contains(ir::PtraceMode::Trace) ? ir::PtraceMode::Trace : ir::PtraceMode::Read;
      return ir::PtraceRequest{.mode = mode, .direction = ptrace->direction, .peer = ptrace->peer};
    }
    if (const auto* object = std::get_if<ir::SharedObjectUse>(&*permission)) {
      ir::SharedObjectMode mode = ir::SharedObjectMode::Create;
      if (object->modes.contains(ir::SharedObjectMode::Read)) mode = ir::SharedObjectMode::Read;
      if (object->modes.contains(ir::SharedObjectMode::Write)) mode = ir::SharedObjectMode::Write;
      return ir::SharedObjectRequest{.kind = object->kind,
                                     .flavour = object->flavour,
                                     .mode = mode,
                                     .name = object->name ? object->name->literal_prefix().str() : ""};
    }
    return ir::DbusRequest{std::get<ir::DbusUse>(*permission)};
  }

  const RequestSyntax& syntax_;
  const Context& context_;
  Diagnostics& diagnostics_;
  kernel::Arch arch_;
  llvm::SmallVector<ScalarText, 4> words_;
};

}  // namespace

std::optional<ir::Request> resolve_request_in(const RequestSyntax& syntax, const Context& context,
                                              kernel::Arch default_arch) {
  return RequestResolver(syntax, context, default_arch).resolve();
}

std::optional<ir::PolicyTest> resolve_test(const grammar::TestSyntax& syntax, const Context& context,
                                           kernel::Arch default_arch) {
  ir::PolicyTest test;
  test.origin = syntax.range;
  const llvm::StringRef word = syntax.expectation.decoded();
  if (word == "allow") {
    test.expectation = ir::PolicyTest::Expectation::Allow;
  } else if (word == "deny") {
    test.expectation = ir::PolicyTest::Expectation::Deny;
  } else if (word == "kill") {
    test.expectation = ir::PolicyTest::Expectation::Kill;
  } else if (const auto error = kernel::errno_number(word, kernel::Arch::X86_64)) {
    test.expectation = ir::PolicyTest::Expectation::Errno;
    test.error = static_cast<std::uint16_t>(*error);
  } else {
    auto draft =
        context.diagnostics.report<DiagnosticKind::UnknownExpectation>(syntax.expectation.range(), word);
    if (const auto near = kernel::nearest_constant(word, kernel::ConstantGroup::Errno)) {
      draft.suggest(syntax.expectation.range(), near->str());
    }
    return std::nullopt;
  }
  auto request = resolve_request_in(syntax.request, context, default_arch);
  if (!request) return std::nullopt;
  test.request = std::move(*request);
  return test;
}

std::optional<ir::Request> resolve_request(const RequestSyntax& syntax, const ir::Policy& policy,
                                           std::optional<kernel::Arch> default_arch,
                                           Diagnostics& diagnostics) {
  std::vector<std::string> children;
  for (const ir::ChildPolicy& child : policy.children) children.push_back(child.name);
  const Scope scope;
  Budget budget;
  const Context context{.diagnostics = diagnostics,
                        .budget = budget,
                        .scope = scope,
                        .arches = policy.syscalls.arches,
                        .otherwise = policy.syscalls.otherwise,
                        .brought_by = {},
                        .children = children};
  const kernel::Arch arch = default_arch.value_or(*policy.syscalls.arches.begin());
  return resolve_request_in(syntax, context, arch);
}

}  // namespace isola::resolve
