#!/bin/sh
# Process 1 of a machine with a root file system of its own, $1/root: nothing that is installed outside is seen in it.
# Directories below $1/mounts are laid over the root's, each with the one outside that its link 'source' names.
set -e
root=$1/root
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in full kmsg null random tty urandom zero; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

grep -E ' cgroup2? ' /proc/mounts | while read -r _ place type options _; do
    if [ "$type" = cgroup2 ]; then
        [ "$place" = /sys/fs/cgroup ] || continue
        mount -t cgroup2 cgroup2 "$root$place"
        continue
    fi
    mountpoint -q "$root/sys/fs/cgroup" || mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
    mkdir -p "$root$place"
    controllers=$(echo "$options" | tr , '\n' | grep -vE '^(r[ow]|no.*|relatime|xattr|release_agent=.*)$' | paste -sd ,)
    mount -t cgroup -o "$(echo "$controllers" | sed 's/^name=/none,&/')" cgroup "$root$place"
done

for mount in "$1"/mounts/*; do
    [ -d "$mount" ] || continue
    place=$root$(cat "$mount/place")
    mkdir -p "$place"
    if [ -d "$mount/work" ]; then
        mount -t overlay -o "lowerdir=$(cat "$mount/source"),upperdir=$mount/upper,workdir=$mount/work" overlay "$place"
    else
        mount --bind "$(cat "$mount/source")" "$place"
    fi
done
ip link set lo up

mkdir "$root/outside"
cd "$root"
pivot_root . outside
# What is ignored stays so: the kernel then reaps what processes leave to the first one, as an init does.
exec chroot . sh -c 'umount -l /outside && rmdir /outside && exec perl -e "\$SIG{CHLD} = q(IGNORE); exec qw(sleep infinity)"' <dev/null >dev/null 2>&1
