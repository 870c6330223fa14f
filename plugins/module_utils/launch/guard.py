# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's refuse-list (0.28.1 and newer): what it rejects anywhere in a config, in its own order and words."""

from __future__ import annotations

from typing import Any

from .errors import Refused
from .tree import child

PRESENT = {
    "securityContext": "the agent manages the pod/container security context and it cannot be overridden",
    "hostPath": "hostPath volumes are not permitted",
    "serviceAccountToken": "projected service account tokens are not permitted",
}
HOST_NAMESPACES = ("hostPID", "hostIPC", "hostNetwork", "shareProcessNamespace", "hostUsers")
SERVICE_ACCOUNTS = ("serviceAccountName", "serviceAccount")
TRUTHY = {
    **dict.fromkeys(HOST_NAMESPACES, "host namespace sharing is not permitted"),
    "automountServiceAccountToken": "mounting service account tokens is not permitted",
    "hostPort": "binding host ports is not permitted",
}


_NAMES = frozenset((*PRESENT, *SERVICE_ACCOUNTS, *TRUTHY, "mountPropagation", "annotations"))


def check(config: Any) -> None:
    """Scan the annotations of the whole tree, then each object from the outside in.

    Raises:
        Refused: with the path of the first value that the agent rejects.
    """
    if not _has_a_name(config):
        return
    _annotations(config, "")
    _objects(config, "")


def _has_a_name(node: Any) -> bool:
    """Tell whether a key of the list is there at all; most configs have none, and this costs a tenth of the scan."""
    if isinstance(node, dict):
        if not _NAMES.isdisjoint(node):
            return True
        node = node.values()
    return any(isinstance(value, (dict, list)) and _has_a_name(value) for value in node)


def _refuse(path: str, option: str, reason: str) -> Refused:
    return Refused(path, f"Unsafe resource_args.kubernetes option '{option}' is not allowed: {reason}")


def _annotations(node: Any, path: str) -> None:
    if isinstance(node, dict):
        annotations = node.get("annotations")
        if isinstance(annotations, dict):
            for key, value in annotations.items():
                name = key.lower()
                if ("apparmor" in name or "seccomp" in name) and "unconfined" in str(value).lower():
                    where = child(child(path, "annotations"), key)
                    reason = "unconfined apparmor/seccomp profiles are not permitted"
                    raise _refuse(where, f"metadata.annotations.{key}", reason)
        for key, value in node.items():
            _annotations(value, child(path, key))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            _annotations(value, child(path, position))


def _objects(node: Any, path: str) -> None:
    if isinstance(node, dict):
        _object(node, path)
        for key, value in node.items():
            _objects(value, child(path, key))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            _objects(value, child(path, position))


def _object(node: dict[str, Any], path: str) -> None:
    for key, reason in PRESENT.items():
        if key in node:
            raise _refuse(child(path, key), key, reason)
    for key in HOST_NAMESPACES:
        if _truthy(node.get(key)):
            raise _refuse(child(path, key), key, TRUTHY[key])
    for key in SERVICE_ACCOUNTS:
        if _filled(node.get(key)):
            raise _refuse(child(path, key), key, "overriding the pod service account is not permitted")
    for key in ("automountServiceAccountToken", "hostPort"):
        if _truthy(node.get(key)):
            raise _refuse(child(path, key), key, TRUTHY[key])
    if str(node.get("mountPropagation", "")).strip() == "Bidirectional":
        where = child(path, "mountPropagation")
        raise _refuse(where, "mountPropagation", "bidirectional mount propagation is not permitted")


def _truthy(value: Any) -> bool:
    if isinstance(value, (bool, int, float)):
        return value != 0
    return isinstance(value, str) and value.strip().lower() in {"1", "true", "yes"}


def _filled(value: Any) -> bool:
    if isinstance(value, list):
        return any(_filled(item) for item in value)
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None
