#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# guest-make.sh NAME: makes the root folder of one guest, or brings berth-guest
# and guest.conf in it up to date. Only guests.sh calls it, inside the lab.
. "${0%/*}/common.sh"
name=$1
root=$LAB_DIR/guests/$name

bind() { # SOURCE FOLDER: read only, so that no rm can reach the machine
  mountpoint -q "$root/$2" && return
  install -d "$root/$2"
  mount --bind "$1" "$root/$2"
  mount -o remount,bind,ro "$root/$2"
}

folders() {
  local link
  install -d -m 0755 "$root/etc/apache2/sites-available" \
    "$root/etc/shop" "$root/etc/sudoers.d" "$root/home" \
    "$root/local/bin" "$root/local/sbin" "$root/root" "$root/run/apache2" \
    "$root/run/lock/apache2" "$root/run/sshd" "$root/run/sudo" \
    "$root/srv/shop" "$root/srv/shopgit" "$root/var/cache/apache2" \
    "$root/var/lib/sudo" "$root/var/log/apache2"
  install -d -m 1777 "$root/tmp" "$root/var/tmp"
  ln -sfn /run "$root/var/run"
  ln -sfn /run/lock "$root/var/lock"
  for link in /bin /sbin /lib /lib32 /lib64 /libx32; do
    if [ -L "$link" ]; then ln -sfn "$(readlink "$link")" "$root$link"; fi
  done
}

mounts() {
  bind /usr usr
  mountpoint -q "$root/usr/local" ||
    mount --bind "$root/local" "$root/usr/local"
  bind /dev dev
  if ! mountpoint -q "$root/dev/shm"; then
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    install -d "$root/proc"
    mount -t proc proc "$root/proc"
  fi
}

# user NAME UID HOME SHELL
user() {
  sed -i "/^$1:/d" "$root/etc/passwd" "$root/etc/group" "$root/etc/shadow"
  printf '%s:x:%s:%s::%s:%s\n' "$1" "$2" "$2" "$3" "$4" >>"$root/etc/passwd"
  printf '%s:x:%s:\n' "$1" "$2" >>"$root/etc/group"
  printf '%s:*:19000:0:99999:7:::\n' "$1" >>"$root/etc/shadow"
}

users() {
  local file
  for file in passwd group shadow; do
    cp -p "$LAB_DIR/machine/etc/$file" "$root/etc/$file"
    sed -i '/^\(qa-\|repository:\)/d' "$root/etc/$file"
  done
  user berth "$lab_uid_guest_berth" /home/berth /bin/sh
  user shop "$lab_uid_guest_shop" /srv/shop /bin/sh
  user www-data "$lab_uid_guest_web" /var/www /usr/sbin/nologin
  # Another application's, for who may read what.
  user blog "$lab_uid_guest_blog" /srv/blog /bin/sh
}

system() {
  local item
  for item in alternatives bash.bashrc host.conf hosts ld.so.cache \
    ld.so.conf ld.so.conf.d localtime login.defs mime.types nsswitch.conf \
    pam.conf pam.d profile security ssl/certs/ca-certificates.crt timezone; do
    if [ -e "/etc/$item" ]; then
      install -d "$root/etc/$(dirname "$item")"
      cp -R -P "/etc/$item" "$root/etc/$item"
    fi
  done
  cat >"$root/etc/sudoers" <<'EOS'
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
root ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
EOS
  chmod 0440 "$root/etc/sudoers"
  install -D -m 0600 "$LAB_DIR/admin/id_ed25519.pub" \
    "$root/root/.ssh/authorized_keys"
  cat >"$root/etc/ssh/sshd_config" <<EOS
Port $(lab_get "SSH_PORT_$name")
ListenAddress 127.0.0.1
HostKey /etc/ssh/ssh_host_ed25519_key
AllowUsers berth root
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
MaxStartups 50
MaxSessions 50
EOS
}

apache() {
  local module
  cp /etc/apache2/envvars /etc/apache2/magic "$root/etc/apache2/"
  {
    for module in mpm_event authz_core authz_host dir mime alias env \
      setenvif deflate headers rewrite wsgi; do
      printf 'LoadModule %s_module %s\n' "$module" \
        "/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<EOS
Listen 127.0.0.1:$(lab_get "HTTP_PORT_$name")
ServerName $name.lab
PidFile \${APACHE_PID_FILE}
User \${APACHE_RUN_USER}
Group \${APACHE_RUN_GROUP}
ErrorLog \${APACHE_LOG_DIR}/error.log
LogFormat "%h %t \"%r\" %>s %O %D" common
CustomLog \${APACHE_LOG_DIR}/access.log common
TypesConfig /etc/mime.types
Timeout 60
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
MinSpareThreads 1
MaxSpareThreads 8
<Directory />
  AllowOverride None
  Require all denied
</Directory>
# What Berth builds comes here; until then a guest answers 404.
IncludeOptional /etc/apache2/sites-available/*.conf
EOS
  } >"$root/etc/apache2/apache2.conf"
  : >"$root/etc/apache2/ports.conf"
}

# As `berthctl enroll` does it, but for the way there: a guest can be enrolled
# before its sshd runs.
enroll() {
  local said=$LAB_DIR/tmp/enrolled-$name
  BERTH_CONFIG=$LAB_DIR/etc/berth/berth.conf \
    "$top/build/bin/berthctl" enroll "$name" --from 127.0.0.1 --payload - |
    chroot "$root" /bin/sh -c "umask 077 && rm -rf /run/berth-enroll &&
      mkdir /run/berth-enroll && tar -C /run/berth-enroll -xf - &&
      exec /run/berth-enroll/berth-enroll" >"$said" 2>&1 ||
    die "berth-enroll in $name: $(cat "$said")"
}

if [ ! -f "$root/etc/apache2/apache2.conf" ]; then
  folders
  users
  system
  apache
fi
mounts
enroll
