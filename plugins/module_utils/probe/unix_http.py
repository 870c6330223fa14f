# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP over a unix socket, each call with one deadline for all of it."""

from __future__ import annotations

import errno
import http.client
import json
import socket
import time
from typing import Any

ABSENT = "absent"
REFUSED = "refused"
SILENT = "silent"
DENIED = "denied"
BROKEN = "broken"
LIMIT = 8 << 20
_STATES = {
    errno.ENOENT: ABSENT,
    errno.ENOTDIR: ABSENT,
    errno.ECONNREFUSED: REFUSED,
    errno.EACCES: DENIED,
    errno.EPERM: DENIED,
}


class SocketError(Exception):
    """No usable answer; state is one of absent, refused, silent, denied and broken."""

    def __init__(self, state: str, text: str) -> None:
        """Keep the state and the words for it."""
        super().__init__(text)
        self.state = state


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def get(path: str, where: str, seconds: float = 5.0) -> tuple[int, bytes]:
    """Return status and body of one GET.

    Raises:
        SocketError: no answer, with the reason.
    """
    connection = _Connection(path, seconds)
    end = time.monotonic() + seconds
    try:
        connection.request("GET", where)
        answer = connection.getresponse()
        body = b""
        while len(body) <= LIMIT:
            if time.monotonic() > end:
                raise SocketError(SILENT, f"{path}: GET {where} did not end within {seconds:g} s")
            part = answer.read1(1 << 16)
            if not part:
                return answer.status, body
            body += part
        raise SocketError(BROKEN, f"{path}: GET {where} answered more than {LIMIT} bytes")
    except socket.timeout as error:
        raise SocketError(SILENT, f"{path}: no answer to GET {where} within {seconds:g} s") from error
    except OSError as error:
        state = _STATES.get(error.errno or 0, BROKEN)
        raise SocketError(state, f"{path}: {error.strerror or error}") from error
    except http.client.HTTPException as error:
        raise SocketError(BROKEN, f"{path}: GET {where}: {type(error).__name__}") from error
    finally:
        connection.close()


def get_json(path: str, where: str, seconds: float = 5.0) -> tuple[int, Any]:
    """Return status and decoded body of one GET.

    Raises:
        SocketError: no answer, or one that is no JSON.
    """
    status, body = get(path, where, seconds)
    try:
        return status, json.loads(body.decode("utf-8", "replace"))
    except ValueError as error:
        raise SocketError(BROKEN, f"{path}: GET {where} answered {status} and no JSON") from error
