#!/usr/bin/env python3
"""Runs the examples of Markdown files: run_examples.py ISOLA FILE...

The words behind ```yaml say what a block is and what must become of it:

    policy, bundle     a whole file; it compiles, and its tests hold
    fragment           sections of a policy; what is missing for a whole one (name, process, architectures) is added
    CODE...            after one of these: it must fail, with exactly these codes of errors

A `console` block is a session: what `$ isola ...` prints, with the policy above it in a file of its name. Other blocks are
not run. Three things more are held: the reference names every key of grammar/policy.schema.json, it has the table of named sets
as compiler/kernel/syscall_sets.def has it, and every code that it names exists.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HEAD = "policy: example\nschema: 1\n"
PROCESS = "process:\n  path: /usr/bin/app\n  user: 1000:1000\n"
ARCHITECTURES = "syscalls:\n  architectures: [SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64]\n"
KINDS = ("policy", "bundle", "fragment")


def blocks(path):
    """(line, words, text) of every fenced block."""
    found, start, words, lines = [], None, [], []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            if start is None:
                start, words, lines = number, line[3:].split(), []
            else:
                found.append((start, words, "\n".join(lines) + "\n"))
                start = None
        elif start is not None:
            lines.append(line)
    return found


def whole(kind, text):
    if kind != "fragment":
        return text
    if not re.search(r"^process:", text, re.M):
        text = PROCESS + text
    if re.search(r"^syscalls:$", text, re.M):
        if "  architectures:" not in text:
            text = re.sub(r"^syscalls:\n", lambda found: ARCHITECTURES, text, count=1, flags=re.M)
    else:
        text += ARCHITECTURES
    return HEAD + text


def error_codes(isola, text):
    """The codes of the errors that a file gets, sorted, and all that was said."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "example.yaml"
        file.write_text(text)
        done = subprocess.run([isola, "test", "--format", "json", str(file)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        return ["exit status %d" % done.returncode], done.stdout + done.stderr
    records = json.loads(done.stderr) if done.stderr.strip() else []
    codes = sorted({record["code"] for record in records if record["severity"] == "error"})
    if bool(codes) != (done.returncode == 1):
        codes.append("exit status %d" % done.returncode)
    return codes, "\n".join("  %s %s" % (record["code"], record["message"]) for record in records)


def replayed(isola, session, policy):
    """A session as it really goes: its commands, each with what it prints."""
    name = re.search(r"^policy: (\S+)", policy, re.M).group(1)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / (name + ".yaml")).write_text(policy)
        for command in [line for line in session.splitlines() if line.startswith("$ isola ")]:
            words = shlex.split(command[len("$ isola "):])
            done = subprocess.run([isola, *words], cwd=folder, capture_output=True, text=True, check=False)
            lines += [command, *(done.stdout + done.stderr).splitlines()]
    return "\n".join(lines) + "\n"


def keys_of(schema):
    """Every property name of a JSON schema that the schema itself names."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    names = set(schema.get("properties", {}))
    return names.union(*(keys_of(value) for value in schema.values()))


def main(isola, names):
    isola = str(pathlib.Path(isola).resolve())
    ran, failures = 0, []
    for name in names:
        path = pathlib.Path(name)
        policy = ""
        for line, words, text in blocks(path):
            if words == ["yaml", "policy"]:
                policy = text
            if words == ["console"]:
                ran += 1
                found = replayed(isola, text, policy)
                if found != text:
                    failures.append("%s:%d: the session goes differently:\n%s" % (name, line, found))
            if words[:1] != ["yaml"] or words[1:2] == [] or words[1] not in KINDS:
                continue
            ran += 1
            expected = sorted(words[2:])
            codes, said = error_codes(isola, whole(words[1], text))
            if codes != expected:
                failures.append("%s:%d: expected %s, got %s\n%s" % (name, line, expected or "no error", codes or "none", said))

    reference = pathlib.Path("grammar/README.md").read_text()
    schema = json.loads(pathlib.Path("grammar/policy.schema.json").read_text())
    for key in sorted(keys_of(schema)):
        if not re.search(r"\b%s\b" % re.escape(key), reference):
            failures.append("grammar/README.md: the key `%s` of the schema is not explained" % key)
    sets = pathlib.Path("compiler/kernel/syscall_sets.def").read_text()
    for row in re.findall(r'ISOLA_SYSCALL_SET\("(@[a-z-]+)",\s*"([^"]*)"', sets):
        if "| `%s` | %s |" % row not in reference:
            failures.append("grammar/README.md: the set %s is missing from the table, or stands there otherwise" % row[0])
    for code in sorted(set(re.findall(r"\b[EW][0-9]{3}\b", reference))):
        if subprocess.run([isola, "explain", code], capture_output=True, check=False).returncode != 0:
            failures.append("grammar/README.md: the code %s does not exist" % code)

    print("\n".join(failures))
    print("%d examples run, %d failures" % (ran, len(failures)))
    return 1 if failures or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
