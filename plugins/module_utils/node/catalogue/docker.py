# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the container engine, by their stable ids: an id is never reused or renumbered."""

from __future__ import annotations

from ..model import ADVICE, CONVERGE, ERROR, REFUSE, TELL, WARNING
from .check import Check

CHECKS: dict[str, Check] = {
    "DOC001": Check(
        ERROR,
        CONVERGE,
        "The engine does not answer",
        cause="its service is stopped, systemd has given up on it after failed starts, or the daemon hangs",
        fix="start it: 'systemctl start docker'. After 'start request repeated too quickly', reset-failed comes first, "
        "or even a corrected configuration does not start",
        see="GET /_ping on docker's socket with a deadline, and the unit's state; a stopped engine is not asked, "
        "because the question would start it",
        commands=("systemctl reset-failed docker.socket {unit}", "systemctl start {unit}"),
    ),
    "DOC002": Check(
        ERROR,
        REFUSE,
        "daemon.json is not valid",
        cause="JSON knows no comments, trailing commas, byte order marks or keys given twice; dockerd also refuses "
        "keys that it doesn't know and options that its command line sets as well",
        fix="mend the file by hand at that place, or put back the last copy; nothing is written to it until it parses",
        see="/etc/docker/daemon.json, read strictly, with line and column; the command line of docker.service",
        commands=(
            "cp --preserve=all -- {path} {path}.broken",
            "cp --preserve=mode,ownership -- {backup} {path}",
        ),
    ),
    "DOC003": Check(
        ERROR,
        CONVERGE,
        "A key that this collection set has vanished from daemon.json",
        cause="another tool has rewritten the whole file from a template of its own",
        fix="run the role that set the key again, and set it in that other tool too",
        see="the record of the keys that each role has set, against the file",
        commands=(
            "nvidia-ctk runtime configure --runtime=docker --nvidia-runtime-name={runtime}",
            "systemctl reload docker",
        ),
        sources=(
            "geerlingguy/ansible-role-docker#84",
            "NVIDIA/ansible-role-nvidia-docker#9",
            "NVIDIA/nvidia-docker#504",
            "NVIDIA/nvidia-docker#1448",
            "NVIDIA/gpu-operator#182",
        ),
    ),
    "DOC004": Check(
        ERROR,
        REFUSE,
        "Docker from snap",
        cause="the snap reads another daemon.json and can't run the toolkit's hook",
        fix="remove it yourself ('snap remove docker') and run again; no engine is ever removed unasked",
        see="/snap/bin/docker, /var/snap/docker, and the engine's DockerRootDir",
        sources=(
            "NVIDIA/nvidia-docker#1311",
            "NVIDIA/nvidia-docker#1591",
            "NVIDIA/nvidia-docker#1637",
            "NVIDIA/nvidia-docker#1642",
        ),
    ),
    "DOC005": Check(
        ERROR,
        REFUSE,
        "Docker Desktop",
        cause="the active context leads into a virtual machine without GPU; on WSL2, Docker Desktop keeps its own "
        "settings",
        fix="run 'docker context use default' with a native engine beside it",
        see="currentContext in root's ~/.docker/config.json, and the engine's OperatingSystem",
        sources=("NVIDIA/nvidia-docker#1717", "docker/roadmap#693", "docker/for-win#13685"),
    ),
    "DOC006": Check(
        ERROR,
        REFUSE,
        "A rootless engine, or the toolkit is set up for one",
        cause="a rootless engine can't hand out devices; with no-cgroups left over, a rootful one doesn't either: "
        "NVML says "
        "'Unknown Error' or 'Insufficient Permissions' in containers",
        fix="stop the rootless engine and let role docker set up the rootful one",
        see="name=rootless among the engine's SecurityOptions; no-cgroups in the toolkit's config.toml",
        commands=("nvidia-ctk config --in-place --set {option}=false",),
        sources=(
            "NVIDIA/nvidia-docker#1155",
            "NVIDIA/nvidia-container-toolkit#85",
            "NVIDIA/nvidia-container-toolkit#115",
            "NVIDIA/nvidia-container-toolkit#381",
            "NVIDIA/nvidia-container-toolkit#1036",
            "NVIDIA/dcgm-exporter#440",
        ),
    ),
    "DOC007": Check(
        ERROR,
        REFUSE,
        "docker is podman's wrapper",
        cause="package podman-docker puts podman behind the name and the socket of docker; podman hands out GPUs by "
        "CDI only",
        fix="remove podman-docker, then run again; podman itself may stay",
        see="package podman-docker, and the names of the components in GET /version",
        commands=("apt-get remove --yes {package}",),
        sources=("datalab-to/marker#1085", "NixOS/nixpkgs#293857"),
    ),
    "DOC008": Check(
        WARNING,
        TELL,
        "A user is in group docker",
        cause="who may talk to the engine may start a container that writes anywhere on the machine: the group equals "
        "root",
        fix="remove the user from the group, or list it in docker_users",
        see="members of group docker in /etc/group, other than the listed users",
        commands=("gpasswd --delete {user} docker",),
        sources=("CIS Docker benchmark 1.1",),
    ),
    "DOC009": Check(
        WARNING,
        TELL,
        "Engine, containerd or runc below its security floor",
        cause="a release with known holes runs",
        fix="upgrade the packages from where they came; the collection never does it silently",
        see="the versions in GET /version against the floors; a distribution's build is not judged by its number",
        sources=("CVE-2026-41567", "CVE-2026-47262", "CVE-2025-31133"),
    ),
    "DOC010": Check(
        ADVICE,
        CONVERGE,
        "The engine is absent or from another source",
        cause="no engine was installed yet, or a package of it was removed",
        fix="run role docker, which installs it",
        see="dpkg's list of packages, and whether an engine of another origin answers",
        commands=("apt-get install --yes --no-install-recommends {package}",),
    ),
    "DOC011": Check(
        ADVICE,
        CONVERGE,
        "A key of daemon.json differs from the inputs",
        cause="the inputs have changed, or the role has not run yet",
        fix="run role docker, which merges the key",
        see="digests of the wanted keys against those in the file and in the role's record of earlier values",
    ),
    "DOC012": Check(
        ADVICE,
        CONVERGE,
        "The drop-in with the engine's proxy differs",
        cause="docker_proxy has changed, or somebody has edited the file",
        fix="run role docker, which writes it",
        see="content, mode and owner of the drop-in of docker.service",
    ),
    "DOC013": Check(
        WARNING,
        CONVERGE,
        "The engine has not taken over what is on the disk",
        cause="a setting was changed after the engine had started, and the run that changed it ended early or may not "
        "restart it",
        fix="run role docker at a time when the engine may restart; that stops its containers",
        see="the note of the changes in /run, the start of the engine's process, and runtimes in the file that GET "
        "/info "
        "lacks",
    ),
    "DOC014": Check(
        ERROR,
        REFUSE,
        "An input of role docker can't work",
        cause="the value is none that the engine takes, names a user that isn't there, or would show a password",
        fix="correct the input",
        see="the role's inputs, and /etc/passwd for the listed users",
    ),
    "DOC015": Check(
        ADVICE,
        CONVERGE,
        "The engine does not start at boot",
        cause="its unit is disabled, masked or missing",
        fix="enable it: 'systemctl enable docker.service'",
        see="LoadState and UnitFileState of docker.service",
        commands=("systemctl enable {unit}",),
    ),
    "DOC016": Check(
        ADVICE,
        CONVERGE,
        "A listed user is not in group docker",
        cause="the user was added to docker_users, or somebody has taken it out of the group",
        fix="run role docker, which adds it; a new login is needed to see it",
        see="members of group docker in /etc/group",
        commands=("usermod --append --groups docker {user}",),
    ),
    "DOC017": Check(
        ADVICE,
        TELL,
        "Log settings of somebody else stay",
        cause="daemon.json has a log driver or log options that this role did not set; half of one set with half of "
        "another "
        "may keep the engine from starting",
        fix="name log-driver and log-opts in docker_settings to have the role set them, or leave docker_log_max_size "
        "empty",
        see="keys of daemon.json, and the role's record of those that it has set",
    ),
}
