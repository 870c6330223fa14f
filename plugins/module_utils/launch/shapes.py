# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The places in a manifest that the agent looks for; a value of another type makes it fail the item."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .errors import Refused
from .tree import child

CONTAINER_KEYS = ("containers", "initContainers", "ephemeralContainers")
_CONTAINER_KEYS = frozenset(CONTAINER_KEYS)
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def restricted() -> dict[str, Any]:
    """Return a fresh copy of the agent's securityContext."""
    return {**RESTRICTED, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}


def mapping(value: Any, path: str) -> dict[str, Any]:
    """Return the value when it is a mapping.

    Raises:
        Refused: it is something else; the agent stops there with a Python error.
    """
    if not isinstance(value, dict):
        raise Refused(path, f"must be a mapping, not {_kind(value)}; the agent fails on it")
    return value


def sequence(value: Any, path: str) -> list[Any]:
    """Return the value when it is a list.

    Raises:
        Refused: it is something else; the agent stops there with a Python error.
    """
    if not isinstance(value, list):
        raise Refused(path, f"must be a list, not {_kind(value)}; the agent fails on it")
    return value


def updated(defaults: dict[str, Any], given: Any, path: str) -> dict[str, Any]:
    """Return the defaults with the config's values over them.

    The agent takes what Python's dict.update takes: an empty list or text counts as an empty mapping, a list of pairs
    as a mapping (M). Keys of pairs become text as they are sent.

    Raises:
        Refused: it is something else; the agent stops there with a Python error.
    """
    out: dict[Any, Any] = dict(defaults)
    try:
        out.update(given)
    except (TypeError, ValueError) as error:
        raise Refused(path, f"must be a mapping, not {_kind(given)}; the agent fails on it") from error
    return {key if isinstance(key, str) else json.dumps(key): value for key, value in out.items()}


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def containers(node: Any, path: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each entry of each list called containers, with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            where = child(path, key)
            if key == "containers":
                for position, entry in enumerate(value if isinstance(value, list) else []):
                    yield mapping(entry, child(where, position)), child(where, position)
            else:
                yield from containers(value, where)
    elif isinstance(node, list):
        for position, entry in enumerate(node):
            yield from containers(entry, child(path, position))


def pods(node: Any, path: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each object whose spec has containers, with its path."""
    if isinstance(node, dict):
        if "spec" in node:
            spec = node["spec"]
            if not isinstance(spec, (dict, list, str)):
                raise Refused(child(path, "spec"), f"must be a mapping, not {_kind(spec)}; the agent fails on it")
            if "containers" in spec:
                yield node, path
        for key, value in list(node.items()):
            if isinstance(value, (dict, list)):
                yield from pods(value, child(path, key))
    else:
        for position, entry in enumerate(node):
            if isinstance(entry, (dict, list)):
                yield from pods(entry, child(path, position))


def label_pods(manifest: Any, labels: dict[str, str]) -> None:
    """Add labels to each pod template in a manifest."""
    for pod, path in list(pods(manifest)):
        metadata = mapping(pod.setdefault("metadata", {}), child(path, "metadata"))
        mapping(metadata.setdefault("labels", {}), child(path, "metadata.labels")).update(labels)


def harden(node: Any, path: str = "") -> None:
    """Force the restricted securityContext onto each container, at any depth.

    Raises:
        Refused: beside a list of containers stands a number or true; the agent stops there with a Python error.
    """
    if isinstance(node, dict):
        if not _CONTAINER_KEYS.isdisjoint(node) and any(isinstance(node.get(key), list) for key in CONTAINER_KEYS):
            for key in CONTAINER_KEYS:
                _harden_entries(node.get(key) or [], child(path, key))
        for key, value in node.items():
            if isinstance(value, (dict, list)):
                harden(value, child(path, key))
    else:
        for position, value in enumerate(node):
            if isinstance(value, (dict, list)):
                harden(value, child(path, position))


def _harden_entries(entries: Any, path: str) -> None:
    if not isinstance(entries, (list, dict, str)):
        raise Refused(path, f"must be a list, not {_kind(entries)}; the agent fails on it")
    for entry in entries:
        if isinstance(entry, dict):
            entry["securityContext"] = restricted()
