#!/bin/sh
# Makes what a reader of the README has: Debian, minimal, with git and Node 20 with npm, and nothing else.
# Usage: bareRoot.sh ARCHIVE DEBIAN NPM
#   ARCHIVE  tar file to write
#   DEBIAN   tar file of a root file system that debootstrap made (local/mirror/images/debian/rootfs.sh)
#   NPM      npm as its registry packs it: Debian's would bring 300 packages with it
# Runs as root in a mount namespace of its own, so that an interrupted run leaves no mount behind.
set -eu
umask 022

archive=$1
root=$archive.root
rm -rf "$root"
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$root"
tar -C "$root" --numeric-owner -xf "$2"

# Those are for images: a computer keeps its packages, starts services and has manual pages.
rm -f "$root/etc/apt/apt.conf.d/docker" "$root/etc/dpkg/dpkg.cfg.d/docker" "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
chroot "$root" apt-get -q update
chroot "$root" apt-get -qy -o Dpkg::Use-Pty=0 install --no-install-recommends git nodejs
chroot "$root" apt-get clean
rm -rf "$root/var/lib/apt/lists" "$root/etc/resolv.conf"

npm=$root/usr/local/lib/node_modules/npm
mkdir -p "$npm"
tar -C "$npm" --strip-components=1 --no-same-owner -xzf "$3"
for program in npm npx; do
    ln -s "../lib/node_modules/npm/bin/$program-cli.js" "$root/usr/local/bin/$program"
done

tar --numeric-owner --one-file-system -C "$root" -cf "$archive.unfinished" .
mv "$archive.unfinished" "$archive"
