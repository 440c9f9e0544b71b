#!/usr/bin/env python3
"""Holds every source file against the architecture: who may include whom, how long files and functions are, which
words must not appear.

    check_structure.py             checks the tree that the script stands in; prints each finding as FILE:LINE: WHAT
    check_structure.py --self-test runs the checks on small texts that break them, one by one

The tables below are the include rules of the project, in the order of the pipeline.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Folder: what of ours it may include. A folder may always include itself; the longest matching folder counts.
MAY_INCLUDE = {
    "compiler/base": [],
    "compiler/kernel": ["compiler/base"],
    "grammar": ["compiler/base"],
    "compiler/ir": ["compiler/base", "compiler/kernel"],
    "compiler/resolve": ["compiler/base", "compiler/kernel", "compiler/ir", "grammar"],
    "compiler/lint": ["compiler/base", "compiler/kernel", "compiler/ir"],
    "backends": ["compiler/base", "compiler/kernel", "compiler/ir"],  # and never another backend's folder
    "compiler/driver": ["compiler/base", "compiler/kernel", "compiler/ir", "compiler/resolve", "compiler/lint",
                        "grammar", "backends"],
    "tests": ["compiler", "grammar", "backends"],
}
SOURCES = ["compiler", "grammar", "backends", "tests"]

# Library: the files that may include it (as regular expressions). The first row that matches an include counts.
LIBRARIES = [
    (r"yaml-cpp/", [r"grammar/yaml_reader\.cpp", r"tests/bench/"]),
    (r"boost/", [r"grammar/rule_grammar\w*\.(cpp|h)"]),
    (r"CLI/", [r"compiler/driver/main\.cpp"]),
    (r"(seccomp\.h|linux/|asm/|sys/(prctl|syscall)\.h)", [r"backends/seccomp/", r"compiler/kernel/", r"tests/"]),
    # Numbers of address families and socket types; the file touches nothing.
    (r"sys/socket\.h", [r"compiler/", r"backends/", r"tests/"]),
    (r"(filesystem|fstream|unistd\.h|fcntl\.h|sys/.*|dirent\.h)$", [r"compiler/driver/", r"tests/"]),
    (r"(ctime|chrono|time\.h|fmt/chrono\.h)$", [r"compiler/driver/", r"tests/"]),
    (r"llvm/Support/(FileSystem|MemoryBuffer|Path|Process|Program|Chrono)\.h", [r"compiler/driver/", r"tests/"]),
    (r"llvm/Support/(CommandLine|Error)\.h", []),
    (r"(iostream|regex)$", [r"tests/"]),
]

# Words that code (not comments or strings) must not hold, and where they may.
WORDS = [
    (r"\bgetenv\b", "reads the environment", [r"compiler/driver/", r"tests/"]),
    (r"\bthrow\b", "throws", []),
    (r"\bcatch \(\.\.\.\)", "catches what it does not know", []),
    (r"\bshared_ptr\b", "shares ownership", []),
    (r"\bnew [A-Z]\w*[({]", "allocates by hand", []),
    (r"\busing namespace std\b", "opens std", []),
]

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50

# Longer files, each a table or a grammar that is read by looking up.
LONG_FILES = {
    r".*\.def": "tables",
    r"compiler/kernel/.*generated.*": "generated tables",
    r"compiler/kernel/.*_table.*\.(cpp|inc)": "generated tables",
    r"grammar/rule_grammar_test\.cpp": "tables of rules and of what is said about them",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
FUNCTION_START = re.compile(r"^(|  )(?! |namespace|struct|class|enum|union|extern|switch|for|if|public|private|#|//|}).*\).*\{$")


def folder_of(path):
    """The row of MAY_INCLUDE that a file belongs to."""
    rows = [row for row in MAY_INCLUDE if path.startswith(row + "/")]
    return max(rows, key=len) if rows else None


def backend_of(path):
    """`seccomp` for backends/seccomp/..., nothing for the files shared by all."""
    match = re.match(r"backends/([^/]+)/", path)
    return match.group(1) if match else None


def check_own_include(path, included):
    folder = folder_of(path)
    if folder is None or "/" not in included:
        return None
    is_test = path.endswith("_test.cpp")
    own_backend, other_backend = backend_of(path), backend_of(included)
    if own_backend and other_backend and own_backend != other_backend:
        return f"backend {own_backend} includes backend {other_backend}"
    if included.startswith(folder + "/"):
        return None
    allowed = MAY_INCLUDE[folder] + (["tests/support"] if is_test else [])
    if any(included == entry or included.startswith(entry + "/") for entry in allowed):
        return None
    return f"{folder} may not include {included}"


def check_library_include(path, included):
    for library, files in LIBRARIES:
        if re.match(library, included):
            is_test = path.endswith("_test.cpp") and any(file == "tests/" for file in files)
            if is_test or any(re.match(file, path) for file in files):
                return None
            return f"<{included}> does not belong here"
    return None


def without_comments_and_strings(line):
    return re.sub(r"//.*", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


def check_lines(path, lines):
    """Includes and words, line by line."""
    in_raw_string = False
    for number, line in enumerate(lines, 1):
        if in_raw_string:
            in_raw_string = ')"' not in line
            continue
        match = INCLUDE.match(line)
        if match:
            checker = check_own_include if match.group(1) == '"' else check_library_include
            problem = checker(path, match.group(2))
            if problem:
                yield number, problem
        if re.search(r"\bTODO\b(?!\([a-z][a-z0-9 _-]*\))", line) or re.search(r"\b(FIXME|XXX)\b", line):
            yield number, "a TODO names its topic: TODO(topic)"
        code = without_comments_and_strings(line)
        for word, what, files in WORDS:
            is_allowed = any(re.match(file, path) for file in files) or path.endswith("_test.cpp")
            if re.search(word, code) and not is_allowed:
                yield number, what
        in_raw_string = bool(re.search(r'R"\w*\($', line)) or ('R"(' in line and ')"' not in line.split('R"(')[1])


def check_functions(lines):
    """Functions that do not fit a screen. The formatter puts their first line and their last brace in one column: the
    first, or the third for members of a class. Labels of a switch do not count: a long one is a table."""
    is_in_class = False
    start = indent = None
    labels = 0
    for number, line in enumerate(lines, 1):
        if start is not None:
            if line.startswith(indent + "}"):
                length = number - start - 1 - labels
                if length > MAX_FUNCTION_LINES:
                    yield start, f"a function of {length} lines, the limit is {MAX_FUNCTION_LINES}"
                start = None
            labels += bool(re.match(r"\s*case .*:$", line))
            continue
        if re.match(r"(template <.*> )?(class|struct) .*\{$", line):
            is_in_class = True
        elif line.startswith("}"):
            is_in_class = False
        match = FUNCTION_START.match(line)
        if match and (not match.group(1) or is_in_class):
            start, indent, labels = number, match.group(1), 0


def check_file(path, text):
    lines = text.splitlines()
    yield from check_lines(path, lines)
    if not path.endswith((".h", ".cpp")):
        return
    if not path.endswith("_test.cpp"):
        yield from check_functions(lines)
    if len(lines) > MAX_FILE_LINES and not any(re.fullmatch(row, path) for row in LONG_FILES):
        yield 1, f"{len(lines)} lines, the limit is {MAX_FILE_LINES}"
    if path.endswith(".h"):
        if not lines or not lines[0].startswith("//"):
            yield 1, "a header opens by explaining itself"
        if "#pragma once" not in lines and not path.startswith("tests/stdlib/needs/"):  # C
            yield 1, "#pragma once is missing"


def check_def(path, text):
    lines = text.strip().splitlines()
    if not lines or not re.match(r"// ISOLA_\w+\(", lines[0]):
        yield 1, "a .def names its macro in its first line"
    elif not lines[-1].startswith("#undef ISOLA_"):
        yield len(lines), "a .def undefines its macro in its last line"


def check_tree():
    found = []
    for top in SOURCES:
        for path in sorted((ROOT / top).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if not path.is_file() or path.suffix not in (".h", ".cpp", ".def"):
                continue
            text = path.read_text(encoding="utf-8")
            found += [(name, *problem) for problem in check_file(name, text)]
            if path.suffix == ".def":
                found += [(name, *problem) for problem in check_def(name, text)]
    return found


# Each text breaks one rule; what is found in it must say so.
BROKEN = [
    ("compiler/ir/a.cpp", '#include "grammar/rule_syntax.h"\n', "compiler/ir may not include"),
    ("compiler/base/a.cpp", '#include "compiler/kernel/arch.h"\n', "compiler/base may not include"),
    ("backends/oci/a.cpp", '#include "backends/seccomp/model.h"\n', "backend oci includes backend seccomp"),
    ("compiler/lint/a.cpp", '#include "backends/backend.h"\n', "compiler/lint may not include"),
    ("grammar/a.cpp", "#include <yaml-cpp/yaml.h>\n", "does not belong here"),
    ("compiler/resolve/a.cpp", "#include <boost/spirit/home/x3.hpp>\n", "does not belong here"),
    ("compiler/driver/a.cpp", "#include <CLI/CLI.hpp>\n", "does not belong here"),
    ("backends/oci/a.cpp", "#include <seccomp.h>\n", "does not belong here"),
    ("compiler/lint/a.cpp", "#include <filesystem>\n", "does not belong here"),
    ("compiler/lint/a.cpp", "#include <ctime>\n", "does not belong here"),
    ("compiler/ir/a.cpp", 'auto* home = getenv("HOME");\n', "reads the environment"),
    ("compiler/ir/a.cpp", "throw 1;\n", "throws"),
    ("compiler/ir/a.cpp", "// TO" + "DO: later\n", "a TODO names its topic"),
    ("compiler/ir/a.cpp", "\n" * 401, "401 lines"),
    ("compiler/ir/a.cpp", "int f() {\n" + "  g();\n" * 51 + "}\n", "a function of 51 lines"),
    ("compiler/ir/a.cpp", "class A {\n  int f() {\n" + "    g();\n" * 51 + "  }\n};\n", "a function of 51 lines"),
    ("compiler/ir/a.h", "#pragma once\n", "a header opens by explaining itself"),
    ("compiler/ir/a.h", "// What.\n", "#pragma once is missing"),
]
SOUND = [
    ("compiler/driver/a.cpp", '#include <filesystem>\n#include "backends/backend.h"\n'),
    ("backends/oci/a.cpp", '#include "backends/json.h"\n#include "backends/oci/model.h"\n'),
    ("compiler/ir/a.cpp", "// throw, getenv and catch (...) in a comment\nint f() {\n" + "  g();\n" * 50 + "}\n"),
    ("compiler/ir/a.cpp", "class A {\n" + "  int f() {\n    g();\n  }\n" * 30 + "};\n"),
    ("compiler/ir/a.cpp", "// TODO(topic): with a condition\n"),
]


def self_test():
    failures = 0
    for path, text, expected in BROKEN:
        problems = [what for _, what in check_file(path, text)]
        if len(problems) != 1 or expected not in problems[0]:
            print(f"{path}: expected one finding `{expected}`, found {problems}")
            failures += 1
    for path, text in SOUND:
        problems = list(check_file(path, text))
        if problems:
            print(f"{path}: expected no finding, found {problems}")
            failures += 1
    print(f"{len(BROKEN)} broken and {len(SOUND)} sound texts, {failures} failures")
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    found = check_tree()
    for name, line, what in found:
        print(f"{name}:{line}: {what}")
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
