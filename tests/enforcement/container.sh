# Containers for the enforcement suite: images from Debian packages, bundles from `isola compile`, runc. To be sourced.
#
# Everything lives in one directory that goes away at the end, and runs under private_root, so nothing else of the
# machine changes: no package is installed for an image, no service is started, no mount is left.
# A function that cannot do its work says why on standard error and ends the run.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
tree=$(readlink -f "$here/../..")
build=${ISOLA_BUILD:-$tree/build/release}
machine=$(uname -m)

stop_with() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# ---- the working directory

# Sets `work`: a directory that the container's user may pass through.
open_work() {
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/isola.XXXXXX")
  chmod 755 "$work"
  containers=()
  profiles=()
  trap close_work EXIT
  command -v runc >/dev/null || stop_with "runc is not installed (apt-get install runc)"
}

close_work() {
  local name
  for name in "${containers[@]}"; do
    runc --root "$work/runc" delete --force "$name" >/dev/null 2>&1 || true
  done
  for name in "${profiles[@]}"; do
    apparmor_parser -R "$name" >/dev/null 2>&1 || true
  done
  rm -rf --one-file-system "$work"
}

# ---- images

# Downloads PACKAGE and all it depends on, and unpacks it in $work/packages/PACKAGE.
unpack_package() {
  local package=$1 cache=$work/archives tree=$work/packages/$1 directory archive
  mkdir -p "$cache/partial" "$tree"
  : >"$work/nothing-installed"
  local -a options=(-q -y -o "Dir::State::status=$work/nothing-installed" -o Debug::NoLocking=1
    -o "Dir::Cache::archives=$cache" -o APT::Sandbox::User=root --no-install-recommends --download-only)
  if ! apt-get "${options[@]}" install "$package" >"$work/apt.log" 2>&1; then
    apt-get -q update >>"$work/apt.log" 2>&1
    apt-get "${options[@]}" install "$package" >>"$work/apt.log" 2>&1 ||
      { cat "$work/apt.log" >&2; stop_with "cannot download the package $package"; }
  fi
  for directory in bin sbin lib lib64; do
    mkdir -p "$tree/usr/$directory"
    ln -s "usr/$directory" "$tree/$directory"
  done
  for archive in "$cache"/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink -C "$tree"
  done
  rm -rf "$cache"
}

# Copies a file of an unpacked package into a root file system, with every link on the way to it.
copy_file() {
  local from=$1 to=$2 path=$3 target
  while :; do
    case $path in /bin/* | /sbin/* | /lib/* | /lib64/*) path=/usr$path ;; esac
    [ -e "$from$path" ] || [ -L "$from$path" ] || stop_with "no $path in the package"
    mkdir -p "$to$(dirname "$path")"
    cp -a "$from$path" "$to$path"
    [ -L "$from$path" ] || return 0
    target=$(readlink "$from$path")
    case $target in
      /*) path=$target ;;
      *) path=$(realpath -sm "$(dirname "$path")/$target") ;;
    esac
  done
}

# make_image NAME PACKAGE PROGRAM [FILE...]: $work/images/NAME holds the program, its libraries and the files, and over
# them examples/NAME/root.
make_image() {
  local name=$1 package=$2 program=$3 from=$work/packages/$2 to=$work/images/$1 library directory file
  shift 3
  unpack_package "$package"
  for directory in bin sbin lib lib64; do
    mkdir -p "$to/usr/$directory"
    ln -s "usr/$directory" "$to/$directory"
  done
  copy_file "$from" "$to" "$program"
  local loader
  loader=$(cd "$from" && find lib64/ lib/ -maxdepth 1 -name 'ld-linux-*.so.?' -print -quit)
  [ -n "$loader" ] || stop_with "no dynamic loader among the packages of $package"
  chroot "$from" "/$loader" --list "$program" >"$work/libraries" || stop_with "$program lacks a library"
  while read -r library; do
    copy_file "$from" "$to" "$library"
  done < <(grep -o '/[^ ]*' "$work/libraries")
  for file in "$@"; do
    copy_file "$from" "$to" "$file"
  done
  if [ -d "$tree/examples/$name/root" ]; then
    cp -a "$tree/examples/$name/root/." "$to/"
    chown -R 0:0 "$to"
  fi
  chmod -R go+rX "$to"
}

# ---- bundles

# The security module to attach the container to: AppArmor where we may load profiles, otherwise none.
host_lsm() {
  if [ -w /sys/kernel/security/apparmor/.load ] && command -v apparmor_parser >/dev/null; then
    echo apparmor
  else
    echo none
  fi
}

# compile_example NAME: artifacts of examples/NAME for this machine in $work/out/NAME.
compile_example() {
  "$build/bin/isola" compile "$tree/examples/$1/policy.yaml" -o "$work/out" --arch "$machine" --engine runc \
    --host-lsm "$lsm" >"$work/compiled" ||
    stop_with "the policy of $1 does not compile"
  if [ "$lsm" = apparmor ]; then
    apparmor_parser -r -K "$work/out/$1/$1.apparmor" || stop_with "AppArmor does not take the profile of $1"
    profiles+=("$work/out/$1/$1.apparmor")
  fi
}

# make_bundle BUNDLE IMAGE POLICY [PROGRAM]: a bundle of an image and the emitted config.json. With PROGRAM, that path
# holds the probe instead of the real program.
make_bundle() {
  local bundle=$work/bundles/$1 image=$work/images/$2 config=$work/out/$3/config.json destination source owner
  mkdir -p "$bundle"
  cp "$config" "$bundle/config.json"
  cp -a "$image" "$bundle/rootfs"
  if [ $# -gt 3 ]; then
    cp "$build/bin/probe" "$bundle/rootfs$4"
  fi
  while read -r destination; do
    mkdir -p "$bundle/rootfs$destination"
  done < <(sed -n 's/^ *"destination": "\(.*\)",$/\1/p' "$config")
  # The volumes of all bundles are one place, so a stand-in for a server sees the server's.
  ln -s ../../volumes "$bundle/volumes"
  owner=$(owner_of_user "$config")
  while read -r source; do
    mkdir -p "$work/$source"
    chown "$owner" "$work/$source"
  done < <(sed -n 's/^ *"source": "\(volumes\/.*\)",$/\1/p' "$config")
}

# fill_volume POLICY VOLUME DIRECTORY: copies a directory into a volume. All is the workload's own, so that what keeps it
# from writing there is the mount and not the mode.
fill_volume() {
  cp -a "$3/." "$work/volumes/$2/"
  chown -R "$(owner_of_user "$work/out/$1/config.json")" "$work/volumes/$2"
}

# make_unfiltered_bundle BUNDLE FROM: the same container without its filter.
make_unfiltered_bundle() {
  local bundle=$work/bundles/$1
  cp -a "$work/bundles/$2" "$bundle"
  python3 - "$bundle/config.json" <<'PYTHON'
import json, sys
with open(sys.argv[1]) as file:
    configuration = json.load(file)
del configuration["linux"]["seccomp"]
with open(sys.argv[1], "w") as file:
    json.dump(configuration, file)
PYTHON
}

# The host's numbers for the user of a config.json: UID:GID.
owner_of_user() {
  local uid gid base
  uid=$(sed -n 's/^ *"uid": \([0-9]*\),$/\1/p' "$1" | head -n 1)
  gid=$(sed -n 's/^ *"gid": \([0-9]*\),$/\1/p' "$1" | head -n 1)
  base=$(sed -n 's/^ *"hostID": \([0-9]*\),$/\1/p' "$1" | head -n 1)
  echo "$((uid + ${base:-0})):$((gid + ${base:-0}))"
}

# ---- running

# start BUNDLE: a container of the same name; its output goes to $work/BUNDLE.log.
start() {
  containers+=("$1")
  runc --root "$work/runc" --log "$work/$1.runc" run --detach --bundle "$work/bundles/$1" --pid-file "$work/$1.pid" "$1" \
    </dev/null >"$work/$1.log" 2>&1 || { cat "$work/$1.log" "$work/$1.runc" >&2; stop_with "runc cannot start $1"; }
}

# talk BUNDLE PORT: sends standard input to a TCP port on the container's own loopback, prints the answer.
talk() {
  timeout 10 nsenter --net="/proc/$(cat "$work/$1.pid")/ns/net" bash -c \
    'exec 3<>"/dev/tcp/127.0.0.1/$1" && cat >&3 && cat <&3' talk "$2" 2>/dev/null
}

# Waits until the port takes a connection, at most ten seconds.
wait_for_port() {
  local attempt pid
  pid=$(cat "$work/$1.pid")
  for attempt in $(seq 100); do
    if nsenter --net="/proc/$pid/ns/net" bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"' knock "$2" 2>/dev/null; then return 0; fi
    [ -d "/proc/$pid" ] || break
    sleep 0.1
  done
  cat "$work/$1.log" >&2
  stop_with "$1 does not listen on port $2"
}

# ask_probe BUNDLE PROGRAM STEP...: what the kernel answers to the probe inside of the container.
# Always through a pipe: AppArmor takes away a standard output that is a file outside of the container.
ask_probe() {
  local bundle=$1 program=$2
  shift 2
  runc --root "$work/runc" exec "$bundle" "$program" "$@" </dev/null | cat
}

# steps REQUEST: the probe's steps for it, a line each.
steps() {
  "$build/bin/probe_plan" "$tree/examples/${example:-nginx}/policy.yaml" "$1" | cut -f 2 | sed 's/ ; /\n/g'
}

# The name of an answer of the probe: `-13` is EACCES.
errno_name() {
  case $1 in
    -1) echo EPERM ;;
    -13) echo EACCES ;;
    -30) echo EROFS ;;
    -38) echo ENOSYS ;;
    -*) echo "errno ${1#-}" ;;
    *) echo "yes ($1)" ;;
  esac
}

# ---- what is there

say_layers() {
  local apparmor="no AppArmor on this kernel: its profile is compiled and not loaded"
  if [ "$lsm" = apparmor ]; then apparmor="AppArmor"; fi
  printf 'kernel %s, %s, seccomp, user namespaces, %s\n' "$(uname -r)" "$(runc --version | head -n 1)" "$apparmor"
}

# What the kernel itself says of a container's first process.
show_status() {
  sed -n -e 's/^\(CapBnd\|NoNewPrivs\|Seccomp\|Uid\):[[:space:]]*/   \1 /p' "/proc/$(cat "$work/$1.pid")/status" | tr '\t' ' '
}

. "$here/checks.sh"
