#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# customize.sh ROOT: mmdebstrap calls it when the packages are in. What is done
# here is what the image of a test server would have: no password anywhere, no
# host key, no identity; the rest comes from the seed at its first boot.
set -eu
root=$1

# A kernel that finds its disk on virtio, and nothing else, quickly. (Debian's
# cloud kernel has no AHCI: a seed on a SATA cdrom is not seen.)
cat >"$root/etc/initramfs-tools/conf.d/guest" <<'EOT'
MODULES=list
COMPRESS=lz4
FSTYPE=ext4
EOT
printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod ext4 crc32c_generic >>\
  "$root/etc/initramfs-tools/modules"
chroot "$root" update-initramfs -u -k all >/dev/null

# GRUB's own configuration is in its core image: no menu, the newest kernel.
words="root=LABEL=guest ro console=tty0 console=ttyS0 quiet loglevel=3"
words="$words mitigations=off audit=0 net.ifnames=0 random.trust_cpu=on"
# Where each process has the same addresses, the emulation can use again what it
# translated for the last one: a small command takes half as long.
words="$words norandmaps"
words="$words systemd.show_status=false"
cat >"$root/boot/grub-guest.cfg" <<EOT
set root=(hd0,msdos1)
linux /vmlinuz $words
initrd /initrd.img
boot
EOT
chroot "$root" grub-mkimage -O i386-pc -o /boot/grub-core.img -p /boot/grub \
  -c /boot/grub-guest.cfg biosdisk part_msdos ext2 linux boot

printf 'LABEL=guest / ext4 errors=remount-ro,noatime 0 1\n' >"$root/etc/fstab"
printf 'localhost\n' >"$root/etc/hostname"
cat >"$root/etc/hosts" <<'EOT'
127.0.0.1 localhost
::1 localhost ip6-localhost
EOT
: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
chroot "$root" passwd -q -l root
chroot "$root" systemctl -q enable systemd-networkd systemd-resolved

# One key, because making one costs seconds under emulation, and the key exchange
# that costs an emulated processor least; no forward or reverse look-up before a
# login.
cat >"$root/etc/ssh/sshd_config.d/guest.conf" <<'EOT'
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
UseDNS no
KexAlgorithms curve25519-sha256
EOT

cat >"$root/etc/cloud/cloud.cfg.d/90_guest.cfg" <<'EOT'
# A seed tells names, keys and the network; there is no cloud to ask.
datasource_list: [NoCloud, None]
ssh_genkeytypes: [ed25519]
ssh_deletekeys: true
disable_root: false
ssh_pwauth: false
cloud_init_modules:
  [write-files, set_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-user]
EOT
# The same words in the file that ships would be merged in front of ours.
sed -i '/^cloud_\(init\|config\|final\)_modules:/,/^$/d' \
  "$root/etc/cloud/cloud.cfg"

# What a test server does not need at its start.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  e2scrub_all.timer e2scrub_reap.service fstrim.timer man-db.timer \
  apache-htcacheclean.service systemd-pcrphase.service \
  cloud-init-hotplugd.socket puppet.service; do
  chroot "$root" systemctl -q mask "$unit"
done

# The web server has no site but the one that Berth will render; the link leads
# nowhere until then, which Apache passes over. The deploy user runs the site and
# alone reads its settings.
chroot "$root" a2dissite -q 000-default >/dev/null
ln -s ../sites-available/shop.conf "$root/etc/apache2/sites-enabled/shop.conf"
chroot "$root" useradd --system --user-group --home-dir /srv/shop \
  --no-create-home --shell /bin/sh shop

rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* \
  "$root"/var/log/apt/* "$root"/usr/share/doc/* "$root"/usr/share/man/*
