# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines. Every value that a later minikube may choose otherwise is explicit."""

from __future__ import annotations

from .plan import Action
from .wanted import Wanted


def create_options(wanted: Wanted) -> list[str]:
    """Options of the first start; a later one takes all of this from the profile."""
    options = [
        f"--driver={wanted.driver}",
        f"--container-runtime={wanted.container_runtime}",
        "--embed-certs",  # the kubeconfig is copied to other users
        "--install-addons=false",  # each wanted one is enabled explicitly, with its images
        f"--preload={str(wanted.preload).lower()}",
    ]
    for flag, value in (
        ("gpus", "" if wanted.gpus == "none" else wanted.gpus),
        ("cpus", str(wanted.cpus or "")),
        ("memory", f"{wanted.memory_mib}mb" if wanted.memory_mib else ""),
        ("kubernetes-version", wanted.kubernetes_version),
        ("base-image", wanted.base_image),
        ("binary-mirror", wanted.binary_mirror),
        ("image-repository", wanted.image_repository),
    ):
        if value:
            options.append(f"--{flag}={value}")
    options += [f"--insecure-registry={value}" for value in wanted.insecure_registries]
    options += [f"--registry-mirror={value}" for value in wanted.registry_mirrors]
    return options


def arguments(action: Action, wanted: Wanted) -> list[str]:
    """What follows the program's name."""
    profile = f"--profile={wanted.profile}"
    if action.name == "create":
        return ["start", profile, "--interactive=false", "--output=json", *create_options(wanted)]
    if action.name == "start":
        return ["start", profile, "--interactive=false", "--output=json"]
    if action.addon is None:
        return [action.name, profile]
    command = ["addons", action.name, action.addon.name, profile]
    if action.name == "enable" and action.addon.images:
        command.append("--images=" + _pairs(action.addon.images.items()))
        command.append("--registries=" + _pairs(action.addon.registries.items()))
    return command


def _pairs(items: object) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(items))  # type: ignore[call-overload]
