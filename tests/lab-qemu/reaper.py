# SPDX-License-Identifier: GPL-2.0-or-later
"""reaper.py COMMAND...: runs it, and waits for every process that it leaves.

libvirtd has QEMU and dnsmasq turn into daemons, and to end one it waits until
its pid is gone. Their parent would be process 1, and in a container that may be
anything: where it waits for nobody, every end of a guest takes libvirt half a
minute. USR1 runs the command once more.
"""
import ctypes
import os
import signal
import sys

PR_SET_CHILD_SUBREAPER = 36


def run(*_):
    if os.fork() == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execvp(sys.argv[1], sys.argv[1:])


ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
signals = {signal.SIGCHLD, signal.SIGUSR1}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
run()
while True:
    if signal.sigwait(signals) == signal.SIGUSR1:
        run()
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
