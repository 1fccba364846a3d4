#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""drive.py FILE STEP ACTION -- COMMAND...: starts a worker as berthd does,
with a SOCK_SEQPACKET socket as descriptor 3, grants what it asks for, and acts
once when STEP begins (with `+` behind it: at its first progress record), DELAY
milliseconds later (environment, 0), or when the file GATE is there. ACTION is none, cancel, stop or kill (-9,
the worker's process alone).
FILE is active/N.steps. Exits as the worker does, 137 after a kill; prints what
the worker asked for, a line each, and whether the action was taken."""
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

steps, step, action = sys.argv[1:4]
command = sys.argv[5:]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def in_child():
    os.dup2(theirs.fileno(), 3)


worker = subprocess.Popen(command, preexec_fn=in_child, pass_fds=(3,))
theirs.close()
kinds = ("progress",) if step.endswith("+") else ("start",)
step = step.rstrip("+")
acted = False
end = time.monotonic() + 120


def begun():
    try:
        with open(steps, encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return False
                record = json.loads(line)
                if record.get("step") == step and record["event"] in kinds:
                    return True
    except FileNotFoundError:
        pass
    return False


gate = os.environ.get("GATE", "")
while worker.poll() is None and time.monotonic() < end:
    if not acted and begun() and (not gate or os.path.exists(gate)):
        acted = True
        time.sleep(float(os.environ.get("DELAY", "0")) / 1000)
        if action == "kill":
            os.kill(worker.pid, signal.SIGKILL)
        elif action != "none":
            ours.send(json.dumps({action: True}).encode())
    ready, _, _ = select.select([ours], [], [], 0.002)
    if not ready:
        continue
    try:
        packet = ours.recv(65536)
    except ConnectionResetError:
        break
    if not packet:
        break
    message = json.loads(packet)
    if "ask" in message:
        print("ask", message["ask"], flush=True)
        answer = {"answer": message["ask"], "go": True}
        try:
            ours.send(json.dumps(answer).encode())
        except BrokenPipeError:
            break
    elif "give" in message:
        print("give", message["give"], flush=True)
code = worker.wait(timeout=max(1, end - time.monotonic()))
print("acted" if acted else "not acted")
sys.exit(code if code >= 0 else 128 - code)
