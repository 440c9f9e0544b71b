#!/usr/bin/env python3
"""Writes constants.generated.inc from the packages that fetch.sh has unpacked.

    constants.py DIR

Every value is what clang makes of the kernel's headers for the architecture in question, so sizes of structures
in ioctl requests and the ports' own numbers come out right. Needs clang-19 with all its targets (Debian's has
them).
"""

import os
import re
import subprocess
import sys
import tempfile

from arches import ARCHES
from constant_sources import IOCTL_HEADERS, IOCTL_NAMED, IOCTL_TYPES, LIBRARY_NAMES, NEVER, ROWS

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "constants.generated.inc")
COMPILER = os.environ.get("CLANG", "clang-19")
WORD_SIZE = 1 << 64

# Types that some headers expect of the C library.
PREAMBLE = """
#include <stddef.h>
#include <linux/types.h>
#include <linux/time.h>
typedef unsigned short sa_family_t;
typedef __kernel_loff_t loff_t;
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
"""


# Headers of the C library that some of the kernel's include; none of our names needs what they hold.
EMPTY_HEADERS = ("unistd.h", "stdlib.h", "string.h", "time.h", "sys/types.h", "sys/socket.h", "sys/ioctl.h",
                 "sys/time.h", "netinet/in.h")


class Headers:
    """The headers of one architecture and the compiler that reads them."""

    def __init__(self, arch, directory, empty):
        self.arch = arch
        self.empty = empty
        self.include = os.path.join(directory, "linux-libc-dev/usr/include")
        self.source = os.path.join(directory, "linux-source")

    def exists(self, header):
        if ":" in header or header in ("library", "sock_type"):
            return True
        return any(os.path.exists(os.path.join(self.include, *below, header)) for below in ((), (self.arch.triple,)))

    def compile(self, text, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
            file.write(text)
            file.flush()
            command = [COMPILER, f"--target={self.arch.clang_target}", "-nostdlibinc", "-w", "-ferror-limit=0",
                       "-isystem", os.path.join(self.include, self.arch.triple), "-isystem", self.include,
                       "-isystem", self.empty, "-o", "-", *options, file.name]
            done = subprocess.run(command, capture_output=True, text=True)
            return done.stdout, done.stderr.replace(file.name, "PROGRAM"), done.returncode

    def text_of(self, header):
        """What to write into a program to have the names of `header`."""
        if header == "library":
            return "#include <linux/errno.h>\n#include <linux/signal.h>\n" + LIBRARY_NAMES
        if header == "sock_type":
            own = os.path.join(self.source, "arch", self.arch.kernel, "include/asm/socket.h")
            common = os.path.join(self.source, "include/linux/net.h")
            has_own = os.path.exists(own) and "enum sock_type" in read(own)
            return extract(read(own if has_own else common), r"SOCK_\w+", r"enum sock_type")
        if header.startswith("kernel:"):
            return extract(read(os.path.join(self.source, header[len("kernel:"):])), r"\w+", None)
        return f"#include <{header}>\n"

    def program(self, headers):
        return PREAMBLE + "".join(self.text_of(header) for header in headers if self.exists(header))

    def names(self, headers):
        """{name: body or None for an enumerator}"""
        program = self.program(headers)
        found = {}
        macros, errors, status = self.compile(program, "-E", "-dM")
        if status and "fatal error: 'asm/" in errors:
            return {}  # the port does not have what the header is about (no KVM on arm)
        if status:
            raise SystemExit(f"{self.arch.name}: {headers}: {errors}")
        for name, body in re.findall(r"^#define (\w+) (.+)$", macros, re.M):
            found[name] = body
        text, _, _ = self.compile(program, "-E", "-P")
        for block in re.findall(r"\benum\b[^{};]*\{([^}]*)\}", text):
            for enumerator in block.split(","):
                match = re.match(r"\s*(\w+)", enumerator)
                if match:
                    found.setdefault(match.group(1), None)
        return found

    def evaluate(self, headers, names):
        """{name: value} of those names that are integer constants."""
        program = self.program(headers)
        names = sorted(names)
        while names:
            lines = [f"const unsigned long long value_{name} = (unsigned long long)({name});" for name in names]
            first = program.count("\n") + 1
            text, errors, status = self.compile(program + "\n".join(lines) + "\n", "-S", "-emit-llvm", "-O0")
            if not status:
                break
            bad = {int(line) - first for line in re.findall(r"^PROGRAM:(\d+):\d+: error", errors, re.M)}
            kept = [name for index, name in enumerate(names) if index not in bad]
            if len(kept) == len(names):
                raise SystemExit(f"{self.arch.name}: {headers}: {errors}")
            names = kept
        else:
            return {}
        values = dict(re.findall(r"^@value_(\w+) = .*constant i64 (-?\d+)", text, re.M))
        return {name: int(values[name]) % WORD_SIZE for name in names if name in values}


def read(path):
    with open(path, errors="replace") as file:
        return file.read()


def extract(text, names, enum):
    """The #define lines without parameters whose name matches, and one enum."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\\\n", " ", text)
    lines = []
    if enum:
        lines += [match.group(0) + "\n" for match in re.finditer(enum + r"\s*\{[^}]*\};", text)]
    for match in re.finditer(rf"^#\s*define\s+({names})[ \t]+(\S.*)$", text, re.M):
        lines.append(f"#ifndef {match.group(1)}\n#define {match.group(1)} {match.group(2)}\n#endif\n")
    return "".join(lines)


def wanted(names, pattern, left_out):
    for name in names:
        if not re.fullmatch(pattern, name) or (left_out and re.fullmatch(left_out, name)):
            continue
        if re.fullmatch(NEVER, name) and name not in KEPT:
            continue
        yield name


# Names that look like counts and are not.
KEPT = frozenset("O_NOATIME SIGRTMAX MS_MGC_VAL SYSLOG_ACTION_SIZE_BUFFER SYSLOG_ACTION_SIZE_UNREAD "
                 "SHM_HUGETLB SO_MAX_PACING_RATE TCP_SAVED_SYN TCP_MAXSEG".split())


def make_empty_headers(directory):
    for header in EMPTY_HEADERS:
        path = os.path.join(directory, header)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w"):
            pass


def constants_of(arch, directory, empty):
    """{name: (group, value)} of one architecture."""
    headers = Headers(arch, directory, empty)
    found = {}
    for group, files, pattern, left_out in ROWS:
        chosen = set(wanted(headers.names(files), pattern, left_out)) - found.keys()
        for name, value in headers.evaluate(files, chosen).items():
            found[name] = (group, value)
    for name, value in requests_of(headers).items():
        found.setdefault(name, ("Ioctl", value))
    return found


def requests_of(headers):
    found = {}
    for file, pattern, left_out in IOCTL_NAMED:
        if headers.exists(file):
            names = set(wanted(headers.names([file]), pattern, left_out))
            found.update(headers.evaluate([*IOCTL_TYPES, file], names))
    for file in IOCTL_HEADERS:
        if not headers.exists(file):
            continue
        names = {name for name, body in headers.names([file]).items()
                 if body and re.match(r"_IO[RW]*\s*\(|DRM_IO[RW]*\s*\(", body)}
        values = headers.evaluate([*IOCTL_TYPES, file], names)
        if names - values.keys():
            print(f"{headers.arch.name}: {file}: no value for {' '.join(sorted(names - values.keys()))}")
        found.update(values)
    return found


def merge(per_arch):
    """[(name, group, common value, arches with it, [(arches, value)])], by name."""
    rows = []
    for name in sorted(set().union(*per_arch)):
        groups = {constants[name][0] for constants in per_arch if name in constants}
        if len(groups) != 1:
            raise SystemExit(f"{name} is in several groups: {groups}")
        values = {}
        for index, constants in enumerate(per_arch):
            if name in constants:
                values.setdefault(constants[name][1], []).append(index)
        order = sorted(values.items(), key=lambda item: (-len(item[1]), item[1]))
        rows.append((name, groups.pop(), [(mask(arches), value) for value, arches in order]))
    return rows


def mask(indices):
    return sum(1 << index for index in indices)


def number(value):
    return str(value) if value < 10 else f"{value:#x}"


def print_tables(out, directory, rows):
    with open(os.path.join(directory, "versions")) as file:
        versions = ", ".join(" ".join(line.split()) for line in file)
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    out.write("// Generated by compiler/kernel/generate/constants.py; do not edit.\n")
    out.write(f"// Sources: {versions}; evaluated by {version.split('(')[0].strip()}.\n")
    out.write("// Bits of the architectures: " + " ".join(
        f"{arch.name}={1 << index:#x}" for index, arch in enumerate(ARCHES)) + ".\n\n")
    exceptions = []
    out.write("// Name, group, most common value, architectures that have it, begin and length in kExceptions.\n")
    out.write(f"static constexpr std::array<ConstantRow, {len(rows)}> kConstants = {{{{\n")
    for name, group, values in rows:
        (arches, value), *rest = values
        out.write(f'    {{"{name}", ConstantGroup::{group}, {number(value)}, {arches:#x}, '
                  f"{len(exceptions)}, {len(rest)}}},\n")
        exceptions += [(name, *each) for each in rest]
    out.write("}};\n\n")
    out.write("// Architectures that have another value.\n")
    out.write(f"static constexpr std::array<ExceptionRow, {len(exceptions)}> kExceptions = {{{{\n")
    for name, arches, value in exceptions:
        out.write(f"    {{{arches:#x}, {number(value)}}},  // {name}\n")
    out.write("}};\n")


def main():
    directory = sys.argv[1]
    with tempfile.TemporaryDirectory() as empty:
        make_empty_headers(empty)
        per_arch = [constants_of(arch, directory, empty) for arch in ARCHES]
    rows = merge(per_arch)
    with open(OUTPUT, "w") as out:
        print_tables(out, directory, rows)
    counts = {}
    for _, group, _ in rows:
        counts[group] = counts.get(group, 0) + 1
    print(f"{len(rows)} constants: " + " ".join(f"{group}={counts[group]}" for group in sorted(counts)))


if __name__ == "__main__":
    main()
