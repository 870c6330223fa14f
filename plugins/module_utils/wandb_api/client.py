# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GraphQL over HTTP with the standard library. The key goes into one header and nowhere else."""

from __future__ import annotations

import base64
import http.client
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from .connection import check_base_url, opener, reason_of
from .errors import ApiError, KeyRejected, NotAllowed, RequestRefused, Unreachable

MIN_KEY = 40
MAX_ANSWER = 16 * 1024 * 1024
MAX_PAUSE = 30.0  # who asks for more than this is told to come back later
_BUSY = (429, 500, 502, 503, 504)


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


class _Reply(NamedTuple):
    status: int
    body: bytes
    wait: float | None


class Client:
    """One server, one key; each request has a deadline, and is sent again only where that does no harm."""

    def __init__(
        self, base_url: str, key: str, ca_path: str | None = None, timeout: float = 10, tries: int = 3
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._key = check_key(key)
        self._token = base64.b64encode(f"api:{key}".encode()).decode()
        self._timeout = timeout
        self._tries = tries
        self._opener = opener(self.base_url, ca_path)

    def read(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a query; a server that is busy or away for a moment is asked again."""
        return self._execute(query, variables, harmless=True)

    def write(self, query: str, variables: Mapping[str, Any], twice: bool = False) -> dict[str, Any]:
        """Run a mutation. Only one that may be done twice is sent again after it may have been done."""
        return self._execute(query, variables, harmless=twice)

    def _execute(self, query: str, variables: Mapping[str, Any], harmless: bool) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        for attempt in range(1, self._tries + 1):
            try:
                return self._data(self._post(body))
            except Unreachable as error:
                last = attempt == self._tries or not error.repeat or (error.wait or 0.0) > MAX_PAUSE
                if last or (error.sent and not harmless):
                    raise
                # Back off, with some noise: all hosts of a site ask at the same time.
                time.sleep(max(error.wait or 0.0, 2.0 ** (attempt - 1)) * random.uniform(1.0, 1.2))
        raise ApiError("no request was sent: the number of tries is below one")

    def _post(self, body: bytes) -> _Reply:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(f"{self.base_url}/graphql", data=body, headers=headers, method="POST")
        request.add_unredirected_header("Authorization", f"Basic {self._token}")
        until = time.monotonic() + self._timeout
        try:
            return self._opened(request, until)
        except urllib.error.URLError as error:  # before the request was out: nothing was done
            text, again = reason_of(self.base_url, error.reason)
            raise Unreachable(f"{self.base_url} can't be reached: {self._clean(text)}", repeat=again) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = self._clean(str(error) or type(error).__name__)
            raise Unreachable(f"{self.base_url} gave no whole answer: {why}", sent=True) from error

    def _opened(self, request: urllib.request.Request, until: float) -> _Reply:
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return _Reply(response.status, self._body(response, until), None)
        except urllib.error.HTTPError as error:
            with error:
                try:
                    body = self._body(error, until)
                except (OSError, http.client.HTTPException):
                    body = b""  # the status says enough
                return _Reply(error.code, body, retry_after(error.headers.get("Retry-After"), time.time()))

    def _body(self, response: Any, until: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            part = response.read1(65536)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER:
                raise OSError(f"it is longer than {MAX_ANSWER} bytes")
            if time.monotonic() > until:  # each piece came in time, all of them together didn't
                raise TimeoutError(f"it did not end within {self._timeout} s")

    def _data(self, reply: _Reply) -> dict[str, Any]:
        document = _parsed(reply.body)
        errors = document.get("errors") if isinstance(document, dict) else None
        said = self._clean(_messages(errors)) if errors else ""
        self._check_status(reply, said)
        if document is None:
            shown = self._clean(reply.body[:120].decode("utf-8", "replace"))
            text = f"{self.base_url} answered HTTP {reply.status} without JSON: {shown!r}"
            if reply.status >= 400:
                raise RequestRefused(f"{text}; is base_url the address of a W&B server?")
            raise Unreachable(text, sent=True)
        if said or reply.status >= 400:
            raise RequestRefused(said or f"{self.base_url} answered HTTP {reply.status}")
        data = document.get("data") if isinstance(document, dict) else document
        if not isinstance(data, (dict, type(None))):
            raise Unreachable(f"{self.base_url} answered JSON that is no GraphQL", sent=True)
        return data or {}

    def _check_status(self, reply: _Reply, said: str) -> None:
        status, more = reply.status, f": {said}" if said else ""
        if status == 401:
            fix = "set api_key to a valid one of this server"
            raise KeyRejected(f"{self.base_url} rejects the API key (HTTP 401): {fix}")
        if status == 403:
            fix = "does the key's owner belong to the entity, and may this machine reach the server?"
            raise NotAllowed(f"{self.base_url} does not allow this to the API key's owner (HTTP 403{more}); {fix}")
        if 300 <= status < 400:
            text = f"{self.base_url} redirects (HTTP {status}); set base_url to the address that it means"
            raise Unreachable(text, repeat=False)
        if status in _BUSY:
            asked = "" if reply.wait is None else f"; it asks to come back in {reply.wait:.0f} s"
            text = f"{self.base_url} is busy or broken (HTTP {status}{more}){asked}"
            raise Unreachable(text, sent=status != 429, wait=reply.wait)

    def _clean(self, text: str) -> str:
        hidden = text.replace(self._key, "***").replace(self._token, "***")
        return "".join(c if c.isprintable() else " " for c in hidden)[:500]


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds of a Retry-After header, which holds a number or a date; None when it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _messages(errors: Any) -> str:
    entries = errors if isinstance(errors, list) else [errors]
    texts = [
        str(entry.get("message") or entry) if isinstance(entry, dict) else str(entry) for entry in entries if entry
    ]
    return "; ".join(texts) or "an error without a text"
