# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GraphQL over HTTP with the standard library. The key goes into one header and nowhere else."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .errors import ApiError, KeyRejected, RequestRefused, Unreachable

MIN_KEY = 40
MAX_ANSWER = 16 * 1024 * 1024
CONNECT_TIMEOUT = 4.0  # a machine that is there answers at once, however busy its server is
_TRANSIENT = (429, 500, 502, 503, 504)


def check_base_url(url: str) -> str:
    """Return the server's address without a slash at its end.

    Raises:
        ApiError: it is no plain http or https address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(f"base_url {url!r} is not an address such as https://api.wandb.ai")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ApiError("base_url must not hold a user, a query or a fragment; the key has its own option")
    if not url.isprintable() or set(url) & set(" \"'\\"):
        raise ApiError("base_url has blanks or quotes in it")
    return url.rstrip("/")


def check_key(key: str) -> str:
    """Return the key when the agent would take it; its text never shows up.

    Raises:
        ApiError: it is empty, too short, or holds blanks.
    """
    if not key:
        raise ApiError("no API key; set WANDB_API_KEY where Ansible runs, or api_key from the vault")
    if len(key) < MIN_KEY:
        raise ApiError(f"the API key has less than {MIN_KEY} characters; the agent exits on such a key")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ApiError("the API key has blanks or characters that no key has; was it copied whole?")
    return key


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another address."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Patient(http.client.HTTPConnection):
    """Connects within seconds, then waits longer for the answer."""

    def connect(self) -> None:
        answer, self.timeout = self.timeout, min(self.timeout or CONNECT_TIMEOUT, CONNECT_TIMEOUT)
        super().connect()
        self.sock.settimeout(answer)


class _PatientTls(http.client.HTTPSConnection):
    """The same with TLS, whose handshake counts as connecting."""

    def connect(self) -> None:
        answer, self.timeout = self.timeout, min(self.timeout or CONNECT_TIMEOUT, CONNECT_TIMEOUT)
        super().connect()
        self.sock.settimeout(answer)


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Patient, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._tls = context

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_PatientTls, req, context=self._tls)


class Client:
    """One server, one key; each request has a deadline, and reads are tried again when the server is busy."""

    def __init__(
        self, base_url: str, key: str, ca_path: str | None = None, timeout: float = 10, tries: int = 3
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._key = check_key(key)
        self._timeout = timeout
        self._tries = tries
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), _Http()]
        if ca_path or self.base_url.startswith("https:"):  # reading all certificates of the machine takes a while
            handlers.append(_Https(_context(ca_path)))
        self._opener = urllib.request.build_opener(*handlers)

    def read(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a query; a busy server is asked again."""
        return self._execute(query, variables, self._tries)

    def write(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a mutation, once: whether a lost answer means that it was done is not known."""
        return self._execute(query, variables, 1)

    def _execute(self, query: str, variables: Mapping[str, Any], tries: int) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        for left in range(tries - 1, -1, -1):
            status, answer, wait = self._post(body)
            if status not in _TRANSIENT or left == 0:
                break
            time.sleep(wait)
        return self._data(status, answer)

    def _post(self, body: bytes) -> tuple[int, bytes, float]:
        token = base64.b64encode(f"api:{self._key}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(f"{self.base_url}/graphql", data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return response.status, response.read(MAX_ANSWER), 0.0
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(MAX_ANSWER), _retry_after(error.headers.get("Retry-After"))
        except (urllib.error.URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(f"{self.base_url} can't be reached: {self._clean(str(reason))}") from error

    def _data(self, status: int, answer: bytes) -> dict[str, Any]:
        if status in (401, 403):
            raise KeyRejected(
                f"{self.base_url} rejects the API key (HTTP {status}): set api_key to a valid one of this server"
            )
        if 300 <= status < 400:
            raise Unreachable(f"{self.base_url} redirects (HTTP {status}); set base_url to the address that it means")
        try:
            document = json.loads(answer)
        except ValueError as error:
            shown = self._clean(answer[:120].decode("utf-8", "replace"))
            raise RequestRefused(f"{self.base_url} answered HTTP {status} without JSON: {shown!r}") from error
        errors = document.get("errors") if isinstance(document, dict) else None
        if errors or status >= 400 or not isinstance(document, dict):
            raise RequestRefused(self._clean(_messages(errors) or f"{self.base_url} answered HTTP {status}"))
        return document.get("data") or {}

    def _clean(self, text: str) -> str:
        return "".join(c if c.isprintable() else " " for c in text.replace(self._key, "***"))[:500]


def _context(ca_path: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as error:
        raise ApiError(f"ca_path {ca_path} can't be read as certificates: {error}") from error


def _retry_after(value: str | None) -> float:
    return min(float(value), 5.0) if value and value.isdigit() else 1.0


def _messages(errors: Any) -> str:
    entries = errors if isinstance(errors, list) else [errors]
    return "; ".join(str(entry.get("message") if isinstance(entry, dict) else entry) for entry in entries if entry)
