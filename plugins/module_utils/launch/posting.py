# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the agent's Kubernetes client sends an object: by its kind, a list item by item; and what it refuses to send."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from .errors import Refused
from .run import Run
from .shapes import mapping, sequence
from .tree import child

BATCH = "batch/v1"
_PLURALS = {"job": "jobs", "cron_job": "cronjobs"}


def api_path(*parts: Any) -> str:
    """Return the path of an API address, with each part quoted as the client quotes it."""
    return "/".join(_quoted(str(part)) for part in parts)


@lru_cache(maxsize=256)
def _quoted(part: str) -> str:
    return quote(part, safe="")


def override_command(container: dict[str, Any], run: Run) -> None:
    """Put the submitter's arguments and entry point into a container."""
    if run.overrides.get("args"):
        container["args"] = list(run.overrides["args"])
    if run.overrides.get("entry_point"):
        container["command"] = list(run.overrides["entry_point"])


def send(job: dict[str, Any], namespace: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what is sent for a finished Job, and where to: the object itself, or the items of a list.

    Raises:
        Refused: the client has no way to send it.
    """
    kind = job["kind"]
    if not isinstance(kind, str):
        raise Refused("kind", "must be text; the agent fails on it")
    if "List" not in kind:
        return [job], [_address(job, "", namespace)]
    inner = kind.replace("List", "")
    items = sequence(job.get("items"), "items")
    for position, item in enumerate(items):
        entry = mapping(item, child("items", position))
        if inner:
            entry.update({"apiVersion": job["apiVersion"], "kind": inner})
    if not items:
        raise Refused("items", "the list is empty (the agent says: list index out of range)")
    return items, [_address(item, child("items", position), namespace) for position, item in enumerate(items)]


def _address(item: dict[str, Any], path: str, namespace: Any) -> str:
    version, kind = item.get("apiVersion"), item.get("kind")
    if version != BATCH:
        raise Refused(child(path, "apiVersion"), f"the agent's client has no API {version!r} for it; use {BATCH}")
    plural = _PLURALS.get(_snake_case(kind)) if isinstance(kind, str) else None
    if plural is None:
        raise Refused(child(path, "kind"), f"the agent can't create a {kind!r} of {BATCH}")
    where = child(path, "metadata")
    metadata = item.get("metadata")
    if not isinstance(metadata, (dict, list, str)):
        raise Refused(where, "must be a mapping; the agent fails on it")
    if "namespace" in metadata:
        namespace = mapping(metadata, where)["namespace"]
    if namespace is None:
        raise Refused(child(where, "namespace"), "is null, and the agent's client needs a value")
    return api_path("apis", "batch", "v1", "namespaces", namespace, plural)


def _snake_case(kind: str) -> str:
    kind = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", kind).lower()
