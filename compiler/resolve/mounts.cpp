// Mounts: destinations, sources, types, options known to the kernel or the file system, labels.

#include "compiler/kernel/mounts.h"

#include "compiler/resolve/context.h"
#include "compiler/resolve/keywords.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

namespace {

// Types that are no file systems but ways to come by one.
bool is_engine_type(llvm::StringRef type) {
  return type == "bind" || type == "volume";
}

std::optional<std::string> clean_absolute(const std::optional<ScalarText>& text, const Context& context) {
  if (!text) return std::nullopt;
  const ScalarText path = context.expand(*text);
  const llvm::StringRef bytes = path.decoded();
  if (!is_plain_path(bytes)) {
    context.diagnostics.report<DiagnosticKind::NotCleanPath>(path.range(), bytes);
    return std::nullopt;
  }
  return bytes.size() > 1 ? bytes.rtrim('/').str() : bytes.str();
}

std::string resolve_type(const grammar::MountSyntax& syntax, const Context& context) {
  if (!syntax.type) {
    context.diagnostics.report<DiagnosticKind::MissingMountKey>(syntax.range, "type");
    return "";
  }
  const ScalarText type = context.expand(*syntax.type);
  if (is_engine_type(type.decoded()) || kernel::find_filesystem_type(type.decoded()) != nullptr)
    return type.str();
  auto draft =
      context.diagnostics.report<DiagnosticKind::UnknownFilesystemType>(type.range(), type.decoded());
  if (const auto near = kernel::nearest_filesystem_type(type.decoded()))
    draft.suggest(type.range(), near->str());
  return "";
}

// Whether two flags say the opposite of each other, as `ro` and `rw` do.
bool contradict(const kernel::MountOption& a, const kernel::MountOption& b) {
  const bool is_pair =
      (a.effect == kernel::MountOptionEffect::Set && b.effect == kernel::MountOptionEffect::Clear) ||
      (a.effect == kernel::MountOptionEffect::Clear && b.effect == kernel::MountOptionEffect::Set);
  return is_pair && a.flag == b.flag && a.flag != 0;
}

// File systems whose data options are too many to list: theirs are passed on as written.
bool takes_unlisted_options(llvm::StringRef type) {
  const kernel::FilesystemType* filesystem = kernel::find_filesystem_type(type);
  return filesystem != nullptr && !filesystem->lists_options;
}

std::vector<std::string> resolve_options(const grammar::MountSyntax& syntax, llvm::StringRef type,
                                         const Context& context) {
  std::vector<std::string> options;
  std::vector<std::pair<const kernel::MountOption*, SourceRange>> seen;
  for (const ScalarText& written : syntax.options) {
    const ScalarText option = context.expand(written);
    const llvm::StringRef name = option.decoded().split('=').first;
    const kernel::MountOption* known = kernel::find_mount_option(name, type);
    if (known == nullptr) {
      if (takes_unlisted_options(type)) {
        options.push_back(option.str());
        continue;
      }
      auto draft = context.diagnostics.report<DiagnosticKind::UnknownMountOption>(option.range(), name, type);
      if (const auto near = kernel::nearest_mount_option(name, type))
        draft.suggest(option.range(), near->str());
      continue;
    }
    for (const auto& [other, range] : seen) {
      if (!contradict(*known, *other)) continue;
      context.diagnostics.report<DiagnosticKind::ContradictoryMountOptions>(option.range(), option.decoded())
          .label(range, "this says the opposite");
    }
    seen.emplace_back(known, option.range());
    options.push_back(option.str());
  }
  return options;
}

ir::MountLabel resolve_label(const grammar::MountSyntax& syntax, const Context& context) {
  if (!syntax.label) return {};
  const ScalarText label = context.expand(*syntax.label);
  if (label.decoded() == "private") return {.kind = ir::MountLabel::Kind::Private, .type = {}};
  if (label.decoded() == "shared") return {.kind = ir::MountLabel::Kind::Shared, .type = {}};
  if (label.decoded() == "none") return {.kind = ir::MountLabel::Kind::None, .type = {}};
  // SELinux type names, as checkpolicy takes them; the convention ends them in _t.
  const bool is_type =
      label.decoded().ends_with("_t") &&
      label.decoded().find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") ==
          llvm::StringRef::npos;
  if (is_type) return {.kind = ir::MountLabel::Kind::Type, .type = label.str()};
  context.diagnostics.report<DiagnosticKind::BadMountLabel>(label.range(), label.decoded());
  return {};
}

void check_source(const grammar::MountSyntax& syntax, const ir::Mount& mount, const Context& context) {
  const bool needs_source = is_engine_type(mount.type);
  if (needs_source && !syntax.source) {
    context.diagnostics.report<DiagnosticKind::MissingMountKey>(syntax.range, "source");
  }
  const bool is_host_path = llvm::StringRef(mount.source).starts_with("/");
  if (!syntax.source || is_host_path == (mount.type == "bind")) return;
  if (mount.type == "bind" || mount.type == "volume") {
    context.diagnostics.report<DiagnosticKind::MountSourceKind>(
        syntax.source->range(), mount.source, mount.type,
        mount.type == "bind" ? "an absolute host path" : "a volume's name");
  }
}

}  // namespace

void resolve_mounts(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world) {
  for (const grammar::MountSyntax& written : syntax.mounts) {
    ir::Mount mount;
    mount.origin = written.range;
    if (!written.destination) {
      context.diagnostics.report<DiagnosticKind::MissingMountKey>(written.range, "destination");
      continue;
    }
    const auto destination = clean_absolute(written.destination, context);
    mount.type = resolve_type(written, context);
    if (written.source) mount.source = context.expand(*written.source).str();
    mount.options = resolve_options(written, mount.type, context);
    mount.label = resolve_label(written, context);
    if (written.idmap) mount.id_mapped = resolve_boolean(*written.idmap, context.diagnostics).value_or(false);
    if (!mount.type.empty()) check_source(written, mount, context);
    if (!destination) continue;
    mount.destination = *destination;
    const auto same = std::find_if(world.mounts.begin(), world.mounts.end(), [&](const ir::Mount& other) {
      return other.destination == mount.destination;
    });
    if (same != world.mounts.end()) {
      context.diagnostics.report<DiagnosticKind::SaidTwice>(written.destination->range(), mount.destination)
          .label(same->origin, "first mounted here");
      continue;
    }
    world.mounts.push_back(std::move(mount));
  }
}

}  // namespace isola::resolve
