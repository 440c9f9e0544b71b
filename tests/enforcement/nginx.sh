#!/usr/bin/env bash
# nginx under examples/nginx/policy.yaml: serves, reloads, stops; a probe in its place meets every line of the filter.

set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/container.sh"

get() {
  printf 'GET %s HTTP/1.0\r\n\r\n' "$1" | talk nginx 8080 | sed -n '1s/\r$//p'
}

open_work
example=nginx
lsm=$(host_lsm)
say_layers
compile_example nginx
make_image nginx nginx /usr/sbin/nginx /etc/nginx/mime.types /etc/nginx/fastcgi_params
make_bundle nginx nginx nginx
fill_volume nginx site "$work/packages/nginx/usr/share/nginx/html"

start nginx
wait_for_port nginx 8080
check "a page is served" "HTTP/1.1 200 OK" "$(get /)"
check "what is not there is not found" "HTTP/1.1 404 Not Found" "$(get /nothing)"
signal nginx HUP
check "it serves on after a reload" "HTTP/1.1 200 OK" "$(get /)"
check "requests are logged" "yes" "$(grep -q 'GET /nothing' "$work/volumes/nginx-logs/access.log" && echo yes)"
check_confinement nginx 100101

make_bundle twin nginx nginx /usr/sbin/nginx
start twin
check_request twin /usr/sbin/nginx 'unshare(CLONE_NEWUSER)'
check_request twin /usr/sbin/nginx 'socket(AF_ALG, SOCK_SEQPACKET, 0)'
check_request twin /usr/sbin/nginx 'socket(AF_INET, SOCK_STREAM, 0)'
check_request twin /usr/sbin/nginx 'clone3(0, 0)'
check_request twin /usr/sbin/nginx 'write /usr/share/nginx/html/index.html'
check_request twin /usr/sbin/nginx 'create /usr/share/nginx/html/new.html'
check_request twin /usr/sbin/nginx 'read /etc/nginx/nginx.conf'
check_request twin /usr/sbin/nginx 'bind tcp 8080'
check_answer "a port that needs a capability" -13 twin /usr/sbin/nginx 'bind tcp 80'
check_foreign_call twin /usr/sbin/nginx
check_matrix twin /usr/sbin/nginx

stop nginx QUIT
check "it stops when asked to" "gone" "$([ -d "/proc/$(cat "$work/nginx.pid")" ] || echo gone)"
finish_checks
