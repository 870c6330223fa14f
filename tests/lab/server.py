# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server under the file server and the W&B stand-in."""

from __future__ import annotations

import socketserver
import ssl
import sys
from http.server import ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """One thread per connection: apt, pip, agents, pods and modules keep theirs open."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Without the standard library's look-up of the own name, which waits where no resolver answers."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle, or does not trust this server, is nothing to report."""
        error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
        if not isinstance(error, (BrokenPipeError, ConnectionResetError, ssl.SSLError)):
            super().handle_error(request, client_address)
