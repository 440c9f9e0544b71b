#!/usr/bin/env bash
# The story of one policy: Debian's nginx runs under what examples/nginx/policy.yaml compiles to, serves a page, and is
# refused three things. Run by `./dev demo`, under private_root.

set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/container.sh"

policy=examples/nginx/policy.yaml
cd "$tree"

# show_lines FIRST [LAST]: the policy from the line that matches FIRST to the next that matches LAST, as one line.
show_lines() {
  awk -v first="$1" -v last="${2:-$1}" -v name="$policy" '
    !from && $0 ~ first { from = NR }
    from { sub(/^ +/, ""); text = text " " $0 }
    from && $0 ~ last { found = 1; exit }
    END { if (found) print name ":" from ":" text; exit !found }' "$policy" ||
    stop_with "$policy has no lines from $1 to ${2:-$1}"
}

# show_refusal WHAT REQUEST ERRNO FIRST LAST STEP...: lets a probe in nginx's place try it, and names the line that refuses.
show_refusal() {
  local what=$1 request=$2 errno=$3 first=$4 last=$5 answer
  shift 5
  answer=$(ask_probe twin /usr/sbin/nginx "$@") || stop_with "the probe did not come back from $request"
  printf '\n  %s: %s\n' "$what" "$request"
  printf '    the kernel answers   %s\n' "$(errno_name "$answer")"
  printf '    the policy says      %s\n' "$("$build/bin/isola" decide "$policy" "$request" --arch "$machine")"
  printf '    because of           %s\n' "$(show_lines "$first" "$last")"
  [ "$answer" = "-$errno" ] || stop_with "$request: expected errno $errno, the kernel answered $answer"
}

open_work
lsm=$(host_lsm)
say_layers
printf '\n1. isola compile %s\n' "$policy"
compile_example nginx
(cd "$work/out/nginx" && wc -c -- *) | sed 's/^/   /'

printf '\n2. runc starts nginx of Debian 12 with that config.json\n'
make_image nginx nginx /usr/sbin/nginx /etc/nginx/mime.types /etc/nginx/fastcgi_params
make_bundle nginx nginx nginx
fill_volume nginx site "$work/packages/nginx/usr/share/nginx/html"
start nginx
wait_for_port nginx 8080
show_status nginx

printf '\n3. GET http://127.0.0.1:8080/ in its network namespace\n'
answer=$(printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | talk nginx 8080)
printf '%s\n' "$answer" | sed -n -e 's/\r$//' -e 's/^/   /' -e '1,2p' -e '/<title>/p'
case $answer in "HTTP/1.1 200 OK"*) ;; *) stop_with "nginx did not answer 200 OK" ;; esac

printf '\n4. What an intruder inside would try: a probe in its place, same config.json\n'
make_bundle twin nginx nginx /usr/sbin/nginx
start twin
show_refusal 'a forbidden system call' 'unshare(CLONE_NEWUSER)' 1 '^ *otherwise:' '' "$(steps 'unshare(CLONE_NEWUSER)')"
mapfile -t write_steps < <(steps 'write /usr/share/nginx/html/index.html')
show_refusal 'a write to a read-only mount' 'write /usr/share/nginx/html/index.html' 30 \
  'destination: /usr/share/nginx/html' 'options:' "${write_steps[@]}"
mapfile -t bind_steps < <(steps 'bind tcp 80')
show_refusal 'a missing capability' 'capability CAP_NET_BIND_SERVICE' 13 '^capabilities:' '' "${bind_steps[@]}"

printf '\n   nginx is still there: %s\n' \
  "$(printf 'HEAD / HTTP/1.0\r\n\r\n' | talk nginx 8080 | sed -n '1s/\r$//p')"
