#!/bin/sh
# Makes the root file system behind every base image: Debian trixie, minimal, with all updates.
# Usage: rootfs.sh ARCHIVE CERTIFICATES
#   ARCHIVE       tar file to write
#   CERTIFICATES  PEM bundle of the machine; what Debian does not know of it is added
# Runs as root in a mount namespace of its own, so that an interrupted run leaves no mount behind.
set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin

archive=$1
certificates=$2
root=$archive.root
rm -rf "$root"
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM

debootstrap --variant=minbase --include=ca-certificates trixie "$root"

# debootstrap has only the release itself; updates and fixes come from beside its mirror.
mirror=$(sed -n 's/^deb \([^ ]*\) trixie .*/\1/p' "$root/etc/apt/sources.list" | head -n 1)
cat >"$root/etc/apt/sources.list" <<EOF
deb $mirror trixie main
deb $mirror trixie-updates main
deb $mirror-security trixie-security main
EOF

# As in the images of Docker Hub: no service starts, no package file is kept, no documentation.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
cat >"$root/etc/apt/apt.conf.d/docker" <<'EOF'
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Retries "3";
Apt::AutoRemove::SuggestsImportant "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
EOF
cat >"$root/etc/dpkg/dpkg.cfg.d/docker" <<'EOF'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
EOF

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
chroot "$root" apt-get -q update
chroot "$root" apt-get -qy -o Dpkg::Use-Pty=0 dist-upgrade

# The machine may sit behind a proxy with a certificate authority of its own.
mkdir -p "$root/usr/local/share/ca-certificates"
awk -v root="$root" '
    FNR == NR { if (/BEGIN CERT/) { key = "" } key = key $0; if (/END CERT/) known[key] = 1; next }
    /BEGIN CERT/ { text = ""; key = ""; inside = 1 }
    inside { text = text $0 "\n"; key = key $0 }
    /END CERT/ {
        inside = 0
        if (!(key in known)) {
            known[key] = 1
            printf "%s", text > (root "/usr/local/share/ca-certificates/machine-" ++count ".crt")
        }
    }
' "$root/etc/ssl/certs/ca-certificates.crt" "$certificates"
chroot "$root" update-ca-certificates

chroot "$root" apt-get clean
rm -rf "$root/var/lib/apt/lists" "$root/var/cache/debconf" "$root/var/log" "$root/tmp" \
    "$root/usr/share/man" "$root/usr/share/locale" "$root/etc/resolv.conf" "$root/etc/hostname"
find "$root/usr/share/doc" -depth ! -type d ! -name copyright -delete
find "$root/usr/share/doc" -depth -type d -empty -delete
mkdir -p "$root/var/lib/apt/lists/partial" "$root/var/cache/debconf" "$root/var/log"
mkdir -m 1777 "$root/tmp"
# Packages such as a Java runtime fail to install when their manual pages have nowhere to be linked.
mkdir -p "$root/usr/share/man/man1" "$root/usr/share/man/man8"

tar --numeric-owner --one-file-system --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
    -C "$root" -cf "$archive" .
