#!/usr/bin/env python3
"""Runs `isola` on every golden folder and compares what comes out, byte by byte, with what is kept there.

    golden.py --isola BINARY             compare; each difference is printed, the exit status says whether there was one
    golden.py --isola BINARY --refresh   write what comes out into the folders; people then read the diff

Four kinds of folder, and one table:

    tests/golden/diagnostics/CODE-what-is-shown/   policy.yaml, its first lines say what the reader should learn;
                                                   expected.txt is what goes to stderr and the line `exit N`;
                                                   arguments.txt, if there, is the command line instead of `check`
    backends/*/tests/CASE/, examples/*/            policy.yaml and the artifacts in expected/
    tests/golden/formats/                          one policy's findings as JSON and as SARIF
    tests/golden/command-line/                     session.txt: commands, what each prints, its exit status
    backends/README.md                             `isola targets --table` between the markers

Every code of the catalogue has a folder, or a reason below.
"""

import argparse
import difflib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"

# Codes that no folder can show, and where they are tested instead.
EXEMPT = {
    "E104": "a file over 4 MiB is not kept in a repository: grammar/yaml_reader_test.cpp",
    "E602": "needs a directory that cannot be written: compiler/driver/output_test.cpp",
}

# What surrounds the enforcement table in backends/README.md.
TABLE_BEGIN = b"<!-- enforcement table -->\n"
TABLE_END = b"<!-- end of the enforcement table -->\n"

# The surroundings that a run may see: nothing of the machine's, and one fixed day.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1795435200"}
SECONDS_PER_RUN = 20


class Runner:
    def __init__(self, isola, is_refreshing):
        self.isola = str(pathlib.Path(isola).resolve())
        self.is_refreshing = is_refreshing
        self.differences = 0
        self.compared = 0

    def run(self, arguments, folder):
        return subprocess.run([self.isola, *arguments], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=SECONDS_PER_RUN, check=False)

    def complain(self, text):
        self.differences += 1
        print(text)

    def compare(self, path, found):
        """Holds bytes against a file, or writes them there."""
        self.compared += 1
        kept = path.read_bytes() if path.exists() else None
        if kept == found:
            return
        if self.is_refreshing:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found)
            print(f"refreshed {path.relative_to(ROOT)}")
            return
        name = str(path.relative_to(ROOT))
        lines = [text.decode("utf-8", "backslashreplace").splitlines(keepends=True) for text in (kept or b"", found)]
        self.complain("".join(difflib.unified_diff(*lines, name, name + " (now)")) or f"{name}: differs")

    # -- findings --------------------------------------------------------------------------------------------------

    def check_diagnostics(self):
        codes = {line.split()[0] for line in self.run(["explain"], ROOT).stdout.decode().splitlines()}
        folders = sorted(path for path in (GOLDEN / "diagnostics").iterdir() if path.is_dir())
        shown = set()
        for folder in folders:
            code = folder.name.split("-")[0]
            shown.add(code)
            if code not in codes:
                self.complain(f"{folder.relative_to(ROOT)}: there is no code {code}")
                continue
            self.check_finding(folder, code)
        for code in sorted(codes - shown - set(EXEMPT)):
            self.complain(f"{code}: no folder in tests/golden/diagnostics shows it")
        for code in sorted(set(EXEMPT) & shown | set(EXEMPT) - codes):
            self.complain(f"{code}: its exemption in {pathlib.Path(__file__).name} is not needed")

    def check_finding(self, folder, code):
        command = folder / "arguments.txt"
        arguments = shlex.split(command.read_text()) if command.exists() else ["check"]
        if arguments[0] != "explain" and "policy.yaml" not in arguments:
            arguments.append("policy.yaml")
        with tempfile.TemporaryDirectory() as directory:
            if arguments[0] == "compile":
                arguments += ["-o", directory]
            result = self.run(arguments, folder)
            if result.returncode != 0 and os.listdir(directory):
                self.complain(f"{folder.relative_to(ROOT)}: artifacts were written after an error")
        if f"[{code}]".encode() not in result.stderr:
            self.complain(f"{folder.relative_to(ROOT)}: {code} is not among the findings")
        self.compare(folder / "expected.txt", result.stderr + f"exit {result.returncode}\n".encode())
        policy = folder / "policy.yaml"
        if policy.exists() and not policy.read_bytes().removeprefix(b"\xef\xbb\xbf").startswith(b"#"):
            self.complain(f"{policy.relative_to(ROOT)}: opens without a comment on what there is to learn")

    # -- artifacts -------------------------------------------------------------------------------------------------

    def check_artifacts(self):
        cases = [(path, ["--target", path.parents[2].name]) for path in ROOT.glob("backends/*/tests/*/policy.yaml")]
        cases += [(path, []) for path in ROOT.glob("examples/*/policy.yaml")]
        for policy, arguments in sorted(cases):
            self.check_artifact_set(policy, arguments)

    def check_artifact_set(self, policy, arguments):
        expected = policy.parent / "expected"
        more = policy.parent / "arguments.txt"
        arguments = arguments + (shlex.split(more.read_text()) if more.exists() else [])
        with tempfile.TemporaryDirectory() as directory:
            result = self.run(["compile", "policy.yaml", "-o", directory, *arguments], policy.parent)
            if result.returncode != 0:
                self.complain(f"{policy.relative_to(ROOT)}: does not compile\n{result.stderr.decode()}")
                return
            written = {path.name: path.read_bytes() for path in pathlib.Path(directory).glob("*/[!.]*")}
        for name, content in sorted(written.items()):
            self.compare(expected / name, content)
        for path in sorted(expected.iterdir()) if expected.exists() else []:
            if path.name in written:
                continue
            if self.is_refreshing:
                path.unlink()
                print(f"removed {path.relative_to(ROOT)}")
            else:
                self.complain(f"{path.relative_to(ROOT)}: is not written any more")

    # -- formats ---------------------------------------------------------------------------------------------------

    def check_formats(self):
        schema = json.loads((ROOT / "tests" / "support" / "sarif-2.1.0-subset.schema.json").read_text())
        for name in ("json", "sarif"):
            found = self.run(["check", "--format", name, "policy.yaml"], GOLDEN / "formats").stderr
            self.compare(GOLDEN / "formats" / f"expected.{name}", found)
        for folder in sorted((GOLDEN / "diagnostics").iterdir()):
            if (folder / "policy.yaml").exists():
                self.validate_sarif(folder, schema)

    def validate_sarif(self, folder, schema):
        import jsonschema  # here, because refreshing works without it
        log = json.loads(self.run(["check", "--format", "sarif", "policy.yaml"], folder).stderr)
        self.compared += 1
        for error in jsonschema.Draft7Validator(schema).iter_errors(log):
            place = "/".join(str(step) for step in error.absolute_path)
            self.complain(f"{folder.relative_to(ROOT)}: SARIF at {place}: {error.message}")
        rules = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
        for result in log["runs"][0]["results"]:
            if result["ruleId"] not in rules:
                self.complain(f"{folder.relative_to(ROOT)}: SARIF: rule {result['ruleId']} is not described")

    # -- the command line ------------------------------------------------------------------------------------------

    def check_command_line(self):
        session = GOLDEN / "command-line" / "session.txt"
        commands = [line for line in session.read_text().splitlines() if line.startswith("$ isola")]
        if not commands:
            self.complain(f"{session.relative_to(ROOT)}: no commands")
        found = b""
        for command in commands:
            result = self.run(shlex.split(command)[2:], session.parent)
            found += f"{command}\n".encode() + result.stdout + result.stderr + f"exit {result.returncode}\n\n".encode()
        self.compare(session, found)

    # -- the enforcement table -------------------------------------------------------------------------------------

    def check_table(self):
        readme = ROOT / "backends" / "README.md"
        before, begin, rest = readme.read_bytes().partition(TABLE_BEGIN)
        _, end, after = rest.partition(TABLE_END)
        if not begin or not end:
            self.complain(f"{readme.relative_to(ROOT)}: the markers of the enforcement table are missing")
            return
        table = self.run(["targets", "--table"], ROOT).stdout
        if b"|---|" not in table:
            self.complain("`isola targets --table` prints no table")
            return
        self.compare(readme, before + begin + table + end + after)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--isola", required=True)
    parser.add_argument("--refresh", action="store_true")
    options = parser.parse_args()
    runner = Runner(options.isola, options.refresh)
    runner.check_diagnostics()
    runner.check_artifacts()
    runner.check_formats()
    runner.check_command_line()
    runner.check_table()
    print(f"{runner.compared} compared, {runner.differences} differences")
    return 1 if runner.differences else 0


if __name__ == "__main__":
    sys.exit(main())
