#!/usr/bin/env python3
"""Compiles broken policies by the hundred: each must be answered with findings, quickly, and leave nothing behind.

    broken.py --isola BINARY [--seed N] [--count N]

The policies are those of tests/golden/diagnostics as they are, random damage done to them and to the examples (lines
lost, doubled, moved and re-indented, bytes changed, the rest cut off), and those of heavy.py, which are as much work as
64 KiB can be. For every one of them holds:

    the exit status is 0 or 1; never a signal, never 2 (the command line is right) or 3 (our own failure)
    at most one second of processor time
    after an error no file and no directory is left; without one, there are artifacts
    what is printed says where: at least one finding with a code

A failure prints the seed and keeps the policy in the working directory.
"""

import argparse
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile

import heavy

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1795435200"}
MAX_CPU_SECONDS = 1.0
ODD_BYTES = [b"\0", b"\xff", b"\t", b"'", b'"', b"{", b"}", b"[", b"]", b"&a", b"*a", b"!t ", b"|", b">", b"#", b": ",
             b"- ", b"\n", b"\r\n", b"\xe2\x80\xae", b"$x", b"@x", b"(", b")", b"->", b"if", b"..", b"0x", b"-1",
             b"99999999999999999999", b"{" * 80, b"(" * 200, b"%", b"?", b"<<: *a\n", b"---\n", b"..."]


def damage(text, chance):
    """One or more random accidents."""
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        lines = text.splitlines(keepends=True) or [b""]
        where = chance.randrange(len(lines))
        byte = chance.randrange(len(text) + 1)
        accident = chance.randrange(9)
        if accident == 0:
            del lines[where]
        elif accident == 1:
            lines.insert(chance.randrange(len(lines)), lines[where])
        elif accident == 2:
            lines[where] = chance.choice([b" ", b"  ", b"    ", b"\t"]) + lines[where]
        elif accident == 3:
            lines[where] = lines[where].lstrip(b" ")
        elif accident == 4:
            chance.shuffle(lines)
        if accident <= 4:
            text = b"".join(lines)
        elif accident == 5:
            text = text[:byte]
        elif accident == 6:
            text = text[:byte] + chance.choice(ODD_BYTES) + text[byte:]
        elif accident == 7:
            text = text[:byte] + text[byte + chance.randrange(1, 5):]
        else:
            text = text[:byte] + bytes([chance.randrange(256)]) + text[byte + 1:]
    return text


def compile_policy(isola, folder, text):
    """Compiles a text as if it stood in `folder`; returns what is wrong with how that went, and whether it failed."""
    with tempfile.TemporaryDirectory() as directory:
        # Beside the original, so that relative `extends` still work; standard input has the working directory.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            result = subprocess.run([isola, "compile", "-", "-o", directory + "/out"], input=text, cwd=folder,
                                    env=ENVIRONMENT, capture_output=True, timeout=30, check=False)
        except subprocess.TimeoutExpired:
            return "runs for more than 30 s", True
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        written = [path for path in pathlib.Path(directory).rglob("*") if path.is_file()]
        if result.returncode not in (0, 1):
            return f"exit status {result.returncode}: {result.stderr.decode(errors='replace')[-400:]}", True
        if spent > MAX_CPU_SECONDS:
            return f"{spent:.2f} s of processor time", True
        if result.returncode == 1 and os.listdir(directory):
            return "something was written after an error", True
        if result.returncode == 1 and not re.search(rb"error\[E\d\d\d\]", result.stderr):
            return "fails without an error", True
        if result.returncode == 0 and not written:
            return "succeeds without artifacts", True
        return None, result.returncode == 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--isola", required=True)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--count", type=int, default=300, help="damaged policies beside the golden ones")
    options = parser.parse_args()
    isola = str(pathlib.Path(options.isola).resolve())
    originals = sorted(ROOT.glob("tests/golden/diagnostics/*/policy.yaml")) + sorted(ROOT.glob("examples/*/policy.yaml"))
    chance = random.Random(options.seed)
    policies = [(path, path.read_bytes()) for path in originals]
    for _ in range(options.count):
        path = chance.choice(originals)
        policies.append((path, damage(path.read_bytes(), chance)))
    policies += [(ROOT / "heavy" / name, text.encode()) for name, text in heavy.policies()]
    failures = broken = 0
    for number, (path, text) in enumerate(policies):
        wrong, has_failed = compile_policy(isola, path.parent if path.exists() else ROOT, text)
        broken += has_failed
        if wrong:
            failures += 1
            kept = pathlib.Path(f"broken-{options.seed}-{number}.yaml").resolve()
            kept.write_bytes(text)
            print(f"{kept} (from {path.relative_to(ROOT)}): {wrong}")
    print(f"seed {options.seed}: {len(policies)} policies, {broken} broken, {failures} failures")
    return 1 if failures or broken < 200 else 0


if __name__ == "__main__":
    sys.exit(main())
