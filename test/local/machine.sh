#!/bin/sh
# Process 1 of a machine for one test: its own network, mounts, processes and control groups, so that what runs in it
# cannot meet the platform of the real one. $1: a directory on a disk for its /run and its own /var, kept over its
# reboots.
set -e
mount -t proc proc /proc
grep -E ' cgroup2? ' /proc/mounts >"$1/hierarchies"
while read -r _ place type options _; do
    umount "$place"
    if [ "$type" = cgroup2 ]; then
        mount -t cgroup2 cgroup2 "$place"
        continue
    fi
    controllers=$(echo "$options" | tr , '\n' | grep -vE '^(r[ow]|no.*|relatime|xattr|release_agent=.*)$' | paste -sd ,)
    mount -t cgroup -o "$(echo "$controllers" | sed 's/^name=/none,&/')" cgroup "$place"
done <"$1/hierarchies"
rm "$1/hierarchies"
mount --bind "$1/run" /run
# A directory removed here would take the mounts of the real machine's node with it.
mount -t overlay -o "lowerdir=/var,upperdir=$1/var,workdir=$1/work" overlay /var
ip link set lo up
exec sleep infinity
