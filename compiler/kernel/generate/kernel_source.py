"""Reads the kernel's source: system call tables, the entry points behind them, the choices of each port.

Nothing is preprocessed. Where one entry point has several definitions, the port's own directory wins over the
common code, and the few that #if tells apart are chosen by the Kconfig symbols in CHOOSING_SYMBOLS.
"""

import os
import re
from dataclasses import dataclass

# The symbols that decide between definitions of one entry point. Everything else behind #if is either the
# only definition or equal to its neighbour (ambiguous ones stop the generator).
CHOOSING_SYMBOLS = ("CLONE_BACKWARDS", "CLONE_BACKWARDS2", "CLONE_BACKWARDS3", "OLD_SIGSUSPEND",
                    "OLD_SIGSUSPEND3", "ARCH_SPLIT_ARG64")

# Definitions that never reach a kernel of ours.
SKIPPED_FILES = ("arch/x86/um/", "arch/powerpc/kernel/pci_32.c", "kernel/time/posix-stubs.c", "tools/", "samples/")

DEFINITION = re.compile(r"^((?:COMPAT_|PPC32_)?SYSCALL(?:32)?_DEFINE)(\d)\s*\(", re.M)


@dataclass(frozen=True)
class Definition:
    path: str
    conditions: tuple  # of (symbol, wanted)
    parameters: tuple  # of (type, name)


def read_tables(source, arch, bases):
    """{name: (number, entry point, compat entry point)} of one architecture."""
    calls = {}
    with open(os.path.join(source, arch.table)) as table:
        for line in table:
            fields = line.split("#")[0].split()
            if len(fields) < 3 or fields[1] not in arch.abis:
                continue
            number, _, name, *entries = fields
            if name.startswith("reserved"):
                continue
            entries = [entry if entry != "-" else "" for entry in entries] + ["", ""]
            calls[name] = (int(number) + bases.get(arch.name, 0), entries[0], entries[1])
    return calls


def read_definitions(source):
    """{entry point: [Definition]} of the whole tree, in a fixed order."""
    definitions = {}
    for path in source_files(source):
        with open(os.path.join(source, path), errors="replace") as file:
            text = file.read()
        if "SYSCALL" not in text:
            continue
        for match in DEFINITION.finditer(text):
            body = balanced(text, match.end())
            parts = [" ".join(part.split()) for part in without_comments(body).split(",")]
            prefix = "" if match.group(1) == "SYSCALL_DEFINE" else "compat_"
            conditions = conditions_at(text, match.start())
            if match.group(1) == "SYSCALL32_DEFINE":
                conditions += (("ARCH_SPLIT_ARG64", True),)
                definitions.setdefault("sys_" + parts[0], []).append(
                    Definition(path, conditions, pair_up(parts[1:])))
            definitions.setdefault(prefix + "sys_" + parts[0], []).append(
                Definition(path, conditions, pair_up(parts[1:])))
    return definitions


def source_files(source):
    found = []
    for directory, _, names in os.walk(source):
        for name in names:
            path = os.path.relpath(os.path.join(directory, name), source)
            if name.endswith(".c") and not path.startswith(SKIPPED_FILES):
                found.append(path)
    return sorted(found)


def balanced(text, begin):
    depth = 1
    end = begin
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return text[begin:end - 1]


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def pair_up(parts):
    """Types and names alternate, except that SC_ARG64(x) and its like stand for two registers."""
    pairs = []
    rest = [part for part in parts if part]
    while rest:
        macro = re.fullmatch(r"(?:SC_ARG64|compat_arg_u64_dual|arg_u32p)\((\w+)\)", rest[0])
        if macro:
            pairs += [("u32", macro.group(1) + "_lo"), ("u32", macro.group(1) + "_hi")]
            rest = rest[1:]
        else:
            pairs.append((rest[0], rest[1]))
            rest = rest[2:]
    return tuple(pairs)


def conditions_at(text, position):
    """The choosing symbols of the #if branches around a place, as (symbol, wanted).

    A condition with || never tells definitions apart in this tree, so it counts for nothing.
    """
    stack = []
    for match in re.finditer(r"^#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)$", text[:position], re.M):
        kind, rest = match.groups()
        symbols = [] if "||" in rest else re.findall(r"CONFIG_(\w+)", rest)
        wanted = kind != "ifndef" and "!defined" not in rest
        if kind in ("if", "ifdef", "ifndef"):
            stack.append([(symbols, wanted)])
        elif kind in ("elif", "else"):
            stack[-1].append((symbols, wanted))
        elif stack:
            stack.pop()
    found = []
    for *earlier, current in stack:
        found += [(symbol, not wanted) for symbols, wanted in earlier for symbol in symbols]
        found += [(symbol, current[1]) for symbol in current[0]]
    return tuple(pair for pair in found if pair[0] in CHOOSING_SYMBOLS)


def selected_symbols(source, arch):
    """The choosing symbols that the port's Kconfig selects."""
    found = set()
    block = ""
    with open(os.path.join(source, "arch", arch.kernel, "Kconfig")) as file:
        for line in file:
            block = line.split()[1] if line.startswith("config ") else block
            match = re.match(r"\s*select (\w+)(?: if (.*))?$", line.rstrip())
            if not match or match.group(1) not in CHOOSING_SYMBOLS:
                continue
            only_32_bit = {block, match.group(2)} & {"X86_32", "PPC32", "32BIT"}
            if not only_32_bit or arch.word == 32:
                found.add(match.group(1))
    return found


def choose(definitions, entry, source, arch):
    """The definition that a kernel for `arch` is built with, or None."""
    candidates = definitions.get(entry, [])
    own = [each for each in candidates if each.path.startswith(f"arch/{arch.kernel}/")]
    common = [each for each in candidates if not each.path.startswith("arch/")]
    candidates = own or common
    symbols = selected_symbols(source, arch)
    candidates = [each for each in candidates
                  if all((symbol in symbols) == wanted for symbol, wanted in each.conditions)]
    if len({each.parameters for each in candidates}) > 1:
        raise SystemExit(f"{arch.name}: {entry} has several definitions: {candidates}")
    return candidates[0] if candidates else None
