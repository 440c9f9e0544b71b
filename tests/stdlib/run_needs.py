#!/usr/bin/env python3
"""Holds each bundle against the kernel: run_needs.py ISOLA PROGRAMS

PROGRAMS is a folder with the programs of needs/, each as NAME.FLAVOUR: glibc or musl, dynamic or static. Each runs under the
seccomp filter of a policy that extends the bundles of its need and nothing else, and must succeed; without the last
of them it must fail, or the bundle would not be needed.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

BASE = {
    "glibc-static": ["std/glibc"],
    "glibc-dynamic": ["std/glibc", "std/dynamic-linking"],
    "musl-static": ["std/musl"],
    "musl-dynamic": ["std/musl", "std/dynamic-linking"],
}

POLICY = """policy: need
schema: 1
extends:
{extends}
process:
  path: /bin/need
  user: 1000:1000
syscalls:
  architectures: [{architecture}]
  known: linux 6.12
"""

SECONDS = 20


def echo(kind):
    """A server on loopback that answers one question with itself; its port."""
    server = socket.socket(socket.AF_INET, kind)
    server.settimeout(SECONDS)
    server.bind(("127.0.0.1", 0))

    def answer_stream():
        try:
            client, _ = server.accept()
            client.sendall(client.recv(16))
        except OSError:
            pass  # the program under test failed before it asked, and says so itself

    def answer_datagram():
        try:
            text, sender = server.recvfrom(16)
            server.sendto(text, sender)
        except OSError:
            pass

    if kind == socket.SOCK_STREAM:
        server.listen()
    threading.Thread(target=answer_stream if kind == socket.SOCK_STREAM else answer_datagram, daemon=True).start()
    return str(server.getsockname()[1])


def ask(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(SECONDS)
        client.connect(address)
        client.sendall(b"ping")
        return client.recv(16) == b"ping"


# need: the program, its bundle (none: the base alone), its arguments, and who speaks to it once it has printed a line.
def needs(folder):
    return [
        ("process", None, [], None),
        ("threads", "std/threads", [], None),
        ("workers", "std/worker-processes", [], None),
        ("event_loop", "std/event-loop", [], None),
        ("temporary_files", f"std/temporary-files(directory: {folder})", [folder], None),
        ("log_files", f"std/log-files(directory: {folder})", [folder], None),
        ("local_time", "std/timezone", [], None),
        ("locale", "std/locale", [], None),
        ("tcp_server", "std/net/tcp-server(port: 8080)", [], lambda line: ask(socket.AF_INET, ("127.0.0.1", int(line)))),
        ("client", "std/net/tcp-client(server: 127.0.0.1)", ["tcp", echo(socket.SOCK_STREAM)], None),
        ("client", "std/net/udp-client(server: 127.0.0.1)", ["udp", echo(socket.SOCK_DGRAM)], None),
        ("resolver", "std/net/dns-resolver(server: 127.0.0.53:53)", [], None),
        ("unix_server", f"std/net/unix-server(path: {folder}/socket)", [f"{folder}/socket"],
         lambda line: ask(socket.AF_UNIX, f"{folder}/socket")),
        ("trust_store", "std/tls/trust-store", ["/etc/hosts"], None),
    ]


# Needs of one C library only, and bundles that a dynamic program has without asking: opening and reading files.
def is_told_apart(name, flavour):
    reads_files_anyway = {"local_time", "trust_store", "locale"}
    return not (name in reads_files_anyway and flavour != "glibc-static") and name != "process"


class Runner:
    def __init__(self, isola, programs, folder):
        self.isola, self.programs, self.folder = isola, pathlib.Path(programs), folder
        self.filters = {}

    def filter_for(self, bundles):
        key = tuple(bundles)
        if key not in self.filters:
            place = pathlib.Path(self.folder) / f"policy{len(self.filters)}"
            place.mkdir()
            machine = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}[pathlib.os.uname().machine]
            (place / "policy.yaml").write_text(
                POLICY.format(extends="".join(f"  - {bundle}\n" for bundle in bundles), architecture=machine))
            subprocess.run([self.isola, "compile", "policy.yaml", "-o", "out", "--target", "seccomp"], cwd=place, check=True,
                           capture_output=True, timeout=SECONDS)
            self.filters[key] = str(place / "out" / "need" / "seccomp.bpf")
        return self.filters[key]

    def run(self, program, bundles, arguments, partner):
        """Whether the program ends with 0, and what it said."""
        command = [str(self.programs / "under_filter"), self.filter_for(bundles), str(program), *arguments]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        is_answered = True
        try:
            if partner:
                line = child.stdout.readline()
                is_answered = bool(line) and partner(line)
            out, err = child.communicate(timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired) as problem:
            child.kill()
            return False, str(problem)
        return child.returncode == 0 and is_answered, f"status {child.returncode} {out}{err}".strip()


def main(isola, programs):
    ran, failures = 0, []
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(isola, programs, folder)
        for flavour, base in BASE.items():
            for name, bundle, arguments, partner in needs(folder):
                program = pathlib.Path(programs) / f"{name}.{flavour}"
                if not program.exists():
                    continue
                ran += 1
                succeeded, said = runner.run(program, base + ([bundle] if bundle else []), arguments, partner)
                if not succeeded:
                    failures.append(f"{program.name} under {bundle or base[-1]}: {said}")
                if is_told_apart(name, flavour):
                    succeeded, _ = runner.run(program, base, arguments, partner)
                    if succeeded:
                        failures.append(f"{program.name} does not need {bundle}")
    print("\n".join(failures))
    print(f"{ran} programs run, {len(failures)} failures")
    return 1 if failures or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]))
