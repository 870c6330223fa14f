# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check by its stable id: an id is never reused or renumbered."""

from __future__ import annotations

from .model import ADVICE, ERROR, WARNING

# id: (severity, title)
CHECKS: dict[str, tuple[str, str]] = {
    "SYS002": (ERROR, "The platform is not supported"),
    "SYS003": (ERROR, "cgroup v1 with a kubelet that refuses it"),
    "SYS005": (ERROR, "Too little free disk"),
    "SYS008": (ERROR, "A minikube node sees no GPU on WSL2"),
    "SYS010": (ADVICE, "An easier way exists for this machine"),
    "GPU001": (ERROR, "No NVIDIA GPU"),
    "GPU002": (ERROR, "Fewer GPUs than expected"),
    "GPU003": (ERROR, "A GPU is lost or requires a reset"),
    "GPU004": (ERROR, "NVML does not answer"),
    "GPU006": (WARNING, "Different GPU models in one node"),
    "GPU007": (ADVICE, "A GPU drives a display"),
    "DRV001": (ERROR, "No driver is loaded"),
    "DRV002": (ERROR, "Driver and library versions differ"),
    "DOC001": (ERROR, "The engine does not answer"),
    "DOC002": (ERROR, "daemon.json is not valid"),
    "DOC004": (ERROR, "Docker from snap"),
    "DOC005": (ERROR, "Docker Desktop"),
    "DOC006": (ERROR, "Rootless engine"),
    "DOC007": (ERROR, "docker is podman's wrapper"),
    "DOC008": (WARNING, "A user is in group docker"),
    "DOC010": (ADVICE, "The engine is absent or from another source"),
    "CTK001": (ERROR, "The toolkit is not installed"),
    "CTK003": (ERROR, "Toolkit packages of different versions"),
    "CTK006": (WARNING, "Pods without a GPU request see all GPUs"),
    "CTK008": (ERROR, "The toolkit is below its security floor"),
    "K8S001": (ERROR, "The profile was created without GPUs"),
    "K8S002": (WARNING, "Start flags drifted"),
    "K8S003": (ERROR, "The profile is half created"),
    "K8S004": (ERROR, "The node is not running"),
    "K8S009": (ERROR, "minikube would run as root"),
    "K8S019": (ERROR, "The node would be larger than the machine"),
    "K8S020": (ERROR, "The account or home is somebody else's"),
    "NFS001": (ERROR, "An export is open to everyone"),
    "NFS002": (WARNING, "The path is exported by another file too"),
    "NFS003": (ERROR, "The kernel cannot serve NFS"),
    "AGT002": (ERROR, "No queue, or one named twice"),
    "AGT004": (ERROR, "The base URL does not work from pods"),
    "AGT009": (WARNING, "More jobs at once than GPUs"),
    "AGT011": (ERROR, "The API key is missing or too short"),
    "AGT017": (ERROR, "No entity"),
}


def severity_of(check: str) -> str:
    """Return the severity of a check."""
    return CHECKS[check][0]


def title_of(check: str) -> str:
    """Return the one-line title of a check."""
    return CHECKS[check][1]
