# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile as `minikube profile list -l -o json` and its own config.json have it, in this collection's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from .errors import MinikubeError


@dataclass(frozen=True)
class Profile:
    """What was chosen when the cluster was created; later `start` options do not change it.

    Attributes:
        cpus: 0 means no limit, as it does for memory_mib.
        addons: each that minikube knows, and whether it is on.
        addon_images: images that addons use instead of their own, by minikube's name of the image.
    """

    name: str = ""
    driver: str = ""
    container_runtime: str = ""
    gpus: str = "none"
    cpus: int = 0
    memory_mib: int = 0
    kubernetes_version: str = ""
    base_image: str = ""
    image_repository: str = ""
    insecure_registries: tuple[str, ...] = ()
    registry_mirrors: tuple[str, ...] = ()
    embed_certs: bool = False
    node_ip: str = ""
    addons: Mapping[str, bool] = field(default_factory=dict)
    addon_images: Mapping[str, str] = field(default_factory=dict)
    addon_registries: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the result of the module."""
        return {
            "profile": self.name,
            "driver": self.driver,
            "container_runtime": self.container_runtime,
            "gpus": self.gpus,
            "cpus": self.cpus,
            "memory_mib": self.memory_mib,
            "kubernetes_version": self.kubernetes_version,
            "node_ip": self.node_ip,
            "addons": sorted(name for name, on in self.addons.items() if on),
        }


@dataclass(frozen=True)
class ProfileList:
    """One profile out of the list: readable, only leftovers of it, or neither."""

    profile: Profile | None
    leftover: bool


def normal_gpus(value: str) -> str:
    """`all` and `nvidia` mean the same; nothing means none."""
    return {"": "none", "nvidia": "all"}.get(value, value)


def normal_version(value: str) -> str:
    """`1.34.4` and `v1.34.4` are the same; words such as stable are resolved by minikube and mean "any" here."""
    text = value.strip()
    if not text[:1].isdigit() and not (text[:1] == "v" and text[1:2].isdigit()):
        return ""
    return "v" + text.lstrip("v")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def profile_of(name: str, config: Mapping[str, Any]) -> Profile:
    """Pick the facts out of a profile's config.json."""
    kube = _mapping(config.get("KubernetesConfig"))
    nodes = config.get("Nodes")
    node = nodes[0] if isinstance(nodes, list) and nodes else {}
    return Profile(
        name=name,
        driver=str(config.get("Driver", "")),
        container_runtime=str(kube.get("ContainerRuntime", "")),
        gpus=normal_gpus(str(config.get("GPUs") or "")),
        cpus=int(config.get("CPUs") or 0),
        memory_mib=int(config.get("Memory") or 0),
        kubernetes_version=str(kube.get("KubernetesVersion", "")),
        base_image=str(config.get("KicBaseImage", "")),
        image_repository=str(kube.get("ImageRepository", "")),
        insecure_registries=_texts(config.get("InsecureRegistry")),
        registry_mirrors=_texts(config.get("RegistryMirror")),
        embed_certs=bool(config.get("EmbedCerts")),
        node_ip=str(_mapping(node).get("IP", "")),
        addons={str(k): bool(v) for k, v in _mapping(config.get("Addons")).items()},
        addon_images={str(k): str(v) for k, v in _mapping(config.get("CustomAddonImages")).items()},
        addon_registries={str(k): str(v) for k, v in _mapping(config.get("CustomAddonRegistries")).items()},
    )


def parse_profile_list(text: str, name: str) -> ProfileList:
    """Find one profile. Entries under `invalid` are no clusters: any refused or failed start leaves one."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise MinikubeError(f"`minikube profile list -l -o json` printed no JSON: {text[:200]!r}") from error
    data = _mapping(data)
    for entry in data.get("valid") or []:
        if _mapping(entry).get("Name") == name and isinstance(entry.get("Config"), Mapping):
            return ProfileList(profile_of(name, entry["Config"]), leftover=False)
    leftover = any(_mapping(entry).get("Name") == name for entry in data.get("invalid") or [])
    return ProfileList(None, leftover)
