#include "grammar/dump.h"

#include "grammar/dump_writer.h"

namespace isola::grammar {

namespace {

class DocumentDumper {
 public:
  explicit DocumentDumper(const SourceManager* sources) : writer_(sources) {}

  std::string dump(const PolicySyntax& policy) {
    text(policy.is_bundle ? "bundle" : "policy", policy.name);
    text("schema", policy.schema);
    text("about", policy.about);
    settings("params", policy.parameters);
    extends(policy.extends);
    settings("let", policy.bindings);
    if (policy.process) process(*policy.process);
    if (policy.capabilities) capabilities(*policy.capabilities);
    if (policy.namespaces) namespaces(*policy.namespaces);
    if (policy.idmap) idmap(*policy.idmap);
    if (policy.syscalls) syscalls(*policy.syscalls);
    rules("files", policy.files);
    mounts(policy.mounts);
    rules("devices", policy.devices);
    rules("network", policy.network);
    rules("ipc", policy.ipc);
    settings("limits", policy.limits);
    settings("sysctls", policy.sysctls);
    if (policy.labels) labels(*policy.labels);
    require(policy.require);
    for (const ChildSyntax& entry : policy.children) child(entry);
    waivers(policy.waivers);
    tests(policy.tests);
    return writer_.take();
  }

 private:
  void text(llvm::StringRef title, const std::optional<ScalarText>& text) {
    if (text) writer_.text(title, *text);
  }
  void texts(llvm::StringRef title, const std::vector<ScalarText>& texts) {
    for (const ScalarText& each : texts) writer_.text(title, each);
  }
  void settings(llvm::StringRef title, const std::vector<SettingSyntax>& settings) {
    if (settings.empty()) return;
    writer_.open(title);
    for (const SettingSyntax& setting : settings) {
      writer_.text("key", setting.key);
      writer_.text("value", setting.value);
    }
    writer_.close();
  }
  void rules(llvm::StringRef title, const std::vector<RuleSyntax>& rules) {
    if (rules.empty()) return;
    writer_.open(title);
    for (const RuleSyntax& rule : rules) writer_.rule(rule);
    writer_.close();
  }
  // A section that may be there and empty.
  void rules(llvm::StringRef title, const std::optional<std::vector<RuleSyntax>>& rules) {
    if (!rules) return;
    writer_.open(title);
    for (const RuleSyntax& rule : *rules) writer_.rule(rule);
    writer_.close();
  }

  void extends(const std::vector<ExtendSyntax>& extends) {
    for (const ExtendSyntax& extend : extends) {
      writer_.open("extends", extend.name);
      for (const SettingSyntax& argument : extend.arguments) {
        writer_.text("key", argument.key);
        writer_.text("value", argument.value);
      }
      writer_.close();
    }
  }

  void process(const ProcessSyntax& process) {
    writer_.open("process");
    text("path", process.path);
    texts("argument", process.args);
    text("cwd", process.cwd);
    settings("env", process.environment);
    text("user", process.user);
    texts("group", process.groups);
    text("umask", process.umask);
    text("noNewPrivileges", process.no_new_privileges);
    text("oomScoreAdj", process.oom_score_adj);
    writer_.close();
  }

  void capabilities(const CapabilitiesSyntax& capabilities) {
    writer_.open("capabilities");
    rules("bounding", capabilities.bounding);
    rules("ambient", capabilities.ambient);
    rules("inheritable", capabilities.inheritable);
    writer_.close();
  }

  void namespaces(const std::vector<NamespaceSyntax>& namespaces) {
    writer_.open("namespaces");
    for (const NamespaceSyntax& each : namespaces) {
      writer_.open("namespace", each.name);
      text("is", each.target);
      writer_.close();
    }
    writer_.close();
  }

  void idmap(const IdMapSyntax& idmap) {
    writer_.open("idmap");
    texts("uid", idmap.uid);
    texts("gid", idmap.gid);
    writer_.close();
  }

  void syscalls(const SyscallsSyntax& syscalls) {
    writer_.open("syscalls");
    texts("architecture", syscalls.architectures);
    text("known", syscalls.known);
    if (syscalls.otherwise) writer_.action("otherwise", *syscalls.otherwise);
    if (syscalls.newer) writer_.action("newer", *syscalls.newer);
    texts("flag", syscalls.flags);
    rules("rules", syscalls.rules);
    writer_.close();
  }

  void mounts(const std::vector<MountSyntax>& mounts) {
    for (const MountSyntax& mount : mounts) {
      writer_.open("mount", mount.range);
      text("destination", mount.destination);
      text("source", mount.source);
      text("type", mount.type);
      texts("option", mount.options);
      text("label", mount.label);
      text("idmap", mount.idmap);
      writer_.close();
    }
  }

  void labels(const LabelsSyntax& labels) {
    writer_.open("labels");
    text("apparmor", labels.apparmor);
    if (labels.selinux) {
      text("selinux", labels.selinux->name);
      text("inherits", labels.selinux->inherits);
      text("level", labels.selinux->level);
    }
    writer_.close();
  }

  void require(const std::vector<RequireSyntax>& demands) {
    for (const RequireSyntax& demand : demands) {
      writer_.open("require", demand.section);
      writer_.text("fidelity", demand.fidelity);
      writer_.close();
    }
  }

  void child(const ChildSyntax& child) {
    writer_.open("child", child.name);
    if (child.capabilities) capabilities(*child.capabilities);
    rules("files", child.files);
    rules("devices", child.devices);
    rules("network", child.network);
    rules("ipc", child.ipc);
    writer_.close();
  }

  void waivers(const std::vector<WaiverSyntax>& waivers) {
    for (const WaiverSyntax& waiver : waivers) {
      writer_.open("waiver", waiver.range);
      text("lint", waiver.lint);
      text("at", waiver.at);
      text("because", waiver.because);
      text("until", waiver.until);
      writer_.close();
    }
  }

  void tests(const std::vector<TestSyntax>& tests) {
    if (tests.empty()) return;
    writer_.open("tests");
    for (const TestSyntax& test : tests) writer_.test(test);
    writer_.close();
  }

  DumpWriter writer_;
};

}  // namespace

std::string dump_syntax(const SourceManager& sources, const PolicySyntax& policy) {
  return DocumentDumper(&sources).dump(policy);
}

std::string dump_meaning(const PolicySyntax& policy) {
  return DocumentDumper(nullptr).dump(policy);
}

}  // namespace isola::grammar
