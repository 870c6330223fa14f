# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether kubeconfigs are for a profile's cluster. Keys are compared here and never leave."""

from __future__ import annotations

import base64
import os
import pwd
from collections.abc import Mapping
from typing import Any

from ..launch.errors import LaunchInputError
from ..launch.kubeconfig import minified
from ..node.observed.cluster import Copy
from . import kubeconfig
from .accounts import Account, account, group_name
from .child import within
from .files import look as look_at_file
from .kubernetes import Server
from .look import Look
from .root import Root, Unreadable


def own_path(home: str) -> str:
    """Return where minikube keeps the kubeconfig."""
    return os.path.join(home, ".kube", "config")


def own(look: Look, home: str, name: str, server: Server | None) -> Mapping[str, Any] | None:
    """Return the cluster's kubeconfig cut down to its current context; None unless that is the profile's.

    It is the profile's with the node's address and the certificates in the profile's folder: the times that minikube
    notes at each start don't matter, another authority or key does.
    """
    if server is None or not look.root.exists(own_path(home)):
        return None
    document = kubeconfig.load(look.root, own_path(home), look.deadline, look.runner)
    try:
        found = minified(document)
    except LaunchInputError:
        return None
    wanted = {"certificate-authority-data": _data(look.root, server.ca), "server": str(server)}
    keys = {
        "client-certificate-data": _data(look.root, server.certificate),
        "client-key-data": _data(look.root, server.key),
    }
    right = found["clusters"][0]["cluster"] == wanted and found["users"][0]["user"] == keys
    return found if right and found["current-context"] == name else None


def _data(root: Root, path: str) -> str:
    """Return a file as a kubeconfig embeds it; the path is one of this process."""
    try:
        with open(path, "rb") as stream:
            return base64.b64encode(stream.read(1 << 20)).decode("ascii")
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error


def copies(look: Look, mine: Mapping[str, Any] | None) -> dict[str, Copy]:
    """Return each listed user's copy; one that can't be judged is noted and left out."""
    found: dict[str, Copy] = {}
    for user in look.wanted["cluster"].kubeconfig_users:
        fact = f"cluster.copies.{user}"
        copy = look.seen.fact(fact, lambda user=user: _copy(look, user, mine))  # type: ignore[misc]
        if copy is not None:
            found[user] = copy
    return found


def _copy(look: Look, user: str, mine: Mapping[str, Any] | None) -> Copy:
    person = account(look.root, user) or _by_name_service(look, user)
    if person is None:
        return Copy()
    path = os.path.join(person.home, look.wanted["cluster"].kubeconfig_path)
    file = look_at_file(look.root, path)
    current = None
    if file.kind == "file" and mine is not None:
        try:
            current = kubeconfig.load(look.root, path, look.deadline, look.runner) == mine
        except Unreadable:  # whatever it is, it is no copy
            current = False
    folder = look.root.is_dir(os.path.dirname(path))
    return Copy(True, group_name(look.root, person.gid) or "", path, file, current, folder)


def _by_name_service(look: Look, user: str) -> Account | None:
    """Ask the name service, which may be remote, for an account that /etc/passwd does not have."""
    if not look.root.real:
        return None

    def ask() -> list[Any]:
        try:
            return list(pwd.getpwnam(user))
        except KeyError:
            return []

    fields = within(look.deadline, ask, f"account {user}")
    return Account(fields[0], fields[2], fields[3], fields[5], fields[6]) if fields else None
