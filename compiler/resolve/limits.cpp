// Limits: cgroup v2 files and RLIMIT_*, with units, as the kernel takes them.

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include <algorithm>

#include "compiler/base/check.h"
#include "compiler/kernel/resource_limits.h"
#include "compiler/resolve/context.h"
#include "compiler/resolve/text_values.h"

namespace isola::resolve {

namespace {

using llvm::StringRef;

// `QUOTA PERIOD`, both microseconds or with units; `max PERIOD`. Source: kernel cgroup-v2.rst, "cpu.max".
std::optional<std::string> quota_text(StringRef text) {
  const auto [quota_text, period_text] = text.split(' ');
  const auto period =
      period_text.empty() ? std::optional<std::uint64_t>(100'000) : parse_microseconds(period_text.trim());
  constexpr std::uint64_t kMinPeriod = 1'000,
                          kMaxPeriod = 1'000'000;  // kernel/sched/core.c, tg_set_cfs_bandwidth
  if (!period || *period < kMinPeriod || *period > kMaxPeriod) return std::nullopt;
  if (quota_text == "max") return fmt::format("max {}", *period);
  const auto quota = parse_microseconds(quota_text);
  if (!quota || *quota < kMinPeriod) return std::nullopt;
  return fmt::format("{} {}", *quota, *period);
}

std::optional<std::string> number_text(std::optional<std::uint64_t> number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

std::optional<std::string> bounded_text(StringRef text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  if (text.getAsInteger(10, value) || value < low || value > high) return std::nullopt;
  return std::to_string(value);
}

// `MAJOR:MINOR key=value ...`
std::optional<std::string> device_line(StringRef text) {
  llvm::SmallVector<StringRef, 5> words;
  text.split(words, ' ', -1, /*KeepEmpty=*/false);
  unsigned major_number = 0, minor_number = 0;
  if (words.size() < 2) return std::nullopt;
  const auto [major_text, minor_text] = words[0].split(':');
  if (major_text.getAsInteger(10, major_number) || minor_text.getAsInteger(10, minor_number))
    return std::nullopt;
  std::string line = words[0].str();
  for (const StringRef word : llvm::ArrayRef(words).drop_front()) {
    const auto [key, value] = word.split('=');
    const auto number = value == "max" ? std::optional(std::string("max")) : number_text(parse_bytes(value));
    if (key.empty() || !number) return std::nullopt;
    line += fmt::format(" {}={}", key.str(), *number);
  }
  return line;
}

std::optional<std::string> percent_text(StringRef text) {
  text.consume_back("%");
  double value = 0;
  if (text.getAsDouble(value) || value < 0 || value > 100) return std::nullopt;
  return text.str();
}

// The text to write into the file; nothing when the value is not of its kind.
std::optional<std::string> cgroup_text(const kernel::CgroupFile& file, StringRef text) {
  if (text == "max" && file.allows_max) return text.str();
  switch (file.value) {
    case kernel::CgroupValue::Bytes:
      return number_text(parse_bytes(text));
    case kernel::CgroupValue::Count:
      return number_text(parse_unsigned(text));
    case kernel::CgroupValue::Weight:
      return bounded_text(text, 1, 10000);
    case kernel::CgroupValue::WeightOrDevices: {
      StringRef number = text;
      number.consume_front("default ");
      return bounded_text(number, 1, 10000) ? std::optional(text.str()) : std::nullopt;
    }
    case kernel::CgroupValue::NiceLevel:
      return bounded_text(text, -20, 19);
    case kernel::CgroupValue::Quota:
      return quota_text(text);
    case kernel::CgroupValue::Microseconds:
      return number_text(parse_microseconds(text));
    case kernel::CgroupValue::Percent:
      return percent_text(text);
    case kernel::CgroupValue::CpuList:
    case kernel::CgroupValue::NodeList:
      return parse_cpu_list(text);
    case kernel::CgroupValue::DeviceLimits:
    case kernel::CgroupValue::DeviceLatency:
      return device_line(text);
    case kernel::CgroupValue::KeyedCount:
      return text.contains(' ') || text.contains('=') ? std::optional(text.str()) : std::nullopt;
    case kernel::CgroupValue::Switch:
      return bounded_text(text, 0, 1);
    case kernel::CgroupValue::Choice:
      return text.empty() ? std::nullopt : std::optional(text.str());
  }
  ISOLA_CHECK(false, "a known kind of value");
  return std::nullopt;
}

// What a value of the file looks like, for the message.
StringRef example_of(kernel::CgroupValue value) {
  switch (value) {
    case kernel::CgroupValue::Bytes:
      return "bytes such as `256M` or `1.5G`";
    case kernel::CgroupValue::Count:
      return "a number such as `64`";
    case kernel::CgroupValue::Weight:
    case kernel::CgroupValue::WeightOrDevices:
      return "a weight from 1 to 10000";
    case kernel::CgroupValue::NiceLevel:
      return "a nice level from -20 to 19";
    case kernel::CgroupValue::Quota:
      return "a quota and a period such as `50ms 100ms` or `50000 100000`";
    case kernel::CgroupValue::Microseconds:
      return "a time such as `50ms`";
    case kernel::CgroupValue::Percent:
      return "a percentage such as `12.5`";
    case kernel::CgroupValue::CpuList:
    case kernel::CgroupValue::NodeList:
      return "a list such as `0-3,8`";
    case kernel::CgroupValue::DeviceLimits:
      return "a device and its limits such as `8:16 rbps=1M wiops=max`";
    case kernel::CgroupValue::DeviceLatency:
      return "a device and its target such as `8:16 target=50`";
    case kernel::CgroupValue::KeyedCount:
      return "a name and its counts such as `mlx4_0 hca_handle=2`";
    case kernel::CgroupValue::Switch:
      return "`0` or `1`";
    case kernel::CgroupValue::Choice:
      return "one of the file's words";
  }
  ISOLA_CHECK(false, "a known kind of value");
  return "";
}

std::optional<std::uint64_t> rlimit_value(kernel::LimitUnit unit, StringRef text) {
  if (text == "unlimited" || text == "infinity") return ir::kUnlimited;
  switch (unit) {
    case kernel::LimitUnit::Bytes:
      return parse_bytes(text);
    case kernel::LimitUnit::Count:
    case kernel::LimitUnit::Level:
      return parse_unsigned(text);
    case kernel::LimitUnit::Seconds: {
      if (const auto plain = parse_unsigned(text)) return plain;
      const auto microseconds = parse_microseconds(text);
      if (!microseconds || *microseconds % 1'000'000 != 0) return std::nullopt;
      return *microseconds / 1'000'000;
    }
    case kernel::LimitUnit::Microseconds:
      return parse_microseconds(text);
  }
  ISOLA_CHECK(false, "a known unit");
  return std::nullopt;
}

// `VALUE`, or `SOFT:HARD`.
void resolve_rlimit(const grammar::SettingSyntax& setting, const Context& context, ir::World& world) {
  const StringRef name = setting.key.decoded();
  const auto limit = kernel::find_resource_limit(name);
  if (!limit || !name.starts_with("RLIMIT_")) {
    auto draft = context.diagnostics.report<DiagnosticKind::UnknownLimit>(setting.key.range(), name);
    if (const auto near = kernel::nearest_resource_limit(name))
      draft.suggest(setting.key.range(), near->str());
    return;
  }
  const ScalarText value = context.expand(setting.value);
  const auto [soft_text, hard_text] = value.decoded().split(':');
  const kernel::LimitUnit unit = kernel::info(*limit).unit;
  const auto soft = rlimit_value(unit, soft_text);
  const auto hard = value.decoded().contains(':') ? rlimit_value(unit, hard_text) : soft;
  if (!soft || !hard || *soft > *hard) {
    context.diagnostics.report<DiagnosticKind::BadLimit>(value.range(), value.decoded(), name)
        .help(
            "write one value, or `SOFT:HARD` with the soft one not above the hard one; `unlimited` is a "
            "value");
    return;
  }
  world.resource_limits.push_back({.name = std::string(kernel::info(*limit).name),
                                   .soft = *soft,
                                   .hard = *hard,
                                   .origin = setting.key.range()});
}

void resolve_cgroup(const grammar::SettingSyntax& setting, const kernel::CgroupFile& file,
                    const Context& context, ir::World& world) {
  const ScalarText value = context.expand(setting.value);
  auto text = cgroup_text(file, value.decoded());
  if (!text) {
    context.diagnostics
        .report<DiagnosticKind::BadLimit>(value.range(), value.decoded(), setting.key.decoded())
        .help("expected " + example_of(file.value).str());
    return;
  }
  world.cgroup_limits.push_back(
      {.file = setting.key.str(), .value = std::move(*text), .origin = setting.key.range()});
}

}  // namespace

void resolve_limits(const grammar::PolicySyntax& syntax, const Context& context, ir::World& world) {
  for (const grammar::SettingSyntax& setting : syntax.limits) {
    const StringRef name = setting.key.decoded();
    if (const kernel::CgroupFile* file = kernel::find_cgroup_file(name)) {
      resolve_cgroup(setting, *file, context, world);
    } else if (name.starts_with("RLIMIT") || kernel::find_resource_limit(name)) {
      resolve_rlimit(setting, context, world);
    } else {
      auto draft = context.diagnostics.report<DiagnosticKind::UnknownLimit>(setting.key.range(), name);
      if (const auto near = kernel::nearest_cgroup_file(name))
        draft.suggest(setting.key.range(), near->str());
    }
  }
  std::sort(world.cgroup_limits.begin(), world.cgroup_limits.end(),
            [](const ir::CgroupLimit& a, const ir::CgroupLimit& b) { return a.file < b.file; });
  std::sort(world.resource_limits.begin(), world.resource_limits.end(),
            [](const ir::ResourceLimit& a, const ir::ResourceLimit& b) { return a.name < b.name; });
}

}  // namespace isola::resolve
