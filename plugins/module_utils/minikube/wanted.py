# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wanted cluster: the inputs of the module, checked and in one shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..lean_dataclass import dataclass
from .errors import MinikubeError
from .profile import normal_gpus, normal_version

_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]+")


@dataclass(frozen=True)
class Addon:
    """One addon, and the images that it uses instead of its own."""

    name: str
    enabled: bool = True
    images: Mapping[str, str] = field(default_factory=dict)
    registries: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_value(cls, value: Any, where: str) -> Addon:
        """A name, or a mapping with name, enabled and images."""
        if isinstance(value, str) and value:
            return cls(str(value))
        if not isinstance(value, Mapping) or not isinstance(value.get("name"), str) or not value["name"]:
            raise MinikubeError(f"{where} is neither the name of an addon nor a mapping with `name`")
        unknown = sorted(set(value) - {"name", "enabled", "images"})
        if unknown:
            raise MinikubeError(f"{where}.{unknown[0]} is not known; use name, enabled, images")
        images = value.get("images") or {}
        if not isinstance(images, Mapping) or not all(isinstance(v, str) and v for v in images.values()):
            raise MinikubeError(f"{where}.images is not a mapping of image name to image reference")
        enabled = value.get("enabled", True)
        if not isinstance(enabled, bool):
            raise MinikubeError(f"{where}.enabled is neither true nor false")
        pairs = {str(key): split_image(str(ref)) for key, ref in images.items()}
        return cls(
            name=str(value["name"]),
            enabled=enabled,
            images={key: path for key, (_registry, path) in pairs.items()},
            registries={key: registry for key, (registry, _path) in pairs.items()},
        )


@dataclass(frozen=True)
class Wanted:
    """A cluster as the inputs ask for it; 0 and empty texts mean "whatever minikube chooses"."""

    profile: str
    state: str
    gpus: str
    cpus: int
    memory_mib: int
    kubernetes_version: str
    driver: str
    container_runtime: str
    base_image: str
    binary_mirror: str
    image_repository: str
    insecure_registries: tuple[str, ...]
    registry_mirrors: tuple[str, ...]
    preload: bool
    addons: tuple[Addon, ...]
    recreate: str
    ignore_drift: frozenset[str]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Wanted:
        """Check what the argument specification cannot."""
        profile = params["profile"]
        if not _PROFILE.fullmatch(profile):
            raise MinikubeError(
                f"profile {profile!r}: a name has letters, digits and dashes, at least two of them, and no dash first"
            )
        for name, lowest in (("cpus", 2), ("memory_mib", 1800)):
            if params[name] != 0 and params[name] < lowest:
                raise MinikubeError(
                    f"{name} is {params[name]}, minikube needs at least {lowest} (0 leaves it to minikube)"
                )
        return cls(
            profile=profile,
            state=params["state"],
            gpus=normal_gpus(params["gpus"]),
            cpus=params["cpus"],
            memory_mib=params["memory_mib"],
            kubernetes_version=params["kubernetes_version"],
            driver=params["driver"],
            container_runtime=params["container_runtime"],
            base_image=params["base_image"],
            binary_mirror=params["binary_mirror"],
            image_repository=params["image_repository"],
            insecure_registries=tuple(params["insecure_registries"]),
            registry_mirrors=tuple(params["registry_mirrors"]),
            preload=params["preload"],
            addons=tuple(Addon.from_value(v, f"addons[{i}]") for i, v in enumerate(params["addons"])),
            recreate=params["recreate"],
            ignore_drift=frozenset(params["ignore_drift"]),
        )

    @property
    def exact_version(self) -> str:
        """The Kubernetes version where it is one, else an empty text."""
        return normal_version(self.kubernetes_version)


def split_image(reference: str) -> tuple[str, str]:
    """Registry and rest, because `addons enable` wants them apart: with the image alone, docker.io is used."""
    first, slash, rest = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "docker.io", reference
