#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# image.sh: prints the path of the guest image, a qcow2 below build/guest-image,
# making it first if its recipe is new (two minutes; 3 GB of disk meanwhile).
#
# The image is Debian 12 with a cloud kernel, from the mirrors that apt has here
# and nowhere else, and is what a site's own image of a test server would be:
# it boots from its disk, takes name, network and keys from a NoCloud seed, and
# has no password and no host key. Its name is a hash of everything it is made
# from. A half-made one is never seen; ones that no lab has used for a week go.
. "$(dirname "$0")/../lab/common.sh"
recipe=$top/tests/lab-qemu/image
cache=$top/build/guest-image
need_root
need_programs mmdebstrap mke2fs sfdisk qemu-img sha256sum

name=$(cat "$0" "$recipe"/* | sha256sum | cut -c1-16)
image=$cache/$name.qcow2

# Debian's own, however they are written down in apt's configuration.
mirrors() {
  # shellcheck disable=SC2016
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | grep ' bookworm' | sort -u
}

# Everything but the boot sectors is written by mke2fs, so nothing is mounted
# and no loop device is needed.
disk() { # TREE RAW
  truncate -s 4G "$2"
  printf '2048,,L,*\n' | sfdisk -q "$2"
  mke2fs -q -t ext4 -L guest -d "$1" -E offset=1048576,lazy_itable_init=1 \
    -O ^metadata_csum_seed,^orphan_file "$2" "$((4 * 1024 - 1))M" 2>&1 ||
    return
  # 440 bytes: the partition table of this sector stays.
  dd if="$1/usr/lib/grub/i386-pc/boot.img" of="$2" bs=440 count=1 \
    conv=notrunc status=none
  dd if="$1/boot/grub-core.img" of="$2" bs=512 seek=1 conv=notrunc status=none
}

make_image() {
  local packages work
  work=$(mktemp -d "$cache/.making.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf --one-file-system '$work'" EXIT
  packages=$(sed '/^#/d' "$recipe/packages.txt" | paste -sd,)
  mirrors >"$work/sources.list"
  [ -s "$work/sources.list" ] ||
    die "apt knows no mirror of Debian 12 here; run apt-get update"
  # Its mounts are in a namespace, which ends with it however it ends. What a
  # crash leaves half made is thrown away, so nothing waits for the disk.
  unshare --mount mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
    --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --aptopt='Acquire::Languages "none"' \
    --customize-hook="$recipe/customize.sh" \
    bookworm "$work/tree" "$work/sources.list" >"$work/log" 2>&1 ||
    die "mmdebstrap failed: $(tail -n 20 "$work/log")"
  disk "$work/tree" "$work/raw" ||
    die "the disk could not be made from $work/tree"
  qemu-img convert -O qcow2 "$work/raw" "$work/image.qcow2"
  chmod 0644 "$work/image.qcow2"
  mv "$work/image.qcow2" "$image"
}

if [ ! -f "$image" ]; then
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock 9
  if [ ! -f "$image" ]; then
    say "making the guest image (once; about two minutes)"
    (make_image)
  fi
  exec 9>&-
fi
touch "$image"
find "$cache" -maxdepth 1 -name '*.qcow2' -mtime +7 -delete
printf '%s\n' "$image"
