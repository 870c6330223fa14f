# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks an NFS server for nothing (the null procedure), which tells whether one is there at all."""

from __future__ import annotations

import re
import socket
import struct
import time

from .root import Root

PORT = 2049
ANSWERS = "answers"
_LISTEN = "0A"
_XID = 0x6D6C6E66
_PROGRAM = 100003
# Call, RPC version 2, the program, its version, procedure 0; no credentials, no verifier.
_CALL = struct.pack(">10I", _XID, 0, 2, _PROGRAM, 4, 0, 0, 0, 0, 0)
_LAST = 0x80000000


def listening(root: Root, port: int = PORT) -> bool:
    """Return whether anything listens on a TCP port of this machine."""
    texts = [root.read(f"/proc/net/{name}") or "" for name in ("tcp", "tcp6")]
    row = re.compile(rf"\s*\d+: [0-9A-F]+:{port:04X} [0-9A-F]+:[0-9A-F]+ {_LISTEN} ")
    return any(row.match(line) for text in texts for line in text.splitlines())


def null_call(address: str, seconds: float, port: int = PORT) -> str:
    """Return answers, or in words why a server does not."""
    end = time.monotonic() + seconds
    try:
        with socket.create_connection((address, port), seconds) as connection:
            connection.sendall(struct.pack(">I", _LAST | len(_CALL)) + _CALL)
            return _judged(_received(connection, 16, end))
    except socket.timeout:
        return f"no answer within {seconds:g} s"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _received(connection: socket.socket, size: int, end: float) -> bytes:
    data = b""
    while len(data) < size:
        connection.settimeout(max(0.001, end - time.monotonic()))
        part = connection.recv(size - len(data))
        if not part:
            break
        data += part
    return data


def _judged(data: bytes) -> str:
    """Any reply to the call will do, also one that says which other versions the server has."""
    if len(data) < 16:
        return "closed without an answer"
    dummy, xid, kind, denied = struct.unpack(">4I", data[:16])
    if (xid, kind) != (_XID, 1):
        return "something that is no NFS server"
    return ANSWERS if denied == 0 else "the call was denied"
