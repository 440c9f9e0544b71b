#include "backends/oci_loader.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>

namespace isola::backends {

using kernel::Arch;

// ---- names that libseccomp knows

// The newest kernel whose calls libseccomp 2.5.4 of Debian 12 knows. Source: its changelog, "Add support for
// syscalls up to Linux 6.7".
constexpr kernel::KernelVersion kLoaderVocabulary{6, 7};

std::optional<std::uint32_t> loader_number(kernel::SyscallId call, Arch arch) {
  const llvm::StringRef name = kernel::name(call);
  // Debian's additions left these out. Source: scmp_sys_resolver of seccomp 2.5.4-1+deb12u1.
  if (name == "riscv_hwprobe" || (name == "map_shadow_stack" && arch == Arch::X32)) return std::nullopt;
  if (kernel::since(call, arch) > kLoaderVocabulary) return std::nullopt;
  return kernel::number(call, arch);
}

bool is_known_to_loader(kernel::SyscallId call) {
  return std::any_of(kernel::all_arches().begin(), kernel::all_arches().end(),
                     [&](const kernel::ArchInfo& arch) {
                       return arch.arch != Arch::LoongArch64 && loader_number(call, arch.arch);
                     });
}

// ---- the function

bool LoadedFilter::has(Arch arch) const {
  return std::find(arches_.begin(), arches_.end(), arch) != arches_.end();
}

std::vector<std::pair<Arch, LoadedFilter::CallKey>> LoadedFilter::ordered(llvm::ArrayRef<Arch> group) const {
  std::vector<std::pair<Arch, CallKey>> keys;
  for (const Arch arch : group) {
    for (const auto& [key, tree] : calls_) {
      if (key.first == arch) keys.push_back(key);
    }
  }
  std::stable_sort(keys.begin(), keys.end(),
                   [&](const auto& a, const auto& b) { return calls_.at(a).count() < calls_.at(b).count(); });
  return keys;
}

// libseccomp loads the number in the code of the call that comes first, and leaves out the code of calls that
// the architecture does not have. x86_64 without x32 has it loaded before.
void LoadedFilter::make_code() {
  std::vector<std::vector<Arch>> groups;
  for (const Arch arch : arches_) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const std::vector<Arch>& group) {
      return kernel::info(group.front()).audit_arch == kernel::info(arch).audit_arch;
    });
    same == groups.end() ? groups.push_back({arch}) : same->push_back(arch);
  }
  std::vector<LoaderCode::BlockId> placed;
  for (const std::vector<Arch>& group : groups) {
    const auto keys = ordered(group);
    const bool is_x86_64 = kernel::info(group.front()).audit_arch == kernel::info(Arch::X86_64).audit_arch;
    const bool is_loaded_before = is_x86_64 && group.size() == 1;
    std::vector<LoaderCode::BlockId> own;
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      if (key->second >= kAbsent) continue;
      const bool loads_number = !is_loaded_before && *key == keys.front();
      own.push_back(starts_[*key] = code_.add(calls_.at(*key), loads_number));
    }
    placed.insert(placed.begin(), own.begin(), own.end());
    if (is_loaded_before || keys.empty() || keys.front().second < kAbsent) continue;
    for (const Arch arch : group) blind_.insert(arch);
  }
  for (const LoaderCode::BlockId start : placed) code_.place(start);
}

std::optional<std::uint32_t> LoadedFilter::runtimes_own_answer(std::uint32_t audit_arch,
                                                               std::uint32_t number) const {
  constexpr std::uint32_t kEnosys = 0x00050000 | 38;  // SECCOMP_RET_ERRNO
  for (const auto& [arch, highest] : highest_) {
    if (kernel::info(arch).audit_arch != audit_arch) continue;
    if (arch == Arch::S390X && number == 0) return kEnosys;
    const bool is_x32_number = (number & kernel::kX32Bit) != 0;
    if (arch == Arch::X86_64 && is_x32_number) continue;
    if (arch == Arch::X32 && !is_x32_number) continue;
    if (number > highest) return kEnosys;
  }
  return std::nullopt;
}

std::uint32_t LoadedFilter::answer(std::uint32_t audit_arch, std::uint32_t number,
                                   const ir::Arguments& arguments) const {
  constexpr std::uint32_t kForeign = 0;          // SECCOMP_RET_KILL_THREAD
  constexpr std::uint32_t kNoCall = 0xffffffff;  // what a tracer writes to skip a call
  if (const auto own = runtimes_own_answer(audit_arch, number)) return *own;
  bool is_foreign = true;
  for (const Arch arch : arches_) {
    if (kernel::info(arch).audit_arch != audit_arch) continue;
    is_foreign = false;
    if (blind_.contains(arch)) return default_action_;
    const auto start = starts_.find({arch, number});
    if (start != starts_.end())
      return code_.answer(start->second, number, arguments).value_or(default_action_);
  }
  if (is_foreign) return kForeign;
  if (audit_arch != kernel::info(Arch::X86_64).audit_arch) return default_action_;
  const bool is_x32_number = number >= kernel::kX32Bit && number != kNoCall;
  if (is_x32_number && !has(Arch::X32)) return kForeign;
  if (number < kernel::kX32Bit && !has(Arch::X86_64)) return kForeign;
  return default_action_;
}

}  // namespace isola::backends
