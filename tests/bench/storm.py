#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""storm.py CLIENTS CONNINFO: that many clients, each a process, that connect,
ask one thing, keep the connection for up to 20 ms, and come back at once when
they are cut off or refused. Ends with TERM; prints how many connections were
made and how many were refused."""
import multiprocessing
import os
import random
import signal
import sys
import time

import psycopg2

conninfo = sys.argv[2]
going = True


def stop(*_):
    global going
    going = False


def client(made, refused):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while os.getppid() != 1:
        try:
            connection = psycopg2.connect(conninfo)
            with made.get_lock():
                made.value += 1
            connection.cursor().execute("SELECT 1")
            time.sleep(random.random() / 50)
            connection.close()
        except psycopg2.Error:
            with refused.get_lock():
                refused.value += 1


signal.signal(signal.SIGTERM, stop)
counts = [multiprocessing.Value("L", 0), multiprocessing.Value("L", 0)]
clients = [multiprocessing.Process(target=client, args=counts, daemon=True)
           for _ in range(int(sys.argv[1]))]
for process in clients:
    process.start()
while going:
    time.sleep(0.1)
for process in clients:
    process.terminate()
print("connections made", counts[0].value, "refused", counts[1].value)
