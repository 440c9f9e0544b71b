"""Policies of 64 KiB that are as much work as their size allows, one for each construct that could take long.

Nobody writes them by hand: they are what a generator, or somebody with a grudge, may hand in. Most are refused (E325, E381,
E407); none may keep the compiler busy. broken.py compiles them.
"""

import string

SIZE = 65536
ALL_ARCHITECTURES = ", ".join("SCMP_ARCH_" + name for name in (
    "X86_64 X86 X32 AARCH64 ARM RISCV64 PPC64LE S390X MIPSEL64 LOONGARCH64").split())
HEAD = "policy: heavy\nschema: 1\nprocess: {path: /bin/x, user: \"1:1\"}\n"
FILES = HEAD + "files:\n"
CALLS = HEAD + "syscalls:\n  architectures: [SCMP_ARCH_X86_64]\n  rules:\n"
CALLS_EVERYWHERE = HEAD + "syscalls:\n  architectures: [" + ALL_ARCHITECTURES + "]\n  rules:\n"


def word(number, length=4):
    """Another word for each number."""
    letters = ""
    for _ in range(length):
        letters += string.ascii_lowercase[number % 26]
        number //= 26
    return letters


def bits(number):
    """Spread over 31 bits."""
    return (number * 2654435761 + 12345) % (1 << 31)


def fill(head, line, tail="", size=SIZE):
    """`head`, as many lines as there is room for, `tail`."""
    text = [head]
    room = size - len(head) - len(tail)
    number = 0
    while (room := room - len(next_line := line(number))) >= 0:
        text.append(next_line)
        number += 1
    return "".join(text) + tail


def paths(line):
    """Rules on files; odd lines deny."""
    return fill(FILES, lambda n: f"  - {'deny ' if n % 2 else ''}{line(n)}\n")


def half(head, line):
    return fill(head, line, size=SIZE // 2 + len(head) - len(HEAD))


def policies():
    """Name and text of each."""
    yield "stars then rows of ?", fill(
        FILES, lambda n: f"  - read /{word(n, 3)}*a**EEEEEEEEE????????????E??EEEEEEEEEEEEEEEEEEEEE\n")
    yield "rows of ? within the budget", paths(lambda n: f"read /**{word(n, 2)}????")
    yield "rows of ? beyond the budget", paths(lambda n: f"read /**{word(n, 2)}??????????")
    yield "one long row of ?", FILES + "  - read /**a" + "?" * 60000 + "\n"
    yield "one long row of stars", FILES + "  - read /" + "**a" * 20000 + "\n"
    yield "one long list", FILES + "  - read /{" + ",".join(word(n) for n in range(12000)) + "}\n"
    yield "one long row of choices", FILES + "  - read /x" + "{a,}" * 12000 + "\n"
    yield "rows of choices", paths(lambda n: "read /**" + "{a,b,c}" * 8 + word(n, 3))
    yield "nested choices", paths(lambda n: f"read /{word(n, 3)}/" + "{*a," * 40 + "b" + "}" * 40)
    yield "directories", paths(lambda n: f"read /{word(n)}/**")
    yield "endings", paths(lambda n: f"read /**{word(n)}")
    yield "endings one inside another", paths(lambda n: f"read,write /**{word(n, 1)}*{word(n // 26, 2)}")
    yield "three stars", paths(lambda n: f"read /**{word(n, 2)}**{word(n * 7, 2)}**{word(n * 11, 2)}**")
    yield "many paths a line", paths(lambda n: "read " + " ".join(f"/*{word(n * 20 + k, 3)}" for k in range(20)))
    yield "many plain paths a line", paths(lambda n: "read " + " ".join(f"/{word(n * 20 + k, 3)}" for k in range(20)))
    yield "executions", paths(lambda n: f"execute /**{word(n)}")
    yield "below /proc", paths(lambda n: f"read /proc/*{word(n)}")
    yield "long names", HEAD + "let:\n  a: /" + "b" * 4000 + "\n" + fill(
        "files:\n", lambda n: f"  - read $a/{word(n, 3)}\n", size=60000)
    yield "names that double", HEAD + "let:\n  a0: abcdefgh\n" + "".join(
        f"  a{n + 1}: $a{n}$a{n}\n" for n in range(40)) + "files:\n  - read /$a40\n"
    yield "names side by side", HEAD + "let:\n  a: " + "b" * 2000 + "\nfiles:\n" + "".join(
        "  - read /" + "$a" * 1500 + f"{word(n, 2)}\n" for n in range(20))
    yield "values", fill(CALLS, lambda n: f"    - allow socket if family == {n * 7919 % 100003}\n")
    yield "values everywhere", fill(CALLS_EVERYWHERE, lambda n: f"    - allow socket if family == {n * 7919 % 100003}\n")
    yield "one list of values", CALLS + "    - allow socket if family in {" + ", ".join(
        str(n * 3) for n in range(9000)) + "}\n"
    yield "masks", fill(CALLS, lambda n: f"    - allow openat if (flags & {bits(n):#x}) == 0\n")
    yield "masks that deny", fill(
        CALLS, lambda n: f"    - {'deny' if n % 2 else 'allow'} openat if (flags & {bits(n):#x}) == 0\n")
    yield "ranges of five arguments", fill(CALLS, lambda n: "    - allow mmap if " + " && ".join(
        f"{name} in {bits(n + k) % 1000}..{1000 + bits(n * k) % 1000}"
        for k, name in enumerate(("len", "prot", "flags", "fd", "off"))) + "\n")
    yield "all of any", CALLS + "    - allow mmap if " + " && ".join("(" + " || ".join(
        f"({name} & {1 << bits(n * 5 + k) % 31}) != 0"
        for k, name in enumerate(("len", "prot", "flags", "fd", "off"))) + ")" for n in range(550)) + "\n"
    yield "any of all", CALLS + "    - allow mmap if " + " || ".join("(" + " && ".join(
        f"{name} == {bits(n * 5 + k) % 1000}"
        for k, name in enumerate(("len", "prot", "flags", "fd", "off"))) + ")" for n in range(850)) + "\n"
    yield "sets", fill(CALLS_EVERYWHERE, lambda n: "    - allow @known\n")
    yield "sets in one rule", fill(CALLS_EVERYWHERE, lambda n: "    - allow " + "@known " * 1000 + "\n")
    yield "sets with long reasons", fill(
        CALLS_EVERYWHERE, lambda n: "    - allow @known because \"" + "x" * 8000 + "\"\n")
    yield "sets denied", fill(CALLS, lambda n: f"    - deny @known -> SCMP_ACT_ERRNO({n % 130 + 1})\n")
    yield "sets for some kernels", fill(CALLS, lambda n: f"    - allow @known when kernel >= 5.{n % 20}\n")
    yield "addresses", fill(
        HEAD + "network:\n", lambda n: f"  - {'deny ' if n % 2 else ''}connect tcp 10.{n % 250}.{n // 250}.0/24:{n + 1}\n")
    yield "unix sockets", fill(HEAD + "network:\n", lambda n: f"  - connect unix /run/**{word(n)}\n")
    yield "abstract names", fill(
        HEAD + "network:\n", lambda n: f"  - {'deny ' if n % 2 else ''}connect unix @**{word(n)}\n")
    yield "abstract names with ?", fill(HEAD + "network:\n", lambda n: f"  - connect unix @**{word(n, 2)}??????????\n")
    yield "shared memory", fill(HEAD + "ipc:\n", lambda n: f"  - shm posix read,write /*{word(n)}*\n")
    yield "device nodes", fill(HEAD + "devices:\n", lambda n: f"  - read /dev/**{word(n)}\n")
    yield "children", fill(FILES + "  - read /**\nchildren:\n", lambda n: f"  c{word(n)}:\n    files: [\"read /**{word(n)}\"]\n")
    yield "a child with many rules", half(FILES, lambda n: f"  - read /**{word(n, 3)}\n") + half(
        "children:\n  a:\n    files:\n", lambda n: f"      - read /**{word(n, 3)}\n")
    yield "a child with many sockets", half(HEAD + "network:\n", lambda n: f"  - connect unix /**{word(n, 3)}\n") + half(
        "children:\n  a:\n    network:\n", lambda n: f"      - connect unix /x**{word(n, 3)}\n")
    yield "children by alias", half(HEAD + "files: &rules\n", lambda n: f"  - read /**{word(n, 3)}\n") + half(
        "children:\n", lambda n: f"  c{word(n)}: {{files: *rules}}\n")
    yield "mounts", half(
        HEAD + "namespaces: [mount]\nmounts:\n",
        lambda n: f"  - {{destination: /{word(n)}, type: tmpfs, options: [ro]}}\n") + half(
            "files:\n", lambda n: f"  - read,write /**{word(n)}\n")
    yield "tests", half(FILES, lambda n: f"  - read /**{word(n, 3)}\n") + half(
        "tests:\n", lambda n: f"  - allow read /{word(n, 3)}\n")
    yield "tests of any arguments", half(
        CALLS, lambda n: f"    - allow mmap if len == {n * 3} && prot == {n} && off == {n * 11}\n") + half(
            "tests:\n", lambda n: "  - allow mmap(_, _, _, _, _, _)\n")
    yield "waivers", half(FILES, lambda n: f"  - write /**{word(n, 3)}/**\n") + half(
        "waive:\n", lambda n: f"  - {{lint: broad-write, at: files, because: \"x\", until: 2027-03-31}}\n")
    yield "bundles", fill(HEAD + "extends:\n", lambda n: f"  - std/temporary-files(directory: /**{word(n)})\n")
    yield "unknown names", fill(
        CALLS, lambda n: "    - allow " + " ".join("opnatx" + word(n * 9 + k, 2) for k in range(9)) + "\n")
    yield "unknown keys", fill(HEAD, lambda n: f"{word(n)}: x\n")
    yield "unfinished rules", fill(FILES, lambda n: "  - (\n")
