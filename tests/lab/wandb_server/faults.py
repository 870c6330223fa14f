# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request: what proxies, rate limits, restarts and half-broken servers do to one answer.

A fault is a mapping: `mode` (see MODES), and optionally `field` (a field of the request that it strikes; any without
it), `queue` (the same by the queue's name), `times` (how often; 1), `after` (the request is carried out, only its
answer suffers), `status`, `retry_after`, `message`, `data` (put in the place of the answer's data), `seconds`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

MODES = ("status", "html", "truncated", "silent", "closed", "errors", "data", "redirect")
KEYS = ("mode", "field", "queue", "times", "after", "status", "retry_after", "message", "data", "seconds")
QUEUE_NAMES = ("name", "queue", "queueName")  # variables that hold a queue's name


class Damaged(NamedTuple):
    """An answer as it leaves; `length` is what its header promises, None closes the connection without an answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    length: int | None


class Faults:
    """The faults that are still to come, in order."""

    def __init__(self) -> None:
        """Starts with none."""
        self._lock = threading.Lock()
        self._left: list[dict[str, Any]] = []

    def set(self, faults: Any) -> None:
        """Replaces what is to come; a word that no fault knows is an error, so that a test can't be without one."""
        for fault in faults:
            unknown = set(fault) - set(KEYS)
            if unknown or fault.get("mode") not in MODES:
                raise ValueError(f"no such fault: {fault}")
        with self._lock:
            self._left = [{"times": 1, **fault} for fault in faults]

    def left(self) -> int:
        """How many have not struck yet."""
        with self._lock:
            return sum(fault["times"] for fault in self._left)

    def take(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        """The fault for this request, if there is one."""
        queues = {str(variables.get(name)) for name in QUEUE_NAMES}
        with self._lock:
            for fault in self._left:
                asked = not fault.get("field") or re.search(rf"\b{fault['field']}\b", query)
                if fault["times"] > 0 and asked and fault.get("queue", min(queues)) in queues:
                    fault["times"] -= 1
                    return fault
        return None


def damage(fault: Mapping[str, Any], good: bytes) -> Damaged:
    """What becomes of an answer."""
    status = int(fault.get("status") or 200)
    headers = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
    mode = fault["mode"]
    if mode == "silent":
        time.sleep(float(fault.get("seconds") or 30))
    if mode in ("silent", "closed"):
        return Damaged(0, b"", {}, None)
    if mode == "redirect":
        return Damaged(302, b"", {"Location": "https://example.org/graphql"}, 0)
    if mode == "truncated":
        return Damaged(200, good[: len(good) // 2], headers, len(good))
    if mode == "html":
        body = b"<html><body>Please sign in</body></html>"
    elif mode == "errors":
        body = json.dumps({"data": None, "errors": [{"message": fault.get("message", "broken")}]}).encode()
    elif mode == "data":
        body = json.dumps({"data": fault.get("data")}).encode()
    else:
        body = b"<html>busy</html>"
    return Damaged(status, body, headers, len(body))
