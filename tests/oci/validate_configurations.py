#!/usr/bin/env python3
"""Holds emitted config.json files against the schema of the OCI runtime specification.

    validate_configurations.py --isola BINARY

Compiles every example and every policy of backends/oci/tests to a temporary directory and validates each config.json,
then breaks one on purpose and expects the schema to say so.

The schema is Debian's package golang-github-opencontainers-specs-dev (1.0.2 and what followed up to 2022). Two things that
later versions of the specification added are unknown to it and are not used by these policies: time namespaces and
SCMP_ARCH_LOONGARCH64.
"""

import argparse
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # RefResolver is what jsonschema 4.10 of Debian 12 has
from jsonschema import Draft4Validator, RefResolver  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = pathlib.Path("/usr/share/gocode/src/github.com/opencontainers/runtime-spec/schema/config-schema.json")


def validator():
    schema = json.loads(SCHEMA.read_text())
    return Draft4Validator(schema, resolver=RefResolver(SCHEMA.as_uri(), schema))


def compile_policy(isola, policy, directory):
    """The config.json of a policy; `require` is about all targets together, so all are compiled."""
    subprocess.run([isola, "compile", policy, "-o", directory, "--host-lsm", "apparmor"], check=True,
                   stdout=subprocess.DEVNULL)
    return sorted(pathlib.Path(directory).glob("*/config.json"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--isola", required=True)
    isola = arguments.parse_args().isola
    policies = sorted(ROOT.glob("examples/*/policy.yaml")) + sorted(ROOT.glob("backends/oci/tests/*/policy.yaml"))
    schema = validator()
    failures = 0
    configuration = None
    for policy in policies:
        with tempfile.TemporaryDirectory() as directory:
            for file in compile_policy(isola, policy, directory):
                configuration = json.loads(file.read_text())
                for error in schema.iter_errors(configuration):
                    failures += 1
                    print(f"{policy.relative_to(ROOT)}: {'/'.join(map(str, error.path))}: {error.message[:200]}")
    broken = copy.deepcopy(configuration)
    broken["linux"]["seccomp"]["defaultAction"] = "SCMP_ACT_MAYBE"
    if schema.is_valid(broken):
        failures += 1
        print("the schema accepts an action that does not exist: it was not applied")
    print(f"{len(policies)} policies, {failures} violations")
    return 1 if failures or not policies else 0


if __name__ == "__main__":
    sys.exit(main())
