# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where minikube keeps a profile, and how its API server is reached from there."""

from __future__ import annotations

import json
import os
from typing import Any

from .kubernetes import Server
from .root import Root, Unreadable


def state_folder(root: Root, home: str) -> str:
    """Return where minikube keeps its state below a home: it adds .minikube unless the name is there already."""
    if os.path.basename(home.rstrip("/")) == ".minikube":
        return home
    below = os.path.join(home, ".minikube")
    return below if root.is_dir(below) or not root.is_dir(os.path.join(home, "profiles")) else home


def profile_folder(root: Root, home: str, name: str) -> str:
    """Return the folder of a profile; without config.json in it, it is no more than a leftover."""
    return os.path.join(state_folder(root, home), "profiles", name)


def profile_path(root: Root, home: str, name: str) -> str:
    """Return where minikube keeps what a profile was made with."""
    return os.path.join(profile_folder(root, home, name), "config.json")


def read_config(root: Root, home: str, name: str) -> dict[str, Any] | None:
    """Return a profile's config.json, None when there is no such file.

    Raises:
        Unreadable: it is there but is no profile.
    """
    path = profile_path(root, home, name)
    text = root.read(path)
    if text is None:
        return None
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("KubernetesConfig"), dict):
        raise Unreadable(f"{path}: not a profile")
    return data


def api_server(root: Root, home: str, name: str) -> Server | None:
    """Return the API server of a profile with the certificate of its administrator, None without such a profile.

    Raises:
        Unreadable: the profile can't be read, or has no address yet.
    """
    config = read_config(root, home, name)
    if config is None:
        return None
    nodes = config.get("Nodes") or [{}]
    node = nodes[0] if isinstance(nodes, list) and isinstance(nodes[0], dict) else {}
    host, port = node.get("IP"), node.get("Port")
    if not isinstance(host, str) or not host or not isinstance(port, int):
        raise Unreadable(f"profile {name}: its config.json names no address of the node")
    folder = profile_folder(root, home, name)
    return Server(
        host=host,
        port=port,
        ca=root.path(os.path.join(state_folder(root, home), "ca.crt")),
        certificate=root.path(os.path.join(folder, "client.crt")),
        key=root.path(os.path.join(folder, "client.key")),
    )
