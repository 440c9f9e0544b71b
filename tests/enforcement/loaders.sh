#!/usr/bin/env bash
# What runc and crun install, read back from the kernel: for random linux.seccomp objects it is what the loader model says,
# and for every shipped policy it is the policy's own filter.
#
#   loaders.sh [COUNT [SEED]]      COUNT random objects, 40 when it is not said

set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/container.sh"

# Compiles every policy that is shipped and stands by itself into $work/out/NAME, one folder each.
compile_shipped() {
  local policy
  for policy in "$tree"/examples/*/policy.yaml "$tree"/tests/stdlib/policies/*.yaml; do
    "$build/bin/isola" compile "$policy" -o "$work/out" --arch "$machine" --engine runc --host-lsm none \
      >"$work/compiled" 2>&1 || { cat "$work/compiled" >&2; stop_with "$policy does not compile"; }
  done
}

# A runtime that is killed leaves the control groups of its container.
remove_control_groups() {
  find /sys/fs/cgroup -depth -type d -name "loaded-[0-9]*-[0-9]*" -exec rmdir {} + 2>/dev/null || true
}

open_work
trap 'remove_control_groups; close_work' EXIT
# crun 1.8 does not start where version 2 of cgroups is mounted beside version 1. The mount namespace is private_root's.
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
command -v crun >/dev/null || stop_with "crun is not installed (apt-get install crun)"
runc --version | head -n 1
crun --version | head -n 1
compile_shipped
cd "$work"
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
"$build/bin/loaded_filters" random "$seed" "${1:-40}" "$build/bin/probe"
"$build/bin/loaded_filters" artifacts "$build/bin/probe" "$work"/out/*
