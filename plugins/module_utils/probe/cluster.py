# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a minikube profile, its node, and what the role keeps beside it, without starting minikube."""

from __future__ import annotations

import os
import re
from typing import Any

from ..minikube.profile import Profile, profile_of
from ..node.observed.cluster import Certificate, ClusterFacts, NodeContainer, StraySetting
from ..node.wanted.cluster import BIN, PROGRAMS, ClusterWanted
from .accounts import account, locked, members, owner
from .certificate import certificate
from .cluster_api import look_inside
from .cluster_kubeconfigs import copies, own, own_path
from .docker import container, starts_when_asked
from .files import look_at
from .look import Look
from .profile import api_server, profile_folder, read_config, state_folder
from .programs import known
from .root import Root

_CERTIFICATES = ("client.crt", "apiserver.crt", "proxy-client.crt")
_OURS = ("WantUpdateNotification",)
_SET = re.compile(r"\b(MINIKUBE_[A-Z0-9_]+)=")
_LEFT = "container "


def observe_cluster(look: Look) -> ClusterFacts:
    """Return the facts of a profile; what can't be read is noted."""
    root, seen, wanted = look.root, look.seen, look.wanted["cluster"]
    home, name = wanted.home, wanted.profile
    made = seen.fact("cluster.profile", lambda: profile(root, home, name))
    node = seen.fact("cluster.container", lambda: _node(look, wanted))
    return ClusterFacts(
        profile_name=name,
        home=home,
        home_owner=seen.fact("cluster.home_owner", lambda: owner(root, home)),
        exists=root.is_dir(profile_folder(root, home, name)),
        profile=made,
        container=node,
        unit=look.units.get(wanted.unit),
        certificates=_certificates(look, home, name),
        settings=seen.fact("cluster.settings", lambda: settings(root, wanted)) or (),
        stray=seen.fact("cluster.stray", lambda: stray(root, wanted.unit)) or (),
        files=look_at(root, seen, "cluster.files", wanted.files()),
        programs=_programs(look),
        links={path: _link(root, path) for path in wanted.links()},
        **_account(look, wanted),
        **_creation(root, home, name),
        **_kubernetes(look, made, node, wanted),
    )


def _node(look: Look, wanted: ClusterWanted) -> NodeContainer:
    """Return the node's container. An engine that systemd starts when it is asked stays as it is: there, none runs."""
    if starts_when_asked(look.units.get("docker.service"), look.units.get("docker.socket")):
        return NodeContainer()
    return container(look.root, wanted.socket, wanted.profile, look.deadline)


def _account(look: Look, wanted: ClusterWanted) -> dict[str, Any]:
    root, seen = look.root, look.seen
    login = seen.fact("cluster.user_home", lambda: account(root, wanted.user))
    return {
        "user_home": login.home if login else None,
        "user_shell": login.shell if login else None,
        "user_locked": seen.fact("cluster.user_locked", lambda: locked(root, wanted.user)),
        "user_docker": seen.fact("cluster.user_docker", lambda: wanted.user in (members(root, "docker") or ())),
    }


def _creation(root: Root, home: str, name: str) -> dict[str, Any]:
    """Return whether a creation began and did not end, and the container that it left."""
    path = os.path.join(home, f".{name}.creating")
    if not root.exists(path):
        return {}
    text = "" if root.link(path) is not None else root.read(path) or ""
    return {"creating": True, "left": text[len(_LEFT) :].strip() if text.startswith(_LEFT) else None}


def _kubernetes(look: Look, made: Profile | None, node: NodeContainer | None, wanted: ClusterWanted) -> dict[str, Any]:
    """Ask the API server while the node runs; else only look at the files."""
    root, seen, home, name = look.root, look.seen, wanted.home, wanted.profile
    server = seen.fact("cluster.node", lambda: api_server(root, home, name)) if made is not None else None
    facts: dict[str, Any] = {"kubeconfig": root.exists(own_path(home)), "kubeconfig_current": False}
    if server is not None and node is not None and node.status == "running":
        inside = seen.fact("cluster.node", lambda: look_inside(server, name, look.deadline))
        if inside is not None:
            facts["node"], facts["plugin"], facts["gpu_pods"] = inside
    before = len(seen.missing)
    mine = seen.fact("cluster.kubeconfig_current", lambda: own(look, home, name, server))
    facts["kubeconfig_current"] = None if len(seen.missing) > before else mine is not None
    facts["copies"] = copies(look, mine)
    return facts


def _certificates(look: Look, home: str, name: str) -> dict[str, Certificate]:
    folder = profile_folder(look.root, home, name)
    paths = [os.path.join(state_folder(look.root, home), "ca.crt"), *(os.path.join(folder, n) for n in _CERTIFICATES)]
    found = {}
    for path in paths:
        fact = f"cluster.certificates.{path}"
        item = look.seen.fact(fact, lambda path=path: certificate(look.root, path))  # type: ignore[misc]
        if item is not None:
            found[path] = item
    return found


def _programs(look: Look) -> dict[str, tuple[str, ...]]:
    found = {}
    for path in (f"{BIN}/{name}" for name in PROGRAMS):
        fact = f"cluster.programs.{path}"
        words = look.seen.fact(fact, lambda path=path: known(look.root, path, look.deadline))  # type: ignore[misc]
        if words is not None:
            found[path] = words
    return found


def _link(root: Root, path: str) -> str:
    return root.link(path) or ("-" if root.exists(path) else "")


def profile(root: Root, home: str, name: str) -> Profile | None:
    """Return what a profile's config.json says, None when there is no such file.

    Raises:
        Unreadable: it is there but is no profile.
    """
    data = read_config(root, home, name)
    return None if data is None else profile_of(name, data)


def settings(root: Root, wanted: ClusterWanted) -> tuple[str, ...]:
    """Return the names in minikube's own configuration that are not the role's; values may be secrets.

    Raises:
        Unreadable: it is there but can't be read.
    """
    text = root.read(wanted.settings_path)
    names = re.findall(r'"([A-Za-z0-9_-]+)"\s*:', text or "")
    return tuple(sorted(set(names) - set(_OURS)))


def stray(root: Root, unit: str) -> tuple[StraySetting, ...]:
    """Return the variables of minikube that drop-ins of its unit set."""
    found = []
    for folder in ("/etc/systemd/system", "/run/systemd/system"):
        for place in (f"{folder}/{unit}.d", f"{folder}/service.d"):
            for file in root.names(place) or []:
                lines = (root.read(f"{place}/{file}") or "").splitlines() if file.endswith(".conf") else []
                names = {n for line in lines if line.startswith("Environment=") for n in _SET.findall(line)}
                found += [StraySetting(name, f"{place}/{file}") for name in sorted(names)]
    return tuple(found)
