# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's volume over the first export, and the claim by which jobs use it."""

from __future__ import annotations

from fractions import Fraction

from ..gpu.quantity import CapacityError, quantity
from .convert import to_plain
from .judge import Judge
from .model import CONVERGE, REFUSE
from .observed.nfs import ClaimSeen, NfsFacts, VolumeSeen
from .wanted.nfs import NfsWanted

MODES = ("ReadWriteMany",)


def compare_volume(judge: Judge, nfs: NfsFacts, wanted: NfsWanted) -> None:
    """Judge volume and claim; a cluster that an earlier role of the same play sets up may still be missing."""
    cluster = f"the cluster of {wanted.kubeconfig}"
    names = f"volume {wanted.volume} and claim {wanted.namespace}/{wanted.claim}"
    coming = "cluster" in judge.provided
    if nfs.kubeconfig is False:
        fix = (
            "make the cluster first (role minikube_gpu), name another file, or set nfs_server_kubeconfig: '' for no "
            "volume"
        )
        found = f"kubeconfig {wanted.kubeconfig} does not exist"
        act = CONVERGE if coming else REFUSE
        judge.find("NFS010", names, found, cluster, "" if coming else fix, act=act, kubeconfig=wanted.kubeconfig)
        return
    if coming and (nfs.volume is None or nfs.claim is None):
        reason = judge.seen.reason("nfs.objects") or "no answer"
        judge.find("NFS010", names, f"not observed: {reason}", cluster, kubeconfig=wanted.kubeconfig)
        return
    volume = judge.need("nfs.objects.volume", nfs.volume)
    claim = judge.need("nfs.objects.claim", nfs.claim)
    if volume is not None and claim is not None:
        _volume(judge, volume, wanted)
        _claim(judge, claim, volume, wanted)


def _volume(judge: Judge, volume: VolumeSeen, wanted: NfsWanted) -> None:
    subject, facts = f"PersistentVolume {wanted.volume}", to_plain(volume)
    if not volume.exists:
        judge.find("NFS010", subject, "nothing", f"{wanted.size} at {wanted.address}", **facts)
        return
    source = f"{volume.server}:{volume.path}"
    ours = f"{wanted.address}:{wanted.exports[0].path}" if wanted.exports else source
    if source != ours:
        judge.find("NFS007", subject, f"it leads to {source.strip(':') or 'no NFS server'}", ours, **facts)
    holder = f"{wanted.namespace}/{wanted.claim}"
    if volume.claim not in ("", holder):
        judge.find("NFS007", subject, f"it belongs to claim {volume.claim}", f"claim {holder}", **facts)
    elif volume.phase in ("Released", "Failed"):
        found = f"it is {volume.phase}: its claim was deleted"
        judge.find("NFS010", subject, found, "free for a new claim", **facts)
    pairs = (
        ("size", same_size(volume.size, wanted.size), volume.size, wanted.size),
        ("access", volume.access_modes == MODES, ", ".join(volume.access_modes), MODES[0]),
        ("storage class", volume.storage_class == "", volume.storage_class, "none"),
        ("reclaim policy", volume.reclaim == "Retain", volume.reclaim, "Retain"),
    )
    for name, same, has, wants in pairs:
        if not same:
            judge.find("NFS010", subject, f"{name} {has or 'nothing'}", f"{name} {wants}", **facts)


def _claim(judge: Judge, claim: ClaimSeen, volume: VolumeSeen, wanted: NfsWanted) -> None:
    subject = f"PersistentVolumeClaim {wanted.namespace}/{wanted.claim}"
    facts = {**to_plain(claim), "phase_of_volume": volume.phase}
    if not claim.exists:
        judge.find("NFS010", subject, "nothing", f"{wanted.size} of volume {wanted.volume}", **facts)
        return
    pairs = (
        ("volume", claim.volume == wanted.volume, claim.volume, wanted.volume),
        ("storage class", claim.storage_class == "", claim.storage_class or "of the cluster", "none"),
        ("size", same_size(claim.size, wanted.size), claim.size, wanted.size),
        ("access", claim.access_modes == MODES, ", ".join(claim.access_modes), MODES[0]),
    )
    wrong = [(f"{name} {has or 'nothing'}", f"{name} {wants}") for name, same, has, wants in pairs if not same]
    for has, wants in wrong:
        judge.find("NFS007", subject, has, wants, **facts)
    if claim.phase != "Bound" and not wrong:
        found = f"it is {claim.phase or 'unbound'}, and the volume is {volume.phase or 'absent'}"
        judge.find("NFS007", subject, found, "Bound", act=CONVERGE, **facts)


def same_size(has: str, wants: str) -> bool:
    """Return whether two quantities of Kubernetes are the same, however they are written."""
    return has == wants or (size_of(has) is not None and size_of(has) == size_of(wants))


def size_of(text: str) -> Fraction | None:
    """Return a quantity in bytes, None when it is none."""
    try:
        return quantity(text, "")
    except CapacityError:
        return None
