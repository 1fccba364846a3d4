# SPDX-License-Identifier: GPL-2.0-or-later
"""ports.py N FILE: writes N free loopback ports to FILE, one a line, and stays.

The port before them is listened on for as long as this process lives, by every
lab alike: no other lab chooses these, though their daemons come much later.
Below the ephemeral range, so that nobody's outgoing connection takes one.
"""
import os
import random
import socket
import sys

count, path = int(sys.argv[1]), sys.argv[2]
block = count + 1
with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
    end = max(int(f.read().split()[0]), 12000)


def listens(port):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", port))
        s.listen()
    except OSError:
        s.close()
        return None
    return s


for first in random.sample(range(10000, end - block, block),
                           (end - block - 10000) // block):
    mark = listens(first)
    if not mark:
        continue
    held = [listens(port) for port in range(first + 1, first + block)]
    if all(held):
        break
    for s in filter(None, held + [mark]):
        s.close()
else:
    sys.exit("ports: no block of %d free ports" % block)
for s in held:
    s.close()
with open(path + ".new", "w") as f:
    f.writelines("%d\n" % port for port in range(first + 1, first + block))
os.rename(path + ".new", path)
mark.set_inheritable(True)
os.execvp("sleep", ["sleep", "infinity"])
