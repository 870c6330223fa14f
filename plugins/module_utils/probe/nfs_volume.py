# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the volume and the claim of the NFS server from the cluster's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..node.observed.nfs import ClaimSeen, VolumeSeen
from .kubeconfig import access
from .kubernetes import Session
from .look import Look


def objects(look: Look) -> tuple[VolumeSeen, ClaimSeen]:
    """Return the volume and the claim that the wanted state names.

    Raises:
        Unreadable: the kubeconfig can't be followed, or its cluster does not answer.
    """
    wanted = look.wanted["nfs"]
    claims = f"/api/v1/namespaces/{quote(wanted.namespace)}/persistentvolumeclaims"
    with access(look.root, wanted.kubeconfig, look.deadline, look.runner) as known:  # noqa: SIM117 - Python 3.9
        with Session(known.api(), look.deadline) as session:
            found = session.get(f"/api/v1/persistentvolumes/{quote(wanted.volume)}")
            return volume_of(found), claim_of(session.get(f"{claims}/{quote(wanted.claim)}"))


def volume_of(data: Any) -> VolumeSeen:
    """Return the facts of a PersistentVolume; None is one that is not there."""
    if data is None:
        return VolumeSeen()
    spec = _part(data, "spec")
    source, owner = _part(spec, "nfs"), _part(spec, "claimRef")
    return VolumeSeen(
        exists=True,
        server=str(source.get("server") or ""),
        path=str(source.get("path") or ""),
        size=str(_part(spec, "capacity").get("storage") or ""),
        access_modes=tuple(sorted(spec.get("accessModes") or ())),
        storage_class=str(spec.get("storageClassName") or ""),
        reclaim=str(spec.get("persistentVolumeReclaimPolicy") or ""),
        claim=f"{owner.get('namespace')}/{owner.get('name')}" if owner else "",
        phase=str(_part(data, "status").get("phase") or ""),
    )


def claim_of(data: Any) -> ClaimSeen:
    """Return the facts of a PersistentVolumeClaim; None is one that is not there."""
    if data is None:
        return ClaimSeen()
    spec = _part(data, "spec")
    return ClaimSeen(
        exists=True,
        volume=str(spec.get("volumeName") or ""),
        size=str(_part(_part(spec, "resources"), "requests").get("storage") or ""),
        access_modes=tuple(sorted(spec.get("accessModes") or ())),
        storage_class=spec.get("storageClassName"),
        phase=str(_part(data, "status").get("phase") or ""),
    )


def _part(data: Any, name: str) -> Mapping[str, Any]:
    part = data.get(name) if isinstance(data, Mapping) else None
    return part if isinstance(part, Mapping) else {}
