# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves the lab's files, also of a gigabyte: `python3 -m tests.lab.static_server HOST PORT FOLDER`."""

from __future__ import annotations

import functools
import os
import sys
from http.server import SimpleHTTPRequestHandler
from io import BufferedReader
from typing import Any

from .server import Server

BLOCK = 1 << 20


class Handler(SimpleHTTPRequestHandler):
    """Files and listings of one folder; the kernel copies the content."""

    protocol_version = "HTTP/1.1"  # apt and pip keep their connection
    server_version = "lab"

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """sendfile for real files; a listing is only in memory."""
        if not isinstance(source, BufferedReader):
            super().copyfile(source, outputfile)
            return
        outputfile.flush()
        offset = 0
        while sent := os.sendfile(self.connection.fileno(), source.fileno(), offset, BLOCK):
            offset += sent

    def log_message(self, format: str, *args: Any) -> None:
        """One line per request; the log is cut off with the run folder."""
        print(f"{self.address_string()} {format % args}", flush=True)

    def address_string(self) -> str:
        """Without looking a name up."""
        return str(self.client_address[0])


def make_server(host: str, port: int, folder: str) -> Server:
    """A server that is bound, but does not serve yet."""
    return Server((host, port), functools.partial(Handler, directory=folder))


def main(arguments: list[str]) -> int:
    """Serves until it is ended."""
    host, port, folder = arguments
    make_server(host, int(port), folder).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
