# SPDX-License-Identifier: GPL-3.0-or-later
"""Links from fixed places to what is built, and checksums for the inventory.

bin/docker
www/debian/SUITE, www/libnvidia-container, www/pypi, www/images/cluster.tar
www/minikube/VERSION/minikube-linux-amd64
www/kubernetes/VERSION/bin/linux/amd64/PROGRAM{,.sha256}    (the layout of `minikube start --binary-mirror`)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from .. import config
from ..cache import sums_of

MIRRORED = ("kubeadm", "kubelet", "kubectl")


def link(place: Path, target: Path) -> None:
    """A symbolic link that replaces an older one in one step; untouched when it is right."""
    if place.is_symlink() and os.readlink(place) == str(target):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(place.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.rename(place)


def links(places: Mapping[str, Path]) -> dict[str, Path]:
    """Path below the cache -> target, for what is built."""
    mirror = f"www/kubernetes/{config.KUBERNETES}/bin/linux/amd64"
    wanted = {
        "bin/docker": ("engine", "bin/docker"),
        "www/libnvidia-container": ("toolkit-repo", "libnvidia-container"),
        f"www/minikube/{config.MINIKUBE}/minikube-linux-amd64": ("minikube", "bin/minikube"),
        "www/images/cluster.tar": ("cluster-images", "cluster.tar"),
        "www/pypi": ("wheels", ""),
        **{f"www/debian/{suite}": (f"debian-{suite}", "") for suite in config.SUITES},
        **{f"{mirror}/{name}": ("k8s", f"bin/{name}") for name in MIRRORED},
    }
    return {place: places[name] / file for place, (name, file) in wanted.items() if name in places}


def checksums(places: Mapping[str, Path]) -> dict[str, str]:
    """What the inventory gives to the roles: sums of the files they download, fingerprint of the key they trust."""
    found = {}
    for name, artifact, file in (
        ("minikube", "minikube", "bin/minikube"),
        ("cluster.tar", "cluster-images", "cluster.tar"),
        *((program, "k8s", f"bin/{program}") for program in MIRRORED),
    ):
        if artifact in places:
            found[name] = sums_of(places[artifact])[file]
    if "apt-key" in places:
        found["apt_key_fingerprint"] = (places["apt-key"] / "fingerprint").read_text().strip()
    return found


def publish(root: Path, places: Mapping[str, Path]) -> None:
    """Write links, sums of the binary mirror and checksums.json; what is not built now keeps its earlier place."""
    for place, target in links(places).items():
        link(root / place, target)
    found = checksums(places)
    for program in MIRRORED:
        if program in found:
            folder = root / "www/kubernetes" / config.KUBERNETES / "bin/linux/amd64"
            write_if_changed(folder / f"{program}.sha256", found[program] + "\n")
    file = root / "checksums.json"
    earlier = json.loads(file.read_text()) if file.exists() else {}
    write_if_changed(file, json.dumps({**earlier, **found}, indent=2, sort_keys=True) + "\n")


def write_if_changed(file: Path, text: str) -> None:
    if not file.exists() or file.read_text() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(file.name + ".new")
        fresh.write_text(text)
        fresh.rename(file)
