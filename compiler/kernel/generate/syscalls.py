#!/usr/bin/env python3
"""Writes syscalls.generated.inc and syscall_names.generated.inc from the packages that fetch.sh has unpacked.

    syscalls.py DIR

The numbers come from the kernel's own tables and are compared with the headers of linux-libc-dev; the
parameters come from the SYSCALL_DEFINE lines of the entry point that the table names for the architecture.
"""

import os
import re
import sys

import kernel_source
import parameters as parameter_facts
import since
from arches import ARCHES, NUMBER_BASE

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
OUTPUT = os.path.join(FOLDER, "syscalls.generated.inc")
NAMES_OUTPUT = os.path.join(FOLDER, "syscall_names.generated.inc")

# Calls outside the table, with their parameters. Sources: arch/arm/include/uapi/asm/unistd.h (__ARM_NR_*),
# arch/arm/kernel/traps.c (arm_syscall, do_cache_op).
ARM_PRIVATE = {
    "breakpoint": (0x0F0001, ()),
    "cacheflush": (0x0F0002, (("unsigned long", "start"), ("unsigned long", "end"), ("int", "flags"))),
    "usr26": (0x0F0003, ()),
    "usr32": (0x0F0004, ()),
    "set_tls": (0x0F0005, (("unsigned long", "val"),)),
    "get_tls": (0x0F0006, ()),
}

# Entry points that are assembly or plain functions, with the parameters they pass on.
ENTRY_ALIASES = {
    # arch/arm/kernel/entry-common.S: sys_mmap2 goes on to sys_mmap_pgoff.
    ("arm", "sys_mmap2"): "sys_mmap_pgoff",
    # arch/arm/kernel/entry-common.S: the wrappers correct the size and go on.
    ("arm", "sys_statfs64_wrapper"): "sys_statfs64",
    ("arm", "sys_fstatfs64_wrapper"): "sys_fstatfs64",
    # arch/mips/kernel/syscall.c: save all registers, then go on.
    ("mips64el", "__sys_clone"): "sys_clone",
    ("mips64el", "__sys_clone3"): "sys_clone3",
    ("mips64el", "__sys_fork"): "sys_fork",
    ("mips64el", "__sys_sysmips"): "sys_sysmips",
}

PLAIN_ENTRIES = {
    # arch/arm/kernel/sys_arm.c
    "sys_arm_fadvise64_64": (("int", "fd"), ("int", "advice"), ("loff_t", "offset"), ("loff_t", "len")),
    # arch/arm/kernel/signal.c: both look at the registers only.
    "sys_sigreturn_wrapper": (),
    "sys_rt_sigreturn_wrapper": (),
    # arch/mips/kernel/signal.c and syscall.c: no parameters; pipe returns both descriptors in registers.
    "sys_rt_sigreturn": (),
    "sysm_pipe": (),
}


class Table:
    """Everything about the calls of one architecture."""

    def __init__(self, arch, directory, definitions):
        self.arch = arch
        self.source = os.path.join(directory, "linux-source")
        self.definitions = definitions
        self.calls = kernel_source.read_tables(self.source, arch, NUMBER_BASE)
        self.check_numbers(os.path.join(directory, "linux-libc-dev/usr/include", arch.triple, "asm", arch.unistd))

    def check_numbers(self, header):
        with open(header) as file:
            text = file.read()
        numbers = {}
        for name, value in re.findall(r"^#define __NR_(\w+)\s+(.+)$", text, re.M):
            offset = int(re.findall(r"\d+", value)[-1])
            numbers[name] = offset + NUMBER_BASE.get(self.arch.name, 0)
        ours = {name: number for name, (number, _, _) in self.calls.items()}
        theirs = {name: number for name, number in numbers.items() if not name.startswith("reserved")}
        if ours != theirs:
            raise SystemExit(f"{self.arch.name}: {header} differs: {set(ours.items()) ^ set(theirs.items())}")

    def number(self, name):
        if self.arch.name == "arm" and name in ARM_PRIVATE:
            return ARM_PRIVATE[name][0]
        return self.calls[name][0] if name in self.calls else None

    def declared(self, name):
        """((type, name), ...) or None when no C declaration is behind the number."""
        if self.arch.name == "arm" and name in ARM_PRIVATE:
            return ARM_PRIVATE[name][1]
        entry = self.calls[name][1]
        if entry == "sys_ni_syscall":
            return None
        entry = ENTRY_ALIASES.get((self.arch.name, entry), entry)
        found = kernel_source.choose(self.definitions, entry, self.source, self.arch)
        if found:
            return found.parameters
        return PLAIN_ENTRIES.get(entry)

    def names(self):
        private = ARM_PRIVATE if self.arch.name == "arm" else {}
        return set(self.calls) | set(private)


def whole_names(name, tables):
    """The parameter names of the same call where a register holds 64 bits."""
    if name in FOLLOWED:
        return FOLLOWED[name]
    for table in tables:
        if table.arch.word == 64 and name in table.calls:
            declared = table.declared(name)
            if declared:
                return [parameter[1] for parameter in declared]
    return []


# 64-bit variants that only 32-bit architectures need: the names of the wholes.
FOLLOWED = {
    "truncate64": ["path", "length"],
    "ftruncate64": ["fd", "length"],
    "fadvise64_64": ["fd", "offset", "len", "advice"],
    "_llseek": ["fd", "offset", "result", "whence"],
}


def signature(table, name, tables):
    declared = table.declared(name)
    if declared is None:
        return None
    described = [parameter_facts.describe(name, kind, text, table.arch) for kind, text in declared]
    return parameter_facts.registers(described, table.arch, whole_names(name, tables))


def check_arm_layout(arm, definitions, signatures):
    """A native arm kernel leaves the layout of pairs to its compiler; the arm64 kernel writes it out."""
    compat = {}
    with open(os.path.join(arm.source, "arch/arm64/tools/syscall_32.tbl")) as table:
        for line in table:
            fields = line.split("#")[0].split()
            if len(fields) >= 4 and fields[1] == "common":
                compat[fields[2]] = fields[-1]
    checked = 0
    for name, entry in sorted(compat.items()):
        if "aarch32" not in entry or name not in signatures:
            continue
        written = definitions[entry][0].parameters
        halves = [("Low" if text.endswith("_lo") else "High" if text.endswith("_hi") else "Whole")
                  for _, text in written]
        ours = [parameter.part for parameter in signatures[name] or ()]
        if halves != ours:
            raise SystemExit(f"arm: {name}: arm64 reads {halves}, we have {ours}")
        checked += 1
    if checked < 8:
        raise SystemExit("arm: too few calls to compare with arch/arm64/kernel/sys32.c")


class Writer:
    """Collects equal lists once and prints the tables."""

    def __init__(self):
        self.parameters = []
        # Index 0: not known. Index 1: known to be empty.
        self.signatures = {None: 0, (): 1}
        self.ranges = [(0, 0), (0, 0)]

    def signature_index(self, registers):
        if registers not in self.signatures:
            self.signatures[registers] = len(self.ranges)
            self.ranges.append((len(self.parameters), len(registers)))
            self.parameters += registers
        return self.signatures[registers]


def versions_line(directory):
    with open(os.path.join(directory, "versions")) as file:
        return ", ".join(" ".join(line.split()) for line in file)


def print_tables(out, directory, names, tables, signatures, page):
    writer = Writer()
    rows = []
    for name in names:
        numbers, firsts, indices = [], [], []
        for table in tables:
            number = table.number(name) if name in table.names() else None
            numbers.append("-1" if number is None else str(number))
            if number is None:
                firsts.append("0")
                indices.append("0")
                continue
            release, patchlevel = since.first_kernel(name, table.arch, page)
            firsts.append(f"{release * 256 + patchlevel}")
            indices.append(str(writer.signature_index(signatures[table.arch.name][name])))
        rows.append(f'    {{"{name}",\n     {{{{{", ".join(numbers)}}}}},\n     {{{{{", ".join(firsts)}}}}},\n'
                    f'     {{{{{", ".join(indices)}}}}}}},\n')
    out.write("// Generated by compiler/kernel/generate/syscalls.py; do not edit.\n")
    out.write(f"// Sources: {versions_line(directory)}.\n")
    out.write("// Columns: " + " ".join(table.arch.name for table in tables) + ".\n\n")
    out.write("// Per call: name, numbers (-1: absent), first kernels (release * 256 + patch level), "
              "index into kSignatures.\n")
    out.write(f"static constexpr std::array<SyscallRow, {len(rows)}> kSyscalls = {{{{\n{''.join(rows)}}}}};\n\n")
    print_signatures(out, writer)
    print_orders(out, names, tables)


def print_signatures(out, writer):
    out.write("// Begin and length in kParameters. 0: not known, 1: no parameters.\n")
    out.write(f"static constexpr std::array<SignatureRow, {len(writer.ranges)}> kSignatures = {{{{\n")
    for begin, length in writer.ranges:
        out.write(f"    {{{begin}, {length}}},\n")
    out.write("}};\n\n")
    out.write(f"static constexpr std::array<Parameter, {len(writer.parameters)}> kParameters = {{{{\n")
    for each in writer.parameters:
        signed = "true" if each.signed else "false"
        out.write(f'    {{"{each.name}", {each.bits}, {signed}, ParameterKind::{each.kind}, '
                  f"ParameterPart::{each.part}}},\n")
    out.write("}};\n\n")


def print_orders(out, names, tables):
    ids = {name: index for index, name in enumerate(names)}
    for table in tables:
        order = sorted(table.names(), key=table.number)
        out.write(f"// The calls of {table.arch.name} by number.\n")
        out.write(f"static constexpr std::array<std::uint16_t, {len(order)}> kOrder_{table.arch.name} = {{{{\n")
        for begin in range(0, len(order), 16):
            out.write("    " + ", ".join(str(ids[name]) for name in order[begin:begin + 16]) + ",\n")
        out.write("}};\n\n")
    out.write("static constexpr std::array<llvm::ArrayRef<std::uint16_t>, kArchCount> kOrders = {{\n")
    for table in tables:
        out.write(f"    kOrder_{table.arch.name},\n")
    out.write("}};\n")


def print_names(out, directory, names):
    out.write("// Generated by compiler/kernel/generate/syscalls.py; do not edit.\n")
    out.write(f"// Sources: {versions_line(directory)}.\n\n")
    out.write(f"inline constexpr std::array<std::string_view, {len(names)}> kSyscallNames = {{{{\n")
    for name in names:
        out.write(f'    "{name}",\n')
    out.write("}};\n")


def main():
    directory = sys.argv[1]
    definitions = kernel_source.read_definitions(os.path.join(directory, "linux-source"))
    page = since.read_page(os.path.join(directory, "manpages-dev/usr/share/man/man2/syscalls.2.gz"))
    tables = [Table(arch, directory, definitions) for arch in ARCHES]
    names = sorted(set().union(*(table.names() for table in tables)))
    signatures = {table.arch.name: {name: signature(table, name, tables) for name in table.names()}
                  for table in tables}
    arm = next(table for table in tables if table.arch.name == "arm")
    check_arm_layout(arm, definitions, signatures["arm"])
    with open(OUTPUT, "w") as out:
        print_tables(out, directory, names, tables, signatures, page)
    with open(NAMES_OUTPUT, "w") as out:
        print_names(out, directory, names)
    for table in tables:
        unknown = sorted(name for name, found in signatures[table.arch.name].items() if found is None)
        print(f"{table.arch.name}: {len(table.names())} calls, without signature: {' '.join(unknown) or 'none'}")


if __name__ == "__main__":
    main()
