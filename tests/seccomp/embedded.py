"""Builds the example that confines itself, in every way that its README promises, and runs it.

    embedded.py --isola BINARY

The header must compile without a warning as C99 and as C++20 with gcc and clang; the program must then be able to
do what its policy allows, and nothing else.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "embedded"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
COMPILERS = [["gcc", "-std=c99"], ["clang-19", "-std=c99"], ["g++", "-x", "c++", "-std=c++20"],
             ["clang++-19", "-x", "c++", "-std=c++20"]]
EXPECTED = "3 lines\nopening another file: Operation not permitted\na socket: Operation not permitted\n"
# The flags of a header that has all of them, and one that leaves no_new_privs alone.
VARIANTS = {
    "flags": ("  known: linux 6.12\n", "  known: linux 6.12\n  flags: [TSYNC, LOG, SPEC_ALLOW]\n"),
    "privileges": ("  user: 65534:65534\n", "  user: 65534:65534\n  noNewPrivileges: false\n"),
}


def run(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\nexit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def check(isola, policy, directory):
    run(isola, "compile", "-q", "--target", "seccomp", "--emit-c", "-o", directory, policy)
    text = directory / "three-lines"
    text.write_text("one\ntwo\nthree\n")
    for compiler in COMPILERS:
        program = directory / "confined"
        run(*compiler, *WARNINGS, "-I", directory / "embedded", EXAMPLE / "confined.c", "-o", program)
        found = run(program, text)
        if found != EXPECTED:
            sys.exit(f"{' '.join(compiler)}: the program said\n{found}instead of\n{EXPECTED}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--isola", required=True)
    isola = pathlib.Path(parser.parse_args().isola).resolve()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        check(isola, EXAMPLE / "policy.yaml", directory)
        policy = (EXAMPLE / "policy.yaml").read_text()
        for variant, (before, after) in VARIANTS.items():
            assert before in policy
            changed = directory / f"{variant}.yaml"
            changed.write_text(policy.replace(before, after))
            check(isola, changed, directory)
    print(f"{len(COMPILERS)} compilers, {1 + len(VARIANTS)} headers")


main()
