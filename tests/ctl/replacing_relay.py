#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# replacing_relay.py PORT-FILE TO-PORT FILE: passes one connection after another
# on to a port of this machine. At the first it replaces FILE by a copy first, as
# `berthctl enroll` does. Writes its own port to PORT-FILE; ends after a minute.
import os
import shutil
import signal
import socket
import sys
import threading

port_file, to_port, replaced = sys.argv[1], int(sys.argv[2]), sys.argv[3]
signal.alarm(60)


def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


listener = socket.create_server(("127.0.0.1", 0))
with open(port_file + "~", "w") as out:
    out.write(str(listener.getsockname()[1]))
os.rename(port_file + "~", port_file)
first = True
while True:
    here, _ = listener.accept()
    if first:
        shutil.copy2(replaced, replaced + "~")
        os.rename(replaced + "~", replaced)
        first = False
    there = socket.create_connection(("127.0.0.1", to_port))
    for pair in ((here, there), (there, here)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
