#include "backends/seccomp/emit_c.h"

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>

#include <algorithm>

#include "backends/seccomp/disassembly.h"
#include "compiler/base/check.h"
#include "compiler/kernel/filter_flags.h"

namespace isola::backends::seccomp {

namespace {

using kernel::Arch;
using Kind = ir::SyscallAction::Kind;

// What the compiler of a program for the architecture defines. Source: the predefined macros of GCC 12 and
// clang 19.
std::string_view condition_of(Arch arch) {
  switch (arch) {
    case Arch::X86_64:
      return "(defined(__x86_64__) && !defined(__ILP32__))";
    case Arch::X86:
      return "defined(__i386__)";
    case Arch::X32:
      return "(defined(__x86_64__) && defined(__ILP32__))";
    case Arch::AArch64:
      return "(defined(__aarch64__) && !defined(__AARCH64EB__))";
    case Arch::Arm:
      return "(defined(__arm__) && !defined(__ARMEB__))";
    case Arch::RiscV64:
      return "(defined(__riscv) && __riscv_xlen == 64)";
    case Arch::Ppc64Le:
      return "(defined(__powerpc64__) && defined(__LITTLE_ENDIAN__))";
    case Arch::S390X:
      return "defined(__s390x__)";
    case Arch::Mips64El:
      return "(defined(__mips64) && defined(__MIPSEL__))";
    case Arch::LoongArch64:
      return "(defined(__loongarch__) && __loongarch_grlen == 64)";
  }
  ISOLA_CHECK(false, "a known architecture");
  return "";
}

std::string condition_of(kernel::ArchSet arches) {
  std::string text;
  for (const Arch arch : arches)
    text += (text.empty() ? "" : " || \\\n    ") + std::string(condition_of(arch));
  return text;
}

std::string names_of(kernel::ArchSet arches) {
  std::string text;
  for (const Arch arch : arches) text += (text.empty() ? "" : ", ") + std::string(kernel::info(arch).name);
  return text;
}

bool asks_supervisor(const ir::Profile& profile) {
  const ir::SyscallDefaults& defaults = profile.syscalls;
  const bool is_default = defaults.otherwise.kind == Kind::Notify || defaults.newer.kind == Kind::Notify ||
                          defaults.foreign.kind == Kind::Notify;
  const auto rules = profile.rules_of<ir::SyscallUse>();
  return is_default || std::any_of(rules.begin(), rules.end(), [](const ir::Rule* rule) {
           return std::get<ir::SyscallUse>(rule->permission).action.kind == Kind::Notify;
         });
}

// The policy's flags, or those of them that must not be left out.
enum class FlagChoice : std::uint8_t { All, Needed };

class Header {
 public:
  Header(const ir::Profile& profile, llvm::ArrayRef<FilterOfArches> filters)
      : profile_(profile), filters_(filters), prefix_(profile.name) {
    std::replace(prefix_.begin(), prefix_.end(), '-', '_');
  }

  std::string run() const {
    const std::string guard = "ISOLA_" + llvm::StringRef(prefix_).upper() + "_SECCOMP_H";
    std::string text = heading();
    text += fmt::format("#ifndef {0}\n#define {0}\n\n", guard);
    text +=
        "#include <errno.h>\n#include <linux/filter.h>\n#include <sys/prctl.h>\n"
        "#include <sys/syscall.h>\n#include <unistd.h>\n\n";
    text += arrays() + "\n" + declaration() + "\n" + function();
    return text + fmt::format("\n#endif /* {} */\n", guard);
  }

 private:
  kernel::ArchSet all_arches() const {
    kernel::ArchSet all;
    for (const FilterOfArches& filter : filters_) all = all | filter.arches;
    return all;
  }

  std::string heading() const {
    return fmt::format(
        "/* The seccomp filter of the policy `{0}`, for {1}. Made by isola: changes belong into the policy.\n"
        " *\n"
        " *     if ({2}_install_seccomp() != 0) {{ perror(\"seccomp\"); return 1; }}\n"
        " *\n"
        " * C99 or later, or C++; needs the C library and the kernel's headers. */\n",
        profile_.name, names_of(all_arches()), prefix_);
  }

  std::string arrays() const {
    std::string text;
    for (const FilterOfArches& filter : filters_) {
      text += fmt::format("#{} {}\n", text.empty() ? "if" : "elif", condition_of(filter.arches));
      text += array(filter.program);
    }
    return text + fmt::format("#else\n#error \"the policy {} is for {}\"\n#endif\n", profile_.name,
                              names_of(all_arches()));
  }

  std::string array(const Program& program) const {
    std::string text = fmt::format("static const struct sock_filter {}_seccomp_filter[] = {{\n", prefix_);
    const std::vector<Line> lines = disassemble_lines(program);
    for (std::size_t at = 0; at < lines.size(); ++at) {
      const sock_filter& instruction = program.instructions[at];
      if (!lines[at].label.empty()) text += fmt::format("    /* {}: */\n", lines[at].label);
      text += fmt::format("    {{{:#04x}, {:3}, {:3}, {:#010x}}}, /* {:04}  {} */\n", instruction.code,
                          instruction.jt, instruction.jf, instruction.k, at, lines[at].text);
    }
    return text + "};\n";
  }

  // C99 alone does not declare syscall(2).
  static std::string declaration() {
    return "#ifndef __cplusplus\nextern long syscall(long number, ...);\n#endif\n";
  }

  std::string flags_text(FlagChoice choice) const {
    std::string text;
    for (const kernel::FilterFlagInfo& flag : kernel::all_filter_flags()) {
      const bool is_needed = flag.flag == kernel::FilterFlag::Tsync;
      if (!profile_.syscalls.flags.contains(flag.flag) || (choice == FlagChoice::Needed && !is_needed))
        continue;
      text += fmt::format("{}{:#04x}u /* {} */", text.empty() ? "" : " | ", flag.bit, flag.name);
    }
    return text.empty() ? "0u" : text;
  }

  bool has_optional_flags() const { return flags_text(FlagChoice::All) != flags_text(FlagChoice::Needed); }
  bool is_for_all_threads() const { return profile_.syscalls.flags.contains(kernel::FilterFlag::Tsync); }

  std::string contract() const {
    std::string text = fmt::format(
        "/* Confines the calling thread{} for good, and all that it starts. 0, or -1 and errno:\n"
        " * EACCES: no_new_privs could not be set and the process has no CAP_SYS_ADMIN.\n"
        " * EINVAL, ENOSYS: the kernel has no seccomp filters. ENOMEM: too many filters.\n",
        is_for_all_threads() ? " and all other threads of the process" : "");
    if (is_for_all_threads())
      text += " * EBUSY: a thread of the process has a filter that this one does not have.\n";
    if (has_optional_flags()) text += " * Flags that the kernel does not know are left out, but for TSYNC.\n";
    if (asks_supervisor(profile_))
      text += " * There is no supervisor: calls that one would have to decide fail with ENOSYS.\n";
    return text + " */\n";
  }

  std::string function() const {
    std::string text = contract();
    text += fmt::format("static inline int {}_install_seccomp(void) {{\n", prefix_);
    text += "  struct sock_fprog program;\n  long result;\n";
    text += fmt::format(
        "  program.len = (unsigned short)(sizeof {0}_seccomp_filter / sizeof {0}_seccomp_filter[0]);\n"
        "  program.filter = (struct sock_filter *){0}_seccomp_filter;\n",
        prefix_);
    if (profile_.world.process.no_new_privileges) {
      text += "  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;\n";
    } else {
      text += "  /* The policy leaves no_new_privs alone, so this needs CAP_SYS_ADMIN. */\n";
    }
    text += install_text(flags_text(FlagChoice::All));
    if (has_optional_flags()) {
      text += "  if (result < 0 && errno == EINVAL)\n  " + install_text(flags_text(FlagChoice::Needed));
    }
    if (is_for_all_threads()) {
      text += "  if (result > 0) {\n    errno = EBUSY;\n    return -1;\n  }\n";
    } else {
      text +=
          "  /* Linux before 3.17, or a filter above this one that hides the call. */\n"
          "  if (result < 0 && errno == ENOSYS)\n"
          "    result = prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, &program, 0, 0);\n";
    }
    return text + "  return result < 0 ? -1 : 0;\n}\n";
  }

  static std::string install_text(const std::string& flags) {
    return fmt::format("  result = syscall(SYS_seccomp, 1u /* SECCOMP_SET_MODE_FILTER */, {}, &program);\n",
                       flags);
  }

  const ir::Profile& profile_;
  llvm::ArrayRef<FilterOfArches> filters_;
  std::string prefix_;
};

}  // namespace

std::string c_header(const ir::Profile& profile, llvm::ArrayRef<FilterOfArches> filters) {
  return Header(profile, filters).run();
}

}  // namespace isola::backends::seccomp
