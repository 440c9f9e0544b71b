#!/bin/sh
# Downloads and unpacks the Debian packages that the tables are made of.
#
#   fetch.sh DIR
#
# leaves DIR/linux-libc-dev, DIR/linux-source, DIR/manpages-dev and DIR/versions (package names with versions).
# Needs bookworm-backports; this machine's own mirror is asked for it, through a package list of its own below
# DIR, so that nothing of the system's apt configuration changes.
set -eu
directory=$1
mkdir -p "$directory/apt/lists/partial" "$directory/apt/cache/archives/partial"
cd "$directory"

mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in bookworm bookworm-backports; do
  echo "deb [signed-by=$keyring] ${mirror:?apt knows no mirror of bookworm} $suite main"
done >apt/sources.list

apt_with() {
  command=$1
  shift
  "$command" -o Dir::Etc::sourcelist="$PWD/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache" -o APT::Sandbox::User=root "$@"
}

apt_with apt-get -q update
apt_with apt-get -q download linux-libc-dev linux-source-6.12 manpages-dev

: >versions
for package in linux-libc-dev linux-source-6.12 manpages-dev; do
  file=$(ls "${package}"_*.deb)
  echo "$package $(dpkg-deb --field "$file" Version)" >>versions
  rm -rf "unpacked-$package"
  dpkg-deb --extract "$file" "unpacked-$package"
done

ln -sfn unpacked-linux-libc-dev linux-libc-dev
ln -sfn unpacked-manpages-dev manpages-dev
rm -rf linux-source
mkdir linux-source
tar --extract --strip-components=1 --directory linux-source \
  --file unpacked-linux-source-6.12/usr/src/linux-source-6.12.tar.xz \
  --exclude='*/Documentation/*' --exclude='*/sound/*' --exclude='*/arch/*/boot/*'
cat versions
