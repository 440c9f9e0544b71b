// One function per section of a policy that is more than a list of rules; policy_reader.cpp calls them.
//
// Each takes the section's entry (never an empty one) and reports what is wrong in it.

#pragma once

#include "grammar/keyed_entries.h"

namespace isola::grammar {

ProcessSyntax read_process(const YamlEntry& section, ReadContext context);
CapabilitiesSyntax read_capabilities(const YamlEntry& section, ReadContext context);
std::vector<NamespaceSyntax> read_namespaces(const YamlEntry& section, ReadContext context);
IdMapSyntax read_idmap(const YamlEntry& section, ReadContext context);
SyscallsSyntax read_syscalls(const YamlEntry& section, ReadContext context);
std::vector<MountSyntax> read_mounts(const YamlEntry& section, ReadContext context);
LabelsSyntax read_labels(const YamlEntry& section, ReadContext context);
std::vector<RequireSyntax> read_require(const YamlEntry& section, ReadContext context);
std::vector<ChildSyntax> read_children(const YamlEntry& section, ReadContext context);
std::vector<WaiverSyntax> read_waivers(const YamlEntry& section, ReadContext context);
std::vector<TestSyntax> read_tests(const YamlEntry& section, ReadContext context);
std::vector<ExtendSyntax> read_extends(const YamlEntry& section, ReadContext context);

// Whether an item of `extends` is one text that YAML cut at its colon: `std/net/tcp-server(port: 8080)`.
bool is_cut_extend(const YamlNode& item);

}  // namespace isola::grammar
