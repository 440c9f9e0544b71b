#!/usr/bin/env python3
"""Holds grammar/policy.schema.json against the policy reader.

Both must take every shipped policy, and agree on each mapping of a policy about a key that nobody knows. The test
walks two files that use every key, puts an unknown key into each mapping in turn, and asks both.

usage: schema_test.py POLICY_AS_JSON SCHEMA SOURCE_ROOT
"""

import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

tool, schema_path, root = sys.argv[1:4]
with open(schema_path, encoding="utf-8") as schema_file:
    schema = json.load(schema_file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failures = []


def run(argument):
    return json.loads(subprocess.run([tool, argument], check=True, stdout=subprocess.PIPE).stdout)


def read_back(document):
    """What the reader says of a document, given to it as JSON, which is YAML too."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as text:
        json.dump(document, text)
        text.flush()
        return [each["message"] for each in run(text.name)["diagnostics"]]


def paths_of_mappings(node, path=()):
    """The paths of all mappings in a document, as tuples of keys and indices."""
    if isinstance(node, dict):
        yield path
        for key, value in node.items():
            yield from paths_of_mappings(value, path + (key,))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from paths_of_mappings(value, path + (index,))


def used_properties(node):
    """Every key of every mapping in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from used_properties(value)
    elif isinstance(node, list):
        for value in node:
            yield from used_properties(value)


def check_shipped():
    shipped = sorted(glob.glob(os.path.join(root, "examples/*/policy.yaml"))
                     + glob.glob(os.path.join(root, "stdlib-policies/**/*.yaml"), recursive=True))
    for path in shipped:
        found = run(path)
        for problem in validator.iter_errors(found["document"]):
            failures.append(f"{path}: the schema refuses {list(problem.absolute_path)}: {problem.message[:200]}")
        for problem in found["diagnostics"]:
            if problem["severity"] == "error":
                failures.append(f"{path}: the reader refuses it: {problem['message']}")
    return len(shipped)


def check_unknown_keys(documents):
    refused_in = set()
    for document in documents:
        if read_back(document) or not validator.is_valid(document):
            failures.append(f"not valid to begin with: {read_back(document)}")
        for path in paths_of_mappings(document):
            changed = copy.deepcopy(document)
            place = changed
            for step in path:
                place = place[step]
            if "namespaces" in path:
                place.clear()  # only one key may stand there
            place["unheardOf"] = "x"
            messages = read_back(changed)
            if bool(messages) == validator.is_valid(changed):
                failures.append(f"an unknown key at {path}: the reader says {messages}, the schema the opposite")
            refused_in |= {message for message in messages if message.startswith("unknown key")}
    for called in run("--mappings"):
        if f"unknown key `unheardOf` in {called}" not in refused_in:
            failures.append(f"no unknown key was tried in {called}")


def check_cut_extends():
    """Without quotes, `std/x(port: 80)` is a mapping to an editor."""
    for extends, is_fine in [({"std/x(port": "80)"}, True), ({"std/x(port": "80)", "a(b": "c)"}, False),
                             ({"std/x": "80"}, False)]:
        if validator.is_valid({"policy": "p", "extends": [extends]}) != is_fine:
            failures.append(f"extends {extends}: the schema should say {is_fine}")


def check_coverage(documents):
    used = {key for document in documents for key in used_properties(document)}
    known = {key for part in schema["$defs"].values() for key in part.get("properties", {})}
    for key in sorted(known - used):
        failures.append(f"the key `{key}` stands in neither every-key file")


here = os.path.dirname(os.path.abspath(__file__))
everything = [run(os.path.join(here, name))["document"] for name in ("every-key.policy.yaml", "every-key.bundle.yaml")]
count = check_shipped()
check_unknown_keys(everything)
check_coverage(everything)
check_cut_extends()
for failure in failures:
    print(failure)
print(f"{count} shipped files, {len(failures)} failures")
sys.exit(1 if failures else 0)
