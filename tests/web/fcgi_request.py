#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fcgi_request.py SOCKET NAME=VALUE ...: one FastCGI request without a body,
as any process that may connect to the socket can send it. Prints what the
program writes to its standard output.
"""
import socket
import struct
import sys

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def pair(name, value):
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31) + \
        name + value


path, *variables = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(20)
connection.connect(path)
parameters = b"".join(pair(*v.encode().split(b"=", 1)) for v in variables)
connection.sendall(record(BEGIN, struct.pack(">HB5x", 1, 0)) +
                   record(PARAMS, parameters) + record(PARAMS, b"") +
                   record(STDIN, b""))
stream = connection.makefile("rb")
while True:
    head = stream.read(8)
    if len(head) < 8:
        break
    kind, length, padding = struct.unpack(">xBxxHBx", head)
    content = stream.read(length)
    stream.read(padding)
    if kind == STDOUT:
        sys.stdout.buffer.write(content)
    if kind == END:
        break
