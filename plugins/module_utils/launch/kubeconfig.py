# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig cut down to its current context, as the agent's user needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import LaunchInputError

_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def minified(document: Any, namespace: str = "") -> dict[str, Any]:
    """Return the current context with its cluster and user, nothing else.

    Raises:
        LaunchInputError: no kubeconfig, no current context, or credentials that are not in the file itself.
    """
    if not isinstance(document, Mapping):
        raise LaunchInputError("", "the file is no kubeconfig")
    name = document.get("current-context")
    context = _plain(_named(document, "contexts", "context", name))
    cluster = _embedded(_named(document, "clusters", "cluster", context.get("cluster")), "cluster")
    user = _embedded(_named(document, "users", "user", context.get("user")), "user")
    if not str(cluster.get("server", "")).startswith(("https://", "http://")):
        raise LaunchInputError("clusters", "the cluster has no server address")
    if namespace:
        context["namespace"] = namespace
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": context}],
        "clusters": [{"name": context["cluster"], "cluster": cluster}],
        "users": [{"name": context["user"], "user": user}],
    }


def _named(document: Mapping[str, Any], many: str, one: str, name: Any) -> Mapping[str, Any]:
    for entry in document.get(many) or []:
        if isinstance(entry, Mapping) and entry.get("name") == name and isinstance(entry.get(one), Mapping):
            return entry[one]  # type: ignore[no-any-return]
    raise LaunchInputError(many, f"the kubeconfig has no {one} named {name!r}")


def _embedded(body: Mapping[str, Any], where: str) -> dict[str, Any]:
    for key in _FILES:
        if key in body:
            fix = "write it with kubectl config view --raw --flatten --minify"
            raise LaunchInputError(where, f"{key} is a path, which the agent's user can't follow; {fix}")
    for key in ("exec", "auth-provider"):
        if key in body:
            raise LaunchInputError(where, f"{key} runs a program that the agent's user may not have; use a token")
    return _plain(body)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what tools note for themselves: minikube writes the time of each start there."""
    return {key: value for key, value in body.items() if key != "extensions"}
