# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a minikube profile and its node, without starting minikube."""

from __future__ import annotations

import os
from typing import Any

from ..node.observed.cluster import ClusterFacts, Profile
from .accounts import account, owner
from .docker import container
from .look import Look
from .profile import profile_folder, read_config
from .root import Root


def observe_cluster(look: Look) -> ClusterFacts:
    """Return the facts of a profile; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["cluster"]
    home, name, socket = wanted.home, wanted.profile, wanted.socket
    login = seen.fact("cluster.user_home", lambda: account(root, wanted.user))
    return ClusterFacts(
        profile_name=name,
        home=home,
        home_owner=seen.fact("cluster.home_owner", lambda: owner(root, home)),
        user_home=login.home if login else None,
        user_shell=login.shell if login else None,
        exists=root.is_dir(profile_folder(root, home, name)),
        profile=seen.fact("cluster.profile", lambda: profile(root, home, name)),
        container=seen.fact("cluster.container", lambda: container(root, socket, name, look.deadline)),
        kubeconfig=root.exists(os.path.join(home, ".kube", "config")),
        unit=look.units.get(wanted.unit),
    )


def profile(root: Root, home: str, name: str) -> Profile | None:
    """Return what a profile's config.json says, None when there is no such file.

    Raises:
        Unreadable: it is there but is no profile.
    """
    data = read_config(root, home, name)
    return None if data is None else profile_of(data)


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
