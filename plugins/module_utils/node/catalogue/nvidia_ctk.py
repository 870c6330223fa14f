# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the container toolkit, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, CONVERGE, ERROR, REFUSE, TELL, WARNING
from .check import Check

_INSTALL = (
    "apt-get install --yes --allow-downgrades nvidia-container-toolkit={version} "
    "nvidia-container-toolkit-base={version} libnvidia-container-tools={version} libnvidia-container1={version}"
)

CHECKS: dict[str, Check] = {
    "CTK001": Check(
        ERROR,
        CONVERGE,
        "The toolkit is not installed",
        cause="without its hook the engine says 'could not select device driver'; minikube does not look, and its "
        "start fails "
        "late and leaves half a profile",
        fix="run role nvidia_ctk",
        see="the four packages in dpkg's list, and nvidia-container-runtime-hook on the daemon's PATH",
        sources=("NVIDIA/nvidia-docker#1034", "NVIDIA/nvidia-docker#1470", "dstackai/dstack#1947"),
    ),
    "CTK002": Check(
        ERROR,
        CONVERGE,
        "The engine has not taken over the toolkit",
        cause="docker looks for the hook when it starts and reads its runtimes when it is reloaded; neither has "
        "happened "
        "since they changed",
        fix="run role nvidia_ctk; where a restart is due, at a time when it may stop the cluster's node, which does "
        "not come "
        "back by itself",
        see="the note of the changes in /run, the start of the engine's process, and runtimes in daemon.json that GET "
        "/info "
        "lacks",
        sources=("NVIDIA/nvidia-docker#1034", "NVIDIA/nvidia-container-toolkit#854"),
    ),
    "CTK003": Check(
        ERROR,
        CONVERGE,
        "The toolkit's packages have different versions",
        cause="some were upgraded by themselves, or are held; the hook and its library then don't understand each "
        "other",
        fix="install one version of all four; role nvidia_ctk does",
        see="versions of the four packages in dpkg's list",
        commands=(_INSTALL,),
        sources=(
            "NVIDIA/nvidia-container-toolkit#1091",
            "NVIDIA/nvidia-container-toolkit#650",
            "NVIDIA/nvidia-container-toolkit#1460",
            "NVIDIA/nvidia-container-toolkit#1478",
            "NVIDIA/libnvidia-container#280",
            "NVIDIA/libnvidia-container#301",
        ),
    ),
    "CTK004": Check(
        WARNING,
        TELL,
        "Containers lose their GPUs when systemd reloads its units",
        cause="with cgroup driver systemd, 'systemctl daemon-reload' renews the device rules of running containers, "
        "and finds "
        "devices by their links below /dev/char, which NVIDIA's driver does not make. NVML then says 'Unknown Error'",
        fix="make the links (a udev rule may do it at each boot), or hand GPUs out by CDI",
        see="the engine's cgroup driver, and /dev/char/195:* for each device of the driver",
        commands=("nvidia-ctk system create-dev-char-symlinks --create-all",),
        sources=(
            "NVIDIA/nvidia-container-toolkit#48",
            "NVIDIA/nvidia-container-toolkit#251",
            "NVIDIA/nvidia-container-toolkit#1227",
            "NVIDIA/nvidia-docker#1730",
            "NVIDIA/gpu-operator#485",
            "NVIDIA/k8s-device-plugin#426",
            "skypilot-org/skypilot#3436",
        ),
    ),
    "CTK005": Check(
        ERROR,
        TELL,
        "The CDI specification is stale",
        cause="it was generated for another driver or for other GPUs: containers fail with 'unresolvable CDI "
        "devices', or miss "
        "a library",
        fix="generate it again, and enable the toolkit's refresh unit where it has one",
        see="devices and library versions in /etc/cdi and /var/run/cdi, against the loaded driver and NVML",
        commands=("nvidia-ctk cdi generate --output={file}",),
        sources=(
            "kubernetes/minikube#20597",
            "NVIDIA/nvidia-container-toolkit#126",
            "NVIDIA/nvidia-container-toolkit#1743",
            "NVIDIA/nvidia-container-toolkit#1967",
            "dstackai/dstack#2306",
            "gpustack/gpustack#3808",
        ),
    ),
    "CTK006": Check(
        WARNING,
        TELL,
        "Containers that ask for no GPU see all of them",
        cause="with nvidia as the default runtime, the variable NVIDIA_VISIBLE_DEVICES of an image is enough",
        fix="refuse the variable to unprivileged containers, and hand GPUs out by volume mounts or CDI",
        see="the engine's default runtime, and accept-nvidia-visible-devices-envvar-when-unprivileged in config.toml."
        " This judges the engine of this machine; minikube's node has an engine and a config.toml of its own, which"
        " nothing here reads, and no playbook proves that a pod which asks for no GPU sees none",
        commands=("nvidia-ctk config --in-place --set {option}=false",),
        sources=(
            "NVIDIA/k8s-device-plugin#61",
            "NVIDIA/k8s-device-plugin#87",
            "NVIDIA/k8s-device-plugin#195",
            "NVIDIA/k8s-device-plugin#1605",
            "skypilot-org/skypilot#8116",
            "skypilot-org/skypilot#2721",
        ),
    ),
    "CTK007": Check(
        ERROR,
        CONVERGE,
        "The repository's key is missing, expired or another one",
        cause="the key was replaced by its vendor, or the file was never written or was changed since",
        fix="run role nvidia_ctk with the pinned fingerprint; never make apt trust the repository without a key",
        see="primary keys in the keyring file, their end, and its mode, against the pinned fingerprint",
        sources=("NVIDIA/nvidia-container-toolkit#59", "NVIDIA/nvidia-docker#1524"),
    ),
    "CTK008": Check(
        ERROR,
        CONVERGE,
        "The toolkit is below its security floor",
        cause="a container may escape to the host",
        fix="upgrade it with role nvidia_ctk",
        see="the installed and the wanted version against the floors",
        sources=("NVIDIA bulletin 5850", "NVIDIA/nvidia-container-toolkit#1208"),
    ),
    "CTK009": Check(
        ADVICE,
        CONVERGE,
        "The repository's entry in apt's sources differs",
        cause="the inputs have changed, or somebody has edited the file",
        fix="run role nvidia_ctk, which writes it",
        see="content, mode and owner of the role's file",
    ),
    "CTK010": Check(
        ADVICE,
        CONVERGE,
        "The runtime in daemon.json differs",
        cause="the inputs have changed, or the role has not run yet",
        fix="run role nvidia_ctk, which merges its keys",
        see="digests of the wanted keys against those in the file and in the role's record of earlier values",
    ),
    "CTK011": Check(
        ADVICE,
        CONVERGE,
        "The toolkit is of another version",
        cause="nvidia_ctk_version has changed, or the packages were upgraded by something else",
        fix="run role nvidia_ctk, which installs the wanted version",
        see="versions of the four packages in dpkg's list",
        commands=(_INSTALL,),
    ),
    "CTK012": Check(
        ERROR,
        REFUSE,
        "An input of role nvidia_ctk can't work",
        cause="the value is no version or no fingerprint, or would show a password",
        fix="correct the input",
        see="the role's inputs",
    ),
    "CTK013": Check(
        ERROR,
        REFUSE,
        "The restart that the toolkit needs is not allowed",
        cause="docker looks for the toolkit's hook once, when it starts; a restart stops every container",
        fix="stop the containers, or set nvidia_ctk_restart: always",
        see="the hook on the daemon's PATH, nvidia_ctk_restart, and the containers that run",
    ),
    "CTK014": Check(
        ERROR,
        REFUSE,
        "The repository is listed by another entry of apt's sources",
        cause="somebody has followed the vendor's instructions; apt refuses every command when one repository is "
        "listed with "
        "two keys",
        fix="take that entry out, or move the file out of /etc/apt/sources.list.d; the role adds its own",
        see="every enabled entry in /etc/apt/sources.list and /etc/apt/sources.list.d",
    ),
}
