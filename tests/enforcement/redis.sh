#!/usr/bin/env bash
# redis-server under examples/redis/policy.yaml: keeps values, saves them with a forked copy, is refused the rest.

set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/container.sh"

# Sends commands, a line each, and prints the answers on one line.
ask() {
  printf '%s\r\n' "$@" QUIT | talk redis 6379 | tr -d '\r' | tr '\n' ' '
}

open_work
example=redis
lsm=$(host_lsm)
say_layers
compile_example redis
make_image redis redis-server /usr/bin/redis-server
make_bundle redis redis redis

start redis
wait_for_port redis 6379
check "a value is kept" '+OK $5 hello +OK ' "$(ask 'SET greeting hello' 'GET greeting')"
check "a snapshot is started" "+Background saving started +OK " "$(ask BGSAVE)"
check "the forked copy writes it" "yes" "$(wait_for_file "$work/volumes/redis-data/dump.rdb")"
check "the append-only file is written" "yes" "$(wait_for_file "$work"/volumes/redis-data/appendonlydir/*.incr.aof)"
check_confinement redis 300999

make_bundle twin redis redis /usr/bin/redis-server
start twin
check_request twin /usr/bin/redis-server 'socket(AF_PACKET, SOCK_RAW, 0)'
check_request twin /usr/bin/redis-server 'userfaultfd(0)'
check_request twin /usr/bin/redis-server 'prctl(PR_SET_SECCOMP, 0, 0, 0, 0)'
check_request twin /usr/bin/redis-server 'unshare(CLONE_NEWUSER)'
check_request twin /usr/bin/redis-server 'read /etc/redis/redis.conf'
check_request twin /usr/bin/redis-server 'write /var/lib/redis/dump.rdb'
check_request twin /usr/bin/redis-server 'bind tcp 6379'
check_answer "a port that needs a capability" -13 twin /usr/bin/redis-server 'bind tcp 80'
check_foreign_call twin /usr/bin/redis-server
check_matrix twin /usr/bin/redis-server

stop redis TERM
check "it stops when asked to" "gone" "$([ -d "/proc/$(cat "$work/redis.pid")" ] || echo gone)"
finish_checks
