#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fcgi.py SOCKET USER COUNT PROGRAM: what spawn-fcgi and multiwatch do.

COUNT processes of PROGRAM, as USER, that share a listening Unix socket as
their descriptor 0. One that ends is started again. The program's descriptors 1
and 2 go where this script's go. TERM ends them all.
"""
import os
import pwd
import signal
import socket
import sys
import time

path, user, count, program = sys.argv[1:]
account = pwd.getpwnam(user)
# It gets its name when it listens: who waits for that is not refused.
new = path + ".new"
if os.path.exists(new):
    os.unlink(new)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(new)
os.chown(new, account.pw_uid, account.pw_gid)
os.chmod(new, 0o600)
listener.listen(128)
os.rename(new, path)
os.setgroups([])
os.setgid(account.pw_gid)
os.setuid(account.pw_uid)

children = set()


def spawn():
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(listener.fileno(), 0)
        os.execv(program, [program])
    children.add(pid)


def stop(*_):
    for pid in children:
        os.kill(pid, signal.SIGTERM)
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
for _ in range(int(count)):
    spawn()
while True:
    pid, _ = os.wait()
    children.discard(pid)
    time.sleep(0.1)  # not a busy loop when it cannot run at all
    spawn()
