# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What minikube's exit codes mean, and what to do about them."""

from __future__ import annotations

import re

from ..lean_dataclass import dataclass

AS_ROOT = (
    "K8S009: minikube would run as root: it refuses the docker driver for uid 0 (DRV_AS_ROOT), and --force, which "
    "lifts that, turns hard errors into messages. Set `user` to a dedicated account in group docker"
)


class MinikubeError(Exception):
    """Something about minikube's answers or the inputs that a person has to look at."""


class NoAccount(MinikubeError):
    """The user that minikube would run as does not exist."""


@dataclass(frozen=True)
class Cause:
    """One exit code: its usual name, what it means, what to do."""

    name: str
    cause: str
    fix: str


UNKNOWN = Cause("", "minikube failed in a way that this collection does not know", "read the messages below")

CAUSES: dict[int, Cause] = {
    10: Cause("RSRC_OVER_ALLOC_MEM", "more memory is asked for than the host has", "lower memory_mib"),
    14: Cause("MK_USAGE", "minikube refuses a value", "correct the value that the message names"),
    23: Cause("RSRC_INSUFFICIENT_REQ_MEMORY", "less than 1800 MB are asked for", "raise memory_mib"),
    29: Cause("RSRC_INSUFFICIENT_CORES", "fewer than 2 CPUs, or more than the host has, are asked for", "correct cpus"),
    48: Cause(
        "INET_LOOKUP_HOST",
        "something had to be downloaded and the name of its host was not found",
        "give mirrors or image archives for all downloads, or a network",
    ),
    55: Cause("DRV_NOT_DETECTED", "minikube found no driver", "install docker first"),
    56: Cause("DRV_UNSUPPORTED_OS", "this driver does not exist on this system", "use the docker driver"),
    57: Cause("DRV_AS_ROOT", "minikube refuses to run as root", "use a dedicated user in group docker, never --force"),
    63: Cause("PROVIDER_DOCKER_NOT_RUNNING", "the docker daemon does not answer", "start docker, then run again"),
    65: Cause("PROVIDER_DOCKER_NOT_FOUND", "there is no docker command on PATH", "install the docker client"),
    69: Cause("PROVIDER_DOCKER_NEWGRP", "the user may not use docker's socket", "add the user to group docker"),
    80: Cause("GUEST_PROVISION", "the node container could not be created", "read docker's message below"),
    81: Cause("GUEST_DRIVER_MISMATCH", "the profile was made with another driver", "delete the profile first"),
    82: Cause("GUEST_STOP_TIMEOUT", "the node could not be stopped", "look whether docker answers"),
    85: Cause("", "there is no such profile", "create it first"),
    90: Cause("RUNTIME_ENABLE", "the container runtime inside the node does not start", "read `minikube logs`"),
    100: Cause(
        "K8S_INSTALL_FAILED",
        "a downloaded Kubernetes program has a wrong checksum",
        "correct the .sha256 files of the binary mirror",
    ),
    106: Cause(
        "K8S_DOWNGRADE_UNSUPPORTED",
        "the Kubernetes version is below the profile's, or too old for this minikube",
        "delete the profile first, or ask for a newer version",
    ),
}

_EXITING = re.compile(r"Exiting due to ([A-Z][A-Z0-9_]*): *(.*)", re.DOTALL)
_NO_GPU_HOOK = re.compile(r'could not select device driver "(\w*)"')


def explain(action: str, rc: int, name: str, message: str) -> str:
    """One text for a failed command: what was run, what it means, what to do, what minikube said."""
    known = CAUSES.get(rc, UNKNOWN)
    fix = known.fix
    hook = _NO_GPU_HOOK.search(message)
    if hook:
        missing = "CDI files" if hook.group(1) == "cdi" else "nvidia-container-runtime-hook"
        fix = f"docker knew no {missing} when it started: install the NVIDIA Container Toolkit, then restart docker"
    label = name or known.name
    head = f"minikube {action} ended with status {rc}" + (f" ({label})" if label else "")
    said = " ".join(message.split())[:1500]
    return f"{head}: {known.cause}. Do: {fix}." + (f" minikube said: {said}" if said else "")


def from_text(text: str) -> tuple[str, str]:
    """Name and message of a failure in text mode; the whole text where there is no `Exiting due to` line."""
    match = _EXITING.search(text)
    return (match.group(1), match.group(2)) if match else ("", text)
