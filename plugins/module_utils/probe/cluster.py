# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a minikube profile and its node, without starting minikube."""

from __future__ import annotations

import json
import os
from typing import Any

from ..node.observed.cluster import ClusterFacts, Profile
from .accounts import account, owner
from .docker import container
from .look import Look
from .root import Root, Unreadable


def observe_cluster(look: Look) -> ClusterFacts:
    """Return the facts of a profile; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["cluster"]
    home, name, socket = wanted.home, wanted.profile, wanted.socket
    path = profile_path(root, home, name)
    login = seen.fact("cluster.user_home", lambda: account(root, wanted.user))
    return ClusterFacts(
        profile_name=name,
        home=home,
        home_owner=seen.fact("cluster.home_owner", lambda: owner(root, home)),
        user_home=login.home if login else None,
        user_shell=login.shell if login else None,
        exists=root.is_dir(os.path.dirname(path)),
        profile=seen.fact("cluster.profile", lambda: profile(root, path)),
        container=seen.fact("cluster.container", lambda: container(root, socket, name, look.deadline)),
        kubeconfig=root.exists(os.path.join(home, ".kube", "config")),
        unit=look.units.get(wanted.unit),
    )


def state_folder(root: Root, home: str) -> str:
    """Return where minikube keeps its state below a home: it adds .minikube unless the name is there already."""
    if os.path.basename(home.rstrip("/")) == ".minikube":
        return home
    below = os.path.join(home, ".minikube")
    return below if root.is_dir(below) or not root.is_dir(os.path.join(home, "profiles")) else home


def profile_path(root: Root, home: str, name: str) -> str:
    """Return where minikube keeps a profile; without that file the folder is no more than a leftover."""
    return os.path.join(state_folder(root, home), "profiles", name, "config.json")


def profile(root: Root, path: str) -> Profile | None:
    """Return what a profile's config.json says, None when there is no such file.

    Raises:
        Unreadable: it is there but is no profile.
    """
    text = root.read(path)
    if text is None:
        return None
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("KubernetesConfig"), dict):
        raise Unreadable(f"{path}: not a profile")
    return profile_of(data)


def profile_of(data: Any) -> Profile:
    """Pick the facts out of a profile's config.json."""
    kubernetes = data["KubernetesConfig"]
    addons = data.get("Addons")
    return Profile(
        gpus=str(data.get("GPUs") or ""),
        cpus=int(data.get("CPUs") or 0),
        memory_mib=int(data.get("Memory") or 0),
        kubernetes_version=str(kubernetes.get("KubernetesVersion") or ""),
        driver=str(data.get("Driver") or ""),
        container_runtime=str(kubernetes.get("ContainerRuntime") or ""),
        addons=tuple(sorted(name for name, on in addons.items() if on)) if isinstance(addons, dict) else (),
    )
