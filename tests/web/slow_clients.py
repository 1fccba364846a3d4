# SPDX-License-Identifier: GPL-2.0-or-later
# slow_clients.py PORT KIND COUNT: so many clients with a login that keep the
# console's web side waiting, for a minute or until TERM. KIND is
#
#   body     a body of 1,000 bytes, one a second
#   chunked  the same without a length
#   reply    twenty requests for a large reply at once, and nothing is read
#
# Each connects again as soon as it is cut off; with -again a client of `reply`
# leaves after half a second. -once: nobody connects again.
import base64
import signal
import socket
import sys
import threading
import time

port, kind, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
kind, _, how = kind.partition("-")
end = time.monotonic() + 60
login = base64.b64encode(b"alice:alice").decode()
signal.signal(signal.SIGTERM, signal.SIG_DFL)


def head(method, path, more=""):
    return (f"{method} /berth/api{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Basic {login}\r\n{more}\r\n").encode()


def connected():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(20)
    s.connect(("127.0.0.1", port))
    return s


def send_slowly(s):
    chunked = kind == "chunked"
    s.sendall(head("POST", "/servers/qa2/builds",
                   "Content-Type: application/json\r\n" +
                   ("Transfer-Encoding: chunked\r\n" if chunked
                    else "Content-Length: 1000\r\n")))
    s.settimeout(1)
    while time.monotonic() < end:
        s.sendall(b"1\r\n{\r\n" if chunked else b"{")
        try:
            if not s.recv(4096):
                return
        except TimeoutError:
            pass


def read_nothing(s):
    try:
        s.sendall(head("GET", "/hosts") * 20)
    except TimeoutError:
        pass
    left = time.monotonic() + (0.5 if how == "again" else 60)
    while time.monotonic() < min(left, end):
        time.sleep(0.1)
        # Cut off: the kernel has an error for who looks.
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return


def client():
    while time.monotonic() < end:
        try:
            with connected() as s:
                (read_nothing if kind == "reply" else send_slowly)(s)
        except OSError:
            time.sleep(0.05)
        if how == "once":
            return


for _ in range(count):
    threading.Thread(target=client, daemon=True).start()
while time.monotonic() < end:
    time.sleep(1)
