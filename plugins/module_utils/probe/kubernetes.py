# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the Kubernetes API over HTTPS with a client certificate: no kubectl, no retry, one deadline for each answer."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from dataclasses import field
from types import TracebackType
from typing import Any

from ..lean_dataclass import dataclass
from .root import Unreadable

LIMIT = 32 << 20
# Asked for it, the server leaves out everything but names, labels and times: of Secrets nothing else is to be read.
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PIECE = 1 << 16


@dataclass(frozen=True)
class Server:
    """An API server, and the files that prove who it is and who asks.

    Attributes:
        host: its name or address; the certificate must be for it.
        port: its port.
        ca: file of the authority that signed its certificate; empty means those of the system.
        certificate: file of the client's certificate; empty where a token says who asks.
        key: file of the client's key.
        token: the client's token.
    """

    host: str
    port: int
    ca: str
    certificate: str
    key: str = field(repr=False)
    token: str = field(default="", repr=False)

    def __str__(self) -> str:
        """As a kubeconfig names it."""
        return f"https://{self.host}:{self.port}"


class Session:
    """Several questions over one connection; with `with`, because it holds one open."""

    def __init__(self, server: Server, seconds: float = 5.0) -> None:
        """Remember whom to ask; the first question connects.

        Args:
            server: the API server.
            seconds: the longest time for each answer.
        """
        self._server = server
        self._seconds = seconds
        self._connection: http.client.HTTPSConnection | None = None

    def __enter__(self) -> Session:
        """Nothing is done before the first question."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def get(self, path: str, accept: str = "") -> Any:
        """Return the decoded answer to one GET, None where the server has no such object.

        Args:
            path: such as /api/v1/nodes/minikube.
            accept: another form of the answer than all of it.

        Raises:
            Unreadable: no answer in time, or one that is an error or no JSON.
        """
        return self._decoded("GET", path, None, accept)

    def review(self, path: str, question: Any) -> Any:
        """Return the decoded answer to a review, which is posted and leaves nothing behind.

        Args:
            path: such as /apis/authorization.k8s.io/v1/selfsubjectaccessreviews.
            question: the review as data.

        Raises:
            Unreadable: no answer in time, or one that is an error or no JSON.
        """
        return self._decoded("POST", path, json.dumps(question))

    def _decoded(self, method: str, path: str, question: str | None, accept: str = "") -> Any:
        where = f"{self._server}{path}"
        try:
            status, body = self._answer(method, path, question, accept or "application/json")
        except socket.timeout as error:
            raise Unreadable(f"{where}: no answer within {self._seconds:g} s") from error
        except OSError as error:
            raise Unreadable(f"{where}: {error.strerror or error}") from error
        except http.client.HTTPException as error:
            raise Unreadable(f"{where}: {type(error).__name__}") from error
        if status == 404:
            return None
        if status not in (200, 201):
            raise Unreadable(f"{where}: answer {status}")
        try:
            return json.loads(body.decode("utf-8", "replace"))
        except ValueError as error:
            raise Unreadable(f"{where}: no JSON") from error

    def _answer(self, method: str, path: str, question: str | None, accept: str) -> tuple[int, bytes]:
        end = time.monotonic() + self._seconds
        if self._connection is None:
            server, context = self._server, _context(self._server)
            connection = http.client.HTTPSConnection(server.host, server.port, timeout=self._seconds, context=context)
            self._connection = connection
        headers = {"Accept": accept, **({"Content-Type": "application/json"} if question else {})}
        if self._server.token:
            headers["Authorization"] = f"Bearer {self._server.token}"
        self._connection.request(method, path, body=question, headers=headers)
        answer = self._connection.getresponse()
        body = b""
        while len(body) <= LIMIT:
            if time.monotonic() > end:
                raise socket.timeout
            part = answer.read1(_PIECE)
            if not part:
                answer.close()  # read1 does not notice the end, and the next question would be refused
                return answer.status, body
            body += part
        raise Unreadable(f"{self._server}{path}: answered more than {LIMIT} bytes")


def _context(server: Server) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=server.ca or None)
        if server.certificate:
            context.load_cert_chain(server.certificate, server.key)
    except OSError as error:  # its text names no file
        raise Unreadable(f"{server.ca}, {server.certificate} and its key: {error.strerror or error}") from error
    # Python 3.13 asks for a key identifier that the authorities of many clusters lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
